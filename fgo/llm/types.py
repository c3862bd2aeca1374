"""What goes through the door to models: a request, who asks, a reply, and the ways it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from fgo.types import Json, Phase, Role, Usage

Message = Mapping[str, Json]
"""A chat message as every provider takes it: {"role", "content"} and, for tools, their further keys."""

NO_USAGE = Usage()

Finish = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that can change an answer; all of it is in the cache key.

    `sample` numbers independent draws of an otherwise equal request; `seed` is sent to providers that take one.
    `extra` holds provider-specific fields (`api_base`, `extra_body`, ...); never a key or other secret.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    sample: int = 0
    tools: tuple[Json, ...] = ()
    response_format: Json = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the role, the phase, and where in the experiment (subset, epoch, merge level, episode, ...)."""

    role: Role
    phase: Phase
    scope: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished completion. `usage` is what it costs without our cache; `cached` says that this time it cost nothing.

    `finish == "length"` marks a truncated completion: whoever asked decides what to do, and never adopts it.
    """

    text: str
    finish: Finish
    usage: Usage
    cached: bool = False
    tool_calls: tuple[Json, ...] = ()
    model: str = ""


class ModelError(Exception):
    """A model call failed for good. `usage` is what the failed attempts cost, already in the ledger."""

    def __init__(self, message: str, usage: Usage = NO_USAGE) -> None:
        super().__init__(message)
        self.usage = usage


class BadRequest(ModelError):
    """The provider refuses the request as such (400, 401, 403, 404): retrying can't help. Says what to change."""


class ContextOverflow(ModelError):
    """The prompt exceeds the model's window, by our count or the provider's."""


class ProviderUnavailable(ModelError):
    """Rate limits, timeouts, 5xx or dropped connections outlasted the retries: an infrastructure failure."""


class ReplayMiss(ModelError):
    """A replayed run asked what the recording doesn't hold; the message shows what differs from the nearest."""


class BudgetExceeded(BaseException):
    """The next call could exceed the budget. A BaseException, so that no optimizer's `except Exception` swallows it."""


class Door(Protocol):
    """The one door to models, as agents and optimizers see it (fgo/llm/client.py implements it)."""

    async def complete(self, request: Request, caller: Caller) -> Reply:
        """The reply to a request. Asked twice in one run by the same caller, it is the same reply, paid once.

        Raises BadRequest, ContextOverflow, ProviderUnavailable, ReplayMiss, BudgetExceeded.
        """

    def count_tokens(self, messages: tuple[Message, ...]) -> int:
        """Prompt tokens of messages by the model's tokenizer, or the stated approximation of it."""
