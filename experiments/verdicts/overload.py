"""Does a method that gives its optimizer everything at once suffer from more training tasks?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.grouping import Group
from experiments.stats import Interval, NotComparable, paired
from experiments.verdicts.base import Part, not_run, settling, word
from experiments.verdicts.judging import one_sided

CUT, FALLS, BEHIND = "prompts are cut", "success falls", "gains less than the rival"


@dataclass(frozen=True, slots=True)
class Overload:
    """Three readings: prompts of the optimizer had to be cut to fit; success with the most training tasks is below that with
    the fewest; it grows by less than the rival's. sizes: the fewest numbers of training tasks that tell."""

    method: str
    rival: str
    sizes: int = 2

    def judge(self, group: Group) -> Sequence[Part]:
        sizes = group.sizes(self.method)
        if len(sizes) < self.sizes:
            reason = f"The study has {len(sizes)} numbers of training tasks; {self.sizes} are the fewest that tell."
            return [not_run(reading, "", group.simulated, reason) for reading in (CUT, FALLS, BEHIND)]
        few, many = sizes[0], sizes[-1]
        return [
            self._cut(group, sizes),
            self._falls(group, few, many),
            self._behind(group, few, many),
        ]

    def _cut(self, group: Group, sizes: Sequence[int]) -> Part:
        where = f"{', '.join(map(str, sizes))} training tasks"
        for size in sizes:
            if (self.method, size) not in group.outcomes:
                reason = f"{self.method}, {size} training tasks: {group.why[self.method, size]}."
                return not_run(CUT, where, group.simulated, reason)
        counts = [sum(point.cut.get("optimizer", 0) for point in group.points[self.method, size]) for size in sizes]
        largest = max(point.optimizer_prompts.largest for point in group.points[self.method, sizes[-1]])
        seeds = len(group.points[self.method, sizes[-1]])
        value = Interval(*[float(counts[-1])] * 3)
        if counts[-1]:
            told = ", ".join(f"{count} with {size} training tasks" for count, size in zip(counts, sizes, strict=True))
            reason = f"Cut prompts of all seeds: {told}."
            return Part(CUT, where, word(True, group.simulated), group.simulated, reason, value, "times", seeds)
        reason = (
            f"No prompt was cut with {sizes[-1]} training tasks (largest: {largest:,} tokens). More training tasks, or a "
            "smaller window, would tell; more seeds would not."
        )
        return Part(CUT, where, "inconclusive", group.simulated, reason, value, "times", seeds)

    def _falls(self, group: Group, few: int, many: int) -> Part:
        where = f"{many} training tasks minus {few}"
        try:
            return _judged(group, FALLS, where, _growth(group, self.method, few, many), 1.0)
        except NotComparable as error:
            return not_run(FALLS, where, group.simulated, f"{error}.")

    def _behind(self, group: Group, few: int, many: int) -> Part:
        where = f"{many} training tasks minus {few}, minus the same of {self.rival}"
        try:
            ours, theirs = (_growth(group, name, few, many) for name in (self.method, self.rival))
            paired(group.outcomes[self.method, many], group.outcomes[self.rival, many])  # the same tasks and seeds
            return _judged(group, BEHIND, where, ours - theirs, 2.0)
        except NotComparable as error:
            return not_run(BEHIND, where, group.simulated, f"{error}.")


def _growth(group: Group, optimizer: str, few: int, many: int) -> NDArray[np.float64]:
    for size in (few, many):
        if (optimizer, size) not in group.outcomes:
            why = group.why.get((optimizer, size), "not in the study")
            raise NotComparable(f"{optimizer}, {size} training tasks: {why}")
    return paired(group.outcomes[optimizer, many], group.outcomes[optimizer, few])


def _judged(group: Group, reading: str, where: str, differences: NDArray[np.float64], limit: float) -> Part:
    found = one_sided(differences, sign=-1, limit=limit)
    seeds = differences.shape[1]
    reason = found.reason + (f" {settling(seeds, found.needed)}" if found.holds is None else "")
    return Part(
        reading, where, word(found.holds, group.simulated), group.simulated, reason, found.value, "points", seeds,
        found.needed,
    )  # fmt: skip
