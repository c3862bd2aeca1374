"""How a fresh completion is got from one model's provider: within window, budget and limits, with retries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import orjson

from fgo.llm.budget import Budget
from fgo.llm.config import ModelConfig
from fgo.llm.limiter import Limiter
from fgo.llm.prices import at_most, priced, rates_of
from fgo.llm.provider import AttemptFailed, Completion, Provider
from fgo.llm.retry import with_retries
from fgo.llm.secrets import without_secrets
from fgo.llm.tokens import bound_messages, count_messages, count_text, counts_exactly
from fgo.llm.types import NO_USAGE, ContextOverflow, Request
from fgo.types import Usage

NoteFailure = Callable[[AttemptFailed, Usage, float], None]
"""Takes a failed attempt, what it cost and its seconds, before the next attempt begins."""

_MARGIN = 1.5  # by which a provider's count of a prompt may exceed ours where our tokenizer isn't the model's own


class Asker:
    """One configured model at its provider. Raises ValueError at once where it has no known price."""

    def __init__(self, provider: Provider, config: ModelConfig, budget: Budget) -> None:
        self._provider, self._config, self._budget = provider, config, budget
        self._limiter = Limiter(config)
        self.rates = rates_of(config)

    def check_window(self, request: Request) -> None:
        """Raises ContextOverflow where prompt and reply exceed the window, by our count."""
        config = self._config
        reply_tokens = request.max_tokens or config.max_output
        if bound_messages(request.messages, request.tools) + reply_tokens <= config.window:
            return
        prompt_tokens = count_messages(request.messages, config.name, request.tools)
        if prompt_tokens + reply_tokens > config.window:
            raise ContextOverflow(
                f"the prompt has {prompt_tokens} tokens; with {reply_tokens} for the reply it exceeds the window of "
                f"{config.name}, {config.window} tokens"
            )

    async def ask(self, request: Request, call: str, note_failure: NoteFailure) -> Completion:
        """A completion with its usage and seconds. `call` names it, for the jitter of its retries.

        Raises BadRequest, ContextOverflow, ProviderUnavailable, BudgetExceeded.
        """
        prompt, reply = self._most_tokens(request)
        most = at_most(prompt, reply, self.rates)
        failed = NO_USAGE

        async def attempt() -> Completion:
            nonlocal failed
            async with self._limiter.slot(prompt + reply), self._budget.reservation(most):
                began = time.perf_counter()
                try:
                    completion = await self._within_timeout(request)
                except AttemptFailed as error:
                    usage = priced(error.usage, self.rates)
                    failed += usage
                    self._budget.spend(usage)
                    self._limiter.hand_back(prompt + reply - usage.tokens)
                    note_failure(error, usage, time.perf_counter() - began)
                    if error.retry_after is not None and error.retry_after <= self._config.longest_wait_seconds:
                        self._limiter.hold(error.retry_after)
                    raise
                completion = _complete(completion, request, time.perf_counter() - began)
                self._limiter.hand_back(prompt + reply - completion.usage.tokens)
                if completion.payer in (None, call):
                    self._budget.spend(priced(completion.usage, self.rates), calls=1)
                return completion

        try:
            return await with_retries(attempt, call, self._config)
        except AttemptFailed as error:
            raise error.final(self._explain(error), failed) from error

    def _most_tokens(self, request: Request) -> tuple[int, int]:
        """Prompt and reply tokens at most. Not counted exactly where nobody needs it."""
        reply = request.max_tokens or self._config.max_output
        bound = bound_messages(request.messages, request.tools)
        if not (self._limiter.counts_tokens or self._budget.limits_anything):
            return bound, reply
        prompt = count_messages(request.messages, self._config.name, request.tools)
        if not counts_exactly(self._config.name):
            prompt = min(bound, round(prompt * _MARGIN))
        return prompt, reply

    async def _within_timeout(self, request: Request) -> Completion:
        """One attempt, ended by its timeout however slowly the answer drips."""
        seconds = self._config.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._provider.complete(request, seconds)
        except TimeoutError as error:
            raise AttemptFailed(f"no answer in {seconds:g} s", name="Timeout", retry=True) from error

    def _explain(self, error: AttemptFailed) -> str:
        config = self._config
        message = f"{config.name}: {error.name}: {without_secrets(str(error))}"
        if not error.retry:
            return message
        if error.retry_after is not None and error.retry_after > config.longest_wait_seconds:
            return (
                f"{message} (the provider asks to wait {error.retry_after:.0f} s, more than model.longest_wait_seconds="
                f"{config.longest_wait_seconds:g}; the same command goes on later where it stopped)"
            )
        return f"{message} (given up after {config.attempts} attempts, model.attempts)"


def _complete(completion: Completion, request: Request, seconds: float) -> Completion:
    """The completion with what a provider may leave out: its seconds, and its usage as our own count (marked so)."""
    if completion.seconds is None:
        completion = replace(completion, seconds=round(seconds, 3))
    if completion.usage.tokens:
        return completion
    calls = "".join(orjson.dumps(call).decode() for call in completion.tool_calls)
    usage = Usage(
        prompt_tokens=count_messages(request.messages, request.model, request.tools),
        completion_tokens=count_text(completion.text + calls, request.model),
    )
    return replace(completion, usage=usage, estimated=True)
