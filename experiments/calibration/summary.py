"""Judged replies to shares with intervals, and to the simulated model's parameters that they suggest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from experiments.calibration.judge import Judged, wilson
from experiments.calibration.prompts import Prompt
from experiments.stats import Interval
from fgo.llm.sim.parameters import BASE_LENGTH
from fgo.types import Json

_THIRDS = ("start", "middle", "end")


@dataclass(frozen=True, slots=True)
class Answered:
    """A prompt's judged reply. tokens: the prompt's and the reply's as the provider counts them."""

    prompt: Prompt
    judged: Judged
    prompt_tokens: int
    reply_tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Replies to prompts of one length and number of showings.

    recall: noticed of the planted lessons; unreadable replies noticed nothing, since nobody gets to know. readable: the same
    over readable replies alone.
    """

    length: int
    times: int
    replies: int
    tokens: int
    noticed: int
    planted: int
    planted_readable: int
    by_third: dict[str, tuple[int, int]]
    malformed: int
    conditional: int
    careless: int
    unplanted: int
    false: int
    other: int
    problems: dict[str, int] = field(default_factory=dict)

    @property
    def recall(self) -> Interval:
        return wilson(self.noticed, self.planted)

    @property
    def readable(self) -> Interval:
        return wilson(self.noticed, self.planted_readable)

    def to_json(self) -> dict[str, Json]:
        shares = {
            "recall": self.recall,
            "recall_readable": self.readable,
            "malformed_rate": wilson(self.malformed, self.replies),
        }
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, **{name: _listed(share) for name, share in shares.items()}}


def cells(answers: Iterable[Answered]) -> list[Cell]:
    """By length and showings, in that order."""
    grouped: dict[tuple[int, int], list[Answered]] = {}
    for answer in answers:
        grouped.setdefault((answer.prompt.length, answer.prompt.times), []).append(answer)
    return [_cell(*key, group) for key, group in sorted(grouped.items())]


def _cell(length: int, times: int, group: Sequence[Answered]) -> Cell:
    thirds = {third: [0, 0] for third in _THIRDS}
    problems: dict[str, int] = {}
    for answer in group:
        if answer.judged.problem:
            problems[answer.judged.problem] = problems.get(answer.judged.problem, 0) + 1
        for lesson, places in answer.prompt.planted.items():
            for place in places if times == 1 else ():
                counted = thirds[_THIRDS[min(2, int(place * 3))]]
                counted[0] += lesson in answer.judged.noticed
                counted[1] += 1
    readable = [answer for answer in group if not answer.judged.problem]
    return Cell(
        length, times, len(group), round(fmean(answer.prompt_tokens for answer in group)),
        noticed=sum(len(answer.judged.noticed) for answer in group),
        planted=sum(len(answer.prompt.planted) for answer in group),
        planted_readable=sum(len(answer.prompt.planted) for answer in readable),
        by_third={third: (hit, n) for third, (hit, n) in thirds.items()},
        malformed=len(group) - len(readable),
        conditional=sum(len(answer.judged.conditional) for answer in group),
        careless=sum(len(answer.judged.careless) for answer in group),
        unplanted=sum(len(answer.judged.unplanted) for answer in group),
        false=sum(len(answer.judged.false) for answer in group),
        other=sum(answer.judged.other for answer in group),
        problems=problems,
    )  # fmt: skip


def repetition(found: Sequence[Cell]) -> list[dict[str, Json]]:
    """For lessons that show several times: their recall, beside what `occurrences: max` (as once) and `independent` (each a
    chance of its own) make of the recall of those that show once in prompts of the same length; and which is nearer."""
    once = {cell.length: cell.readable for cell in found if cell.times == 1 and cell.planted_readable}
    lines: list[dict[str, Json]] = []
    for cell in found:
        if cell.times > 1 and cell.length in once and cell.planted_readable:
            share = once[cell.length].estimate
            independent = 1 - (1 - share) ** cell.times
            seen = cell.readable
            said = [name for name, value in (("max", share), ("independent", independent)) if value in seen]
            nearer = said[0] if len(said) == 1 else "undecided"
            lines.append(
                {"length": cell.length, "times": cell.times, "recall": _listed(seen), "max": share,
                 "independent": independent, "agrees_with": nearer}
            )  # fmt: skip
    return lines


def suggested(found: Sequence[Cell]) -> dict[str, Json]:
    """Values for conf/model/sim*.yaml by these measurements, as far as they reach; recall over readable replies, since the
    simulated model's malformed replies are drawn apart."""
    once = [cell for cell in found if cell.times == 1 and cell.planted_readable]
    replies, malformed = sum(c.replies for c in found), sum(c.malformed for c in found)
    readable = max(1, replies - malformed)
    lengths = [cell for cell in once if cell.length > BASE_LENGTH]
    votes = [line["agrees_with"] for line in repetition(found)]
    decided = {vote for vote in votes if vote != "undecided"}
    careless = sum(cell.careless for cell in found), sum(cell.conditional for cell in found)
    return {
        "recall_base": lengths[0].readable.estimate if lengths else None,
        "recall_lengths": [cell.tokens for cell in lengths],
        "recall_scores": [round(cell.readable.estimate, 3) for cell in lengths],
        "occurrences": decided.pop() if len(decided) == 1 else None,
        "wrong_rate": round(sum(cell.false for cell in found) / readable, 3) if replies else None,
        "careless_rate": round(careless[0] / careless[1], 3) if careless[1] else None,
        "malformed_rate": round(malformed / replies, 3) if replies else None,
    }


def table(found: Sequence[Cell]) -> str:
    """Markdown: a line a cell."""
    lines = [
        "| length | shown | replies | tokens | recall of n planted | of readable replies | start, middle, end | malformed "
        "| careless | not planted | false | other |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for cell in found:
        thirds = ", ".join(f"{hit}/{n}" for hit, n in cell.by_third.values()) if cell.times == 1 else ""
        lines.append(
            f"| {cell.length:,} | {cell.times}x | {cell.replies} | {cell.tokens:,} | {_share(cell.recall, cell.planted)} "
            f"| {_share(cell.readable, cell.planted_readable)} | {thirds} | {cell.malformed} "
            f"| {cell.careless} of {cell.conditional} | {cell.unplanted} | {cell.false} | {cell.other} |"
        )
    return "\n".join(lines)


def _share(share: Interval, n: int) -> str:
    return f"{share.estimate:.0%} [{share.low:.0%}, {share.high:.0%}] of {n}" if n else "none"


def _listed(share: Interval) -> list[float | None]:
    return [None if value != value else round(value, 4) for value in (share.estimate, share.low, share.high)]
