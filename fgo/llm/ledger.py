"""Who used what: a function of journal events. Tokens, money, calls and latency by role, by phase and by both.

Two figures are kept apart. `usage` is what the finished calls cost without any cache, the figure to compare methods by.
`paid` is what providers reported for this run, failed attempts included, cache hits not: what a bill would say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fgo.llm.types import NO_USAGE
from fgo.types import Json, Usage

_UNIT = 1e12  # dollars are summed as whole picodollars, so that a sum depends on no order
_TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")


class _Sum:
    """A running sum of usages."""

    __slots__ = ("picodollars", "tokens")

    def __init__(self) -> None:
        self.tokens = dict.fromkeys(_TOKENS, 0)
        self.picodollars = 0

    def add(self, usage: Mapping[str, Json]) -> None:
        for key, value in usage.items():
            if key == "dollars":
                self.picodollars += round(value * _UNIT)
            else:
                self.tokens[key] += value

    def include(self, other: _Sum) -> None:
        for key, value in other.tokens.items():
            self.tokens[key] += value
        self.picodollars += other.picodollars

    def usage(self) -> Usage:
        return Usage(**self.tokens, dollars=self.picodollars / _UNIT)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger. calls: finished ones, `cached` and `truncated` (finish "length") among them.

    failed: what failed attempts cost, a part of `paid`. seconds: what the calls took when they were first made.
    """

    calls: int = 0
    cached: int = 0
    truncated: int = 0
    failed_attempts: int = 0
    usage: Usage = NO_USAGE
    paid: Usage = NO_USAGE
    failed: Usage = NO_USAGE
    longest_prompt: int = 0
    seconds: float = 0.0
    longest_seconds: float = 0.0

    @property
    def mean_prompt(self) -> float:
        """Prompt tokens per finished call."""
        return self.usage.prompt_tokens / self.calls if self.calls else 0.0

    @property
    def mean_seconds(self) -> float:
        """Latency of a call."""
        return self.seconds / self.calls if self.calls else 0.0

    def to_json(self) -> dict[str, Json]:
        return {
            "calls": self.calls,
            "cached": self.cached,
            "truncated": self.truncated,
            "failed_attempts": self.failed_attempts,
            "usage": self.usage.to_json(),
            "paid": self.paid.to_json(),
            "failed": self.failed.to_json(),
            "mean_prompt": self.mean_prompt,
            "longest_prompt": self.longest_prompt,
            "mean_seconds": self.mean_seconds,
            "longest_seconds": self.longest_seconds,
        }


@dataclass
class _Account:
    calls: int = 0
    cached: int = 0
    truncated: int = 0
    failed_attempts: int = 0
    usage: _Sum = field(default_factory=_Sum)
    paid: _Sum = field(default_factory=_Sum)
    failed: _Sum = field(default_factory=_Sum)
    longest_prompt: int = 0
    milliseconds: int = 0
    longest_milliseconds: int = 0

    def call(self, event: Mapping[str, Any]) -> None:
        self.calls += 1
        self.truncated += event["finish"] == "length"
        self.usage.add(event["usage"])
        self.longest_prompt = max(self.longest_prompt, event["usage"].get("prompt_tokens", 0))
        self.cached += event["cached"]
        self.paid.add(event["paid"])
        milliseconds = round(event["seconds"] * 1000)
        self.milliseconds += milliseconds
        self.longest_milliseconds = max(self.longest_milliseconds, milliseconds)

    def attempt(self, event: Mapping[str, Any]) -> None:
        self.failed_attempts += 1
        self.failed.add(event["usage"])
        self.paid.add(event["usage"])

    def include(self, other: _Account) -> None:
        self.calls += other.calls
        self.cached += other.cached
        self.truncated += other.truncated
        self.failed_attempts += other.failed_attempts
        self.usage.include(other.usage)
        self.paid.include(other.paid)
        self.failed.include(other.failed)
        self.longest_prompt = max(self.longest_prompt, other.longest_prompt)
        self.milliseconds += other.milliseconds
        self.longest_milliseconds = max(self.longest_milliseconds, other.longest_milliseconds)

    def line(self) -> Line:
        return Line(
            self.calls, self.cached, self.truncated, self.failed_attempts,
            self.usage.usage(), self.paid.usage(), self.failed.usage(),
            self.longest_prompt, self.milliseconds / 1000, self.longest_milliseconds / 1000,
        )  # fmt: skip


class Ledger:
    """The ledger of a journal's events (`fgo.journal.read_events`); `add` books further ones.

    Holds one account per role and phase, however many events there are.
    """

    def __init__(self, events: Iterable[Mapping[str, Any]] = ()) -> None:
        self._accounts: dict[tuple[str, str], _Account] = {}
        for event in events:
            self.add(event)

    def add(self, event: Mapping[str, Any]) -> None:
        """Book a journal event; those that are neither a call nor an attempt are ignored."""
        kind = event["kind"]
        if kind not in ("call", "attempt"):
            return
        cell = (event["role"], event["phase"])
        account = self._accounts.get(cell)
        if account is None:
            account = self._accounts[cell] = _Account()
        if kind == "call":
            account.call(event)
        else:
            account.attempt(event)

    def by_role_and_phase(self) -> dict[tuple[str, str], Line]:
        return {cell: account.line() for cell, account in sorted(self._accounts.items())}

    def by_role(self) -> dict[str, Line]:
        return {name: _sum(accounts) for name, accounts in self._grouped(0)}

    def by_phase(self) -> dict[str, Line]:
        return {name: _sum(accounts) for name, accounts in self._grouped(1)}

    def total(self) -> Line:
        return _sum(self._accounts.values())

    def _grouped(self, axis: int) -> Iterator[tuple[str, list[_Account]]]:
        for name in sorted({cell[axis] for cell in self._accounts}):
            yield name, [account for cell, account in self._accounts.items() if cell[axis] == name]


def _sum(accounts: Iterable[_Account]) -> Line:
    total = _Account()
    for account in accounts:
        total.include(account)
    return total.line()
