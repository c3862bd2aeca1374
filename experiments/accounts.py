"""Sums over a journal's model calls that come out the same in whatever order the calls were finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from fgo.types import Json, Usage


@dataclass(frozen=True, slots=True)
class Sum:
    """Added-up usage; dollars are exact, so the order of addition can't show in the last digit."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    exact_dollars: Fraction = Fraction(0)

    @property
    def dollars(self) -> float:
        return float(self.exact_dollars)

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Sum) -> Sum:
        return Sum(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def plus(self, usage: Mapping[str, Json]) -> Sum:
        return Sum(
            self.prompt_tokens + usage["prompt_tokens"],
            self.cached_tokens + usage["cached_tokens"],
            self.completion_tokens + usage["completion_tokens"],
            self.reasoning_tokens + usage["reasoning_tokens"],
            self.exact_dollars + Fraction(usage["dollars"]),
        )

    def to_json(self) -> dict[str, Json]:
        return Usage(
            self.prompt_tokens, self.cached_tokens, self.completion_tokens, self.reasoning_tokens, self.dollars
        ).to_json()


@dataclass(frozen=True, slots=True)
class Account:
    """What a role in a phase asked for: `uncached` is what it would have cost without our cache, `paid` what was paid.

    `failed` counts attempts that ended in an error; what they cost is in `paid`, never in `uncached`: how often a
    provider falters is no property of a method.
    """

    calls: int = 0
    cached_calls: int = 0
    failed: int = 0
    uncached: Sum = Sum()
    paid: Sum = Sum()

    def __add__(self, other: Account) -> Account:
        return Account(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def with_event(self, event: Mapping[str, Json]) -> Account:
        """This account after a "call" or "attempt" event."""
        if event["kind"] == "attempt":
            return replace(self, failed=self.failed + 1, paid=self.paid.plus(event["usage"]))
        return replace(
            self,
            calls=self.calls + 1,
            cached_calls=self.cached_calls + event["cached"],
            uncached=self.uncached.plus(event["usage"]),
            paid=self.paid.plus(event["paid"]),
        )

    def to_json(self) -> dict[str, Json]:
        counts = {"calls": self.calls, "cached_calls": self.cached_calls, "failed_attempts": self.failed}
        return {**counts, "uncached": self.uncached.to_json(), "paid": self.paid.to_json()}
