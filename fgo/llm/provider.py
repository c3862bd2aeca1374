"""What answers requests: the `Provider` protocol, and how an attempt of it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from fgo.llm.types import NO_USAGE, Finish, ModelError, ProviderUnavailable, Request
from fgo.types import Json, Usage


@dataclass(frozen=True, slots=True)
class Completion:
    """A provider's answer. `usage` holds tokens only, the client prices them; both zero where it reported none.

    `seconds` and `payer` are set by replays: how long the recorded call took, and the id of the call that paid for it
    ("" if none did, None: whoever asks pays). `estimated`: the provider reported no usage, it is our own count.
    """

    text: str
    finish: Finish
    usage: Usage
    tool_calls: tuple[Json, ...] = ()
    model: str = ""
    seconds: float | None = None
    payer: str | None = None
    estimated: bool = False


def completion_to_json(completion: Completion) -> dict[str, Json]:
    """A completion as cache and recordings hold it."""
    usage = completion.usage
    return {
        "text": completion.text,
        "finish": completion.finish,
        "tokens": [usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, usage.reasoning_tokens],
        "tool_calls": list(completion.tool_calls),
        "model": completion.model,
        "seconds": completion.seconds,
        "payer": completion.payer,
        "estimated": completion.estimated,
    }


def completion_from_json(data: Mapping[str, Json]) -> Completion:
    return Completion(
        data["text"], data["finish"], Usage(*data["tokens"]), tuple(data["tool_calls"]), data["model"], data["seconds"],
        data["payer"], data["estimated"],
    )  # fmt: skip


class AttemptFailed(Exception):
    """One attempt failed. `final` is what the call fails with when it is not tried again.

    name: the class of the underlying error. retry: whether another attempt can help. retry_after: seconds the provider
    asks to wait. usage: tokens that it reported all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        name: str,
        retry: bool,
        final: type[ModelError] = ProviderUnavailable,
        retry_after: float | None = None,
        usage: Usage = NO_USAGE,
    ) -> None:
        super().__init__(message)
        self.name, self.retry, self.final, self.retry_after, self.usage = name, retry, final, retry_after, usage


class Provider(Protocol):
    """Something that completes requests: one attempt, no cache, no retries, no limits (the client has them)."""

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        """Raises AttemptFailed; ReplayMiss where it is a replay. Cancelling it must stop it at once."""

    async def close(self) -> None:
        """Release connections. Safe to call twice."""
