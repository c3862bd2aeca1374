"""Is one method ahead of others, and by as much as claimed? Judged against each, at each number of training tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from experiments.comparisons import Comparison, adjusted, compare
from experiments.grouping import Arm, Group
from experiments.paired import over_both
from experiments.stats import Interval, NotComparable, paired
from experiments.verdicts.base import Part, Unit, not_run, settling, word
from experiments.verdicts.judging import above_zero, distance, in_range, nearer, seeds_needed, told


@dataclass(frozen=True, slots=True)
class Lead:
    """baselines: the others; null: every optimizer of the study but those that match `leave_out`. claimed: the least and the
    greatest lead that is claimed, as shares, which is read as points and as shares of the baseline's success; null: ahead at
    all. p-values are Holm's, over all comparisons of a group."""

    method: str
    baselines: list[str] | None = None
    leave_out: list[str] | None = None
    claimed: tuple[float, float] | None = None

    def judge(self, group: Group) -> Sequence[Part]:
        found: list[Comparison] = []
        missing: list[Part] = []
        for arm, other, baseline in self._pairs(group):
            try:
                if other is None:
                    raise NotComparable(f"{baseline} is not in the study with {arm[1]} training tasks")
                found.append(compare(group, arm, other))
            except NotComparable as error:
                missing += [
                    not_run(reading, _place(baseline, arm[1]), group.simulated, f"{error}.")
                    for reading in self._readings()
                ]
        parts = [part for comparison in adjusted(found) for part in self._parts(group, comparison)]
        return [*parts, *missing]

    def _readings(self) -> list[str]:
        return ["ahead"] if self.claimed is None else ["ahead", "in points", "relative"]

    def _pairs(self, group: Group) -> Iterator[tuple[Arm, Arm | None, str]]:
        named = self.baselines
        if named is None:
            left_out = [self.method, *(self.leave_out or [])]
            named = [name for name in group.optimizers if not any(fnmatch(name, pattern) for pattern in left_out)]
        for size in group.sizes(self.method):
            for baseline in named:
                yield (self.method, size), group.match(baseline, size), baseline

    def _parts(self, group: Group, found: Comparison) -> Iterator[Part]:
        where, simulated = _place(found.baseline, found.train_size), found.simulated
        arm, other = (found.optimizer, found.train_size), group.match(found.baseline, found.train_size)
        assert other is not None
        differences = paired(group.outcomes[arm], group.outcomes[other])
        base = float(group.outcomes[other].values.mean())

        def part(reading: str, holds: bool | None, value: Interval, unit: Unit, gap: float, more: str = "") -> Part:
            if len(found.seeds) < 2:
                holds = None  # however clear: another seed may have gone another way
            needed = None if holds is not None else seeds_needed(differences, gap)
            reason = told(found.difference, found.p) + more
            if holds is None:
                reason += " " + settling(len(found.seeds), needed)
            return Part(
                reading, where, word(holds, simulated), simulated, reason, value, unit, len(found.seeds), needed
            )

        difference = found.difference
        yield part("ahead", above_zero(difference, found.p), difference, "points", difference.estimate)
        if self.claimed is None:
            return
        low, high = self.claimed
        beyond = over_both(differences - nearer(difference.estimate, low, high))
        holds = in_range(difference, found.p, beyond, low, high)
        gap = distance(difference.estimate, low, high)
        yield part("in points", holds, difference, "points", gap, _beside(difference, holds, low, high))
        if found.relative is None:
            yield not_run(
                "relative", where, simulated, f"{found.baseline} solves nothing: no share of it can be taken."
            )
            return
        beyond = over_both(differences - nearer(found.relative.estimate, low, high) * group.outcomes[other].values)
        holds = in_range(found.relative, found.p, beyond, low, high)
        gap = base * distance(found.relative.estimate, low, high)
        yield part("relative", holds, found.relative, "%", gap, _beside(found.relative, holds, low, high))


def _place(baseline: str, size: int) -> str:
    return f"against {baseline}, {size} training tasks"


def _beside(value: Interval, holds: bool | None, low: float, high: float) -> str:
    """On which side of the claimed range a lead is that is not in it."""
    if holds is not False:
        return ""
    if value.low > high:
        return " Ahead by more than is claimed."
    return " Behind." if value.high < 0 else " Less than is claimed."
