"""The client: the one door to models. Journal, cache, budget, limits, retries and recording meet around a provider.

A reply is looked for in the run's journal, then among calls in flight, in the recording, the cache, and then asked for.
It is journalled before anyone sees it, so that a killed run pays for no finished call twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from fgo.journal import Journal
from fgo.llm.asking import Asker
from fgo.llm.budget import Budget
from fgo.llm.cache import Cache
from fgo.llm.config import BudgetConfig, ModelConfig
from fgo.llm.identity import call_id, request_key
from fgo.llm.ledger import Ledger
from fgo.llm.prices import priced
from fgo.llm.provider import AttemptFailed, Completion, Provider, completion_from_json, completion_to_json
from fgo.llm.recording import Recording
from fgo.llm.secrets import secret_key_in, without_secrets
from fgo.llm.tokens import count_messages
from fgo.llm.types import BadRequest, Caller, ContextOverflow, Message, ModelError, Reply, Request
from fgo.types import Json, Usage

_MESSAGE = 2000  # characters of a provider's error message that are kept


class Client:
    """Implements `Door`. One a run. Closed (best as an async context manager), it closes provider, cache and recording.

    ledger: what the run has used so far, earlier sessions included; kept up to date, read it at any time.
    """

    def __init__(
        self,
        provider: Provider,
        journal: Journal,
        models: Sequence[ModelConfig],
        *,
        cache: Cache | None = None,
        budget: BudgetConfig | None = None,
        recording: Recording | None = None,
    ) -> None:
        """models: those that may be asked; the first one's tokenizer counts.

        Raises ValueError where a model has no known price, before anything is spent.
        """
        self._provider, self._journal, self._cache, self._recording = provider, journal, cache, recording
        self._models = {config.name: config for config in models}
        self._counted_as = models[0].name
        self.ledger = Ledger()
        for event in journal.events():
            self.ledger.add(event)
            if (
                event["kind"] == "call" and cache is not None
            ):  # a kill may have kept it from the cache, and so from others
                cache.put(event["key"], completion_to_json(_completion(event)))
        earlier = self.ledger.total()
        self._budget = Budget(budget or BudgetConfig(), earlier.paid, earlier.calls - earlier.cached)
        self._askers = {config.name: Asker(provider, config, self._budget) for config in models}
        self._in_flight: dict[str, asyncio.Future[Completion | ModelError | None]] = {}

    def count_tokens(self, messages: tuple[Message, ...]) -> int:
        return count_messages(messages, self._counted_as)

    async def complete(self, request: Request, caller: Caller) -> Reply:
        config = self._config_of(request)
        if request.max_tokens is None:
            request = replace(request, max_tokens=config.max_output)
        self._askers[config.name].check_window(request)
        key = request_key(request)
        id = call_id(key, caller)
        while True:
            finished = self._journal.find("call", id)
            if finished is not None:
                if self._recording is not None:  # a kill may have kept it from the recording
                    self._recording.add(key, request, completion_to_json(_completion(finished)))
                return _reply(finished)
            in_flight = self._in_flight.get(key)
            if in_flight is None:
                break
            outcome = await asyncio.shield(in_flight)
            if isinstance(outcome, ModelError):
                raise type(outcome)(str(outcome))  # what the attempts cost is with the one who made them
            if outcome is not None and self._journal.find("call", id) is None:
                return self._finish(id, key, request, caller, outcome, paid=False)
        known = self._known(key)
        if known is not None:
            return self._finish(id, key, request, caller, known, paid=False)
        return await self._lead(id, key, request, caller)

    async def _lead(self, id: str, key: str, request: Request, caller: Caller) -> Reply:
        """Ask the provider, for whoever else asks the same meanwhile, too. They try themselves if this is cancelled."""
        waiting = self._in_flight[key] = asyncio.get_running_loop().create_future()
        outcome: Completion | ModelError | None = None
        try:
            completion = await self._askers[request.model].ask(
                request, id, partial(self._note_failure, id, key, request, caller)
            )
            reply = self._finish(id, key, request, caller, completion, paid=completion.payer in (None, id))
            outcome = completion
            return reply
        except ModelError as error:
            outcome = error
            raise
        finally:
            del self._in_flight[key]
            waiting.set_result(outcome)

    def _note_failure(
        self, id: str, key: str, request: Request, caller: Caller, error: AttemptFailed, usage: Usage, seconds: float
    ) -> None:
        message = without_secrets(str(error))[:_MESSAGE]
        self._book(
            "attempt", call=id, role=caller.role, phase=caller.phase, error=error.name, message=message,
            usage=_short(usage), seconds=round(seconds, 3),
        )  # fmt: skip
        # Other failures may pass; this one is an answer, and a replay needs it.
        if self._recording is not None and error.final is ContextOverflow:
            self._recording.refuse(key, request, error.name, message)

    def _known(self, key: str) -> Completion | None:
        """What this run's recording or the cache holds for a request."""
        stored = self._recording.find(key) if self._recording else None
        if stored is None and self._cache is not None:
            stored = self._cache.get(key)
        return None if stored is None else completion_from_json(stored)

    def _finish(
        self, id: str, key: str, request: Request, caller: Caller, completion: Completion, *, paid: bool
    ) -> Reply:
        """Journal a call, then keep its completion for others. On return nothing of it can be lost."""
        usage = priced(completion.usage, self._askers[request.model].rates)
        self._book(
            "call", id=id, role=caller.role, phase=caller.phase, scope=dict(caller.scope), key=key,
            model=completion.model or request.model, usage=_short(usage), paid=_short(usage) if paid else {},
            cached=not paid, finish=completion.finish, seconds=completion.seconds or 0.0, text=completion.text,
            tool_calls=list(completion.tool_calls), **({"estimated": True} if completion.estimated else {}),
        )  # fmt: skip
        stored = completion_to_json(replace(completion, payer=id if paid else ""))
        if self._recording is not None:
            self._recording.add(key, request, stored)
        if self._cache is not None:
            self._cache.put(key, stored)
        model = completion.model or request.model
        return Reply(completion.text, completion.finish, usage, not paid, completion.tool_calls, model)

    def _book(self, kind: str, /, **fields: Json) -> None:
        self._journal.append(kind, **fields)
        self.ledger.add({"kind": kind, **fields})

    def _config_of(self, request: Request) -> ModelConfig:
        config = self._models.get(request.model)
        if config is None:
            known = ", ".join(sorted(self._models))
            raise BadRequest(f"model {request.model!r} is not configured; configured: {known}")
        most = config.max_output
        if request.max_tokens is not None and not 0 < request.max_tokens <= most:
            raise BadRequest(
                f"max_tokens={request.max_tokens}: expected 1 to {most} (model.max_output of {config.name})"
            )
        found = secret_key_in(request.extra) if request.extra else ""
        if found:
            raise BadRequest(f"extra.{found} looks like a secret: give it in the provider's environment variable")
        return config

    async def close(self) -> None:
        """Close provider, cache and recording. The journal belongs to the run."""
        try:
            await self._provider.close()
        finally:
            if self._recording is not None:
                self._recording.close()
            if self._cache is not None:
                self._cache.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _short(usage: Usage) -> dict[str, Json]:
    """A usage as JSON, without its zeros: there are many of them in a journal."""
    fields = {
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "dollars": usage.dollars,
    }
    return {key: value for key, value in fields.items() if value}


def _completion(event: Mapping[str, Any]) -> Completion:
    """What a provider answered, from the journal's "call" event."""
    tokens = replace(Usage.from_json(event["usage"]), dollars=0.0)
    return Completion(
        event["text"], event["finish"], tokens, tuple(event["tool_calls"]), event["model"], event["seconds"],
        "" if event["cached"] else event["id"], estimated=event.get("estimated", False),
    )  # fmt: skip


def _reply(event: Mapping[str, Any]) -> Reply:
    return Reply(
        event["text"], event["finish"], Usage.from_json(event["usage"]), event["cached"], tuple(event["tool_calls"]),
        event["model"],
    )  # fmt: skip
