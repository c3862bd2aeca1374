"""What a verdict is. Pure data: rules make it from groups of results, claims.py gathers it, formats.py writes it.

A claim is judged in parts: each reading of what it may mean, in each place where it can be seen (against which method, with
how many training tasks). A reading holds where all of its parts do, and fails where any does. What was run with a simulated
model can be consistent with a claim about real ones, or not; it can never reproduce it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from experiments.grouping import Group
from experiments.stats import Interval
from fgo.types import Json

Word = Literal[
    "reproduced",
    "not reproduced",
    "inconclusive",
    "not run",
    "simulated: consistent",
    "simulated: inconsistent",
]
Unit = Literal["points", "%", "times", ""]  # of a part's value: shares shown as points or per cent; counts

_MEASURED: tuple[Word, Word] = ("reproduced", "not reproduced")
_SIMULATED: tuple[Word, Word] = ("simulated: consistent", "simulated: inconsistent")


def word(holds: bool | None, simulated: bool) -> Word:
    """The word for what was found; None: can't be told."""
    if holds is None:
        return "inconclusive"
    yes, no = _SIMULATED if simulated else _MEASURED
    return yes if holds else no


@dataclass(frozen=True, slots=True)
class Part:
    """One reading of a claim, seen in one place. value: what was measured, None where nothing was.

    seeds: how many there were. needed: how many would settle it, by estimate; None where it is settled, or where no number
    would, which `reason` then says.
    """

    reading: str
    where: str
    word: Word
    simulated: bool
    reason: str
    value: Interval | None = None
    unit: Unit = ""
    seeds: int = 0
    needed: int | None = None

    def __post_init__(self) -> None:
        _check(self.word, self.simulated)

    def to_json(self) -> dict[str, Json]:
        return _plain(self) | {"value": None if self.value is None else _bounds(self.value)}

    @staticmethod
    def from_json(data: Mapping[str, Json]) -> Part:
        value = data["value"]
        return Part(**{**data, "value": None if value is None else Interval(*map(_number, value))})


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one reading of a claim, for one combination of environment, model and what else a study varies (`section`).

    note: what limits it, such as tasks that are not the benchmark's own.
    """

    claim: str
    study: str
    section: str
    reading: str
    word: Word
    simulated: bool
    reason: str
    note: str
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        _check(self.word, self.simulated)

    @property
    def line(self) -> str:
        """The verdict in a line, but for its note."""
        reading = f" ({self.reading})" if self.reading else ""
        return f"{self.claim}{reading}: {self.word}. {self.reason}"

    def to_json(self) -> dict[str, Json]:
        return _plain(self) | {"parts": [part.to_json() for part in self.parts]}

    @staticmethod
    def from_json(data: Mapping[str, Json]) -> Verdict:
        return Verdict(**{**data, "parts": tuple(Part.from_json(part) for part in data["parts"])})


class Rule(Protocol):
    """How a kind of claim is judged; a frozen dataclass whose fields are its keys in claims.yaml."""

    def judge(self, group: Group) -> Sequence[Part]:
        """Every reading in every place that a group has. What it lacks is there as not run."""
        ...


def whole(parts: Sequence[Part], simulated: bool) -> tuple[Word, str]:
    """The word for a reading with all its parts, and the reason."""
    if not parts:
        return "not run", "The study has nothing to judge it by."
    if len(parts) == 1:
        return parts[0].word, parts[0].reason
    words = [part.word for part in parts]
    counts = ", ".join(f"{words.count(each)} {each.removeprefix('simulated: ')}" for each in dict.fromkeys(words))
    reason = f"Of {len(parts)} parts: {counts}."
    if set(words) == {"not run"}:
        return "not run", f"{reason} {parts[0].reason}"
    if any(each in (_MEASURED[1], _SIMULATED[1]) for each in words):
        return word(False, simulated), reason
    return word(True if all(each in (_MEASURED[0], _SIMULATED[0]) for each in words) else None, simulated), reason


def settling(seeds: int, needed: int | None) -> str:
    """What would settle an open part, as a sentence. needed: by estimate from the observed spread."""
    if seeds < 2:
        return "One seed doesn't tell how others would go, nor how many would settle it: run three at least."
    if needed is None:
        return (
            "More seeds alone would hardly settle it: it takes more test tasks, or the difference is too near the line."
        )
    return f"About {needed} seeds would settle it (80 % power, from the spread of these {seeds})."


def not_run(reading: str, where: str, simulated: bool, reason: str) -> Part:
    """A part without results to judge it by."""
    return Part(reading, where, "not run", simulated, reason)


def _check(word: Word, simulated: bool) -> None:
    if word not in get_args(Word):
        raise ValueError(f"verdict {word!r}: expected one of {', '.join(get_args(Word))}")
    if word in (_MEASURED if simulated else _SIMULATED):
        kind = "simulated" if simulated else "measured"
        raise ValueError(f"a {kind} result can't be {word!r}")


def _plain(found: Part | Verdict) -> dict[str, Json]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


def _bounds(interval: Interval) -> list[float | None]:
    """Without the last bits, in which machines differ. JSON has no infinity: null stands for it (a relative difference may have
    no upper limit)."""
    return [
        None if math.isinf(value) else round(value, 9) for value in (interval.estimate, interval.low, interval.high)
    ]


def _number(value: float | None) -> float:
    return math.inf if value is None else float(value)
