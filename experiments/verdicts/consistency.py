"""Is a method's gain over no optimization positive at every number of training tasks, and steadier than others' gains?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

import numpy as np
from numpy.typing import NDArray

from experiments.formatting import points
from experiments.grouping import Arm, Group
from experiments.power import MOST_SEEDS
from experiments.stats import RESAMPLES, Interval, NotComparable, Outcomes, paired, percentiles, resampled_together
from experiments.verdicts.base import Part, not_run, settling, word

Array = NDArray[np.float64]

# Of gains, (sizes, ...): how far they spread over the sizes.
SPREADS: Mapping[str, Callable[[Array], Array]] = {
    "largest minus smallest": lambda gains: gains.max(axis=0) - gains.min(axis=0),
    "standard deviation": lambda gains: gains.std(axis=0, ddof=1),
}
_POWER = 1.960 + 0.842  # standard errors between zero and a difference that is found at 5 % with 80 % power


@dataclass(frozen=True, slots=True)
class Consistency:
    """A reading, i.e. a measure of spread, holds where all gains of `method` over `baseline` are positive and its spread is
    below that of every other method but those that match `leave_out`. sizes: the fewest that tell. All by the 95 % intervals
    of one bootstrap over tasks and seeds, the same resamples for all methods and sizes; not corrected for their number."""

    method: str
    baseline: str = "none"
    leave_out: list[str] | None = None
    sizes: int = 3

    def judge(self, group: Group) -> Sequence[Part]:
        sizes = group.sizes(self.method)
        left_out = [self.method, self.baseline, *(self.leave_out or [])]
        rivals = [name for name in group.optimizers if not any(fnmatch(name, pattern) for pattern in left_out)]
        if len(sizes) < self.sizes:
            reason = f"The study has {len(sizes)} numbers of training tasks; {self.sizes} are the fewest that tell."
            return [not_run(reading, "", group.simulated, reason) for reading in SPREADS]
        try:
            gains = {name: self._gains(group, name, sizes) for name in (self.method, *rivals)}
        except NotComparable as error:
            return [not_run(reading, "", group.simulated, f"{error}.") for reading in SPREADS]
        parts = []
        for reading, spread in SPREADS.items():
            parts.append(self._positive(group, reading, gains[self.method]))
            for rival in rivals:
                both = [spread(gains[name].resampled) for name in (self.method, rival)]
                estimate = float(spread(gains[self.method].observed) - spread(gains[rival].observed))
                where = f"spread against {rival}'s"
                parts.append(_part(group, reading, where, estimate, both[0] - both[1], -1, gains[rival]))
        return parts

    def _positive(self, group: Group, reading: str, gains: _Gains) -> Part:
        smallest = float(gains.observed.min())
        where = f"smallest gain over {self.baseline}"
        return _part(group, reading, where, smallest, gains.resampled.min(axis=0), 1, gains)

    def _gains(self, group: Group, optimizer: str, sizes: Sequence[int]) -> _Gains:
        """Raises NotComparable where one of the arms is missing or unlike the others."""
        tables = []
        for size in sizes:
            ours, theirs = _outcomes(group, (optimizer, size)), _outcomes(group, group.match(self.baseline, size))
            paired(_outcomes(group, (self.method, sizes[0])), ours)  # the same tasks and seeds throughout
            tables.append(paired(ours, theirs))
        stack = np.stack(tables)
        return _Gains(stack.mean(axis=(1, 2)), resampled_together(stack, RESAMPLES, seed=0), *tables[0].shape)


@dataclass(frozen=True)
class _Gains:
    """observed: (sizes,); resampled: (sizes, resamples)."""

    observed: Array
    resampled: Array
    tasks: int
    seeds: int


def _outcomes(group: Group, arm: Arm | None) -> Outcomes:
    if arm is None or arm not in group.outcomes:
        name = "the baseline" if arm is None else f"{arm[0]}, {arm[1]} training tasks"
        raise NotComparable(f"{name}: {'not in the study' if arm is None else group.why.get(arm, 'not in the study')}")
    return group.outcomes[arm]


def _part(group: Group, reading: str, where: str, estimate: float, resampled: Array, sign: int, gains: _Gains) -> Part:
    """Whether a statistic is positive (sign 1) or negative (-1), by its resampled values."""
    value = Interval(estimate, *percentiles(resampled, gains.tasks))
    holds = None if 0 in value or gains.seeds < 2 else (value.low > 0) == (sign > 0)
    reason = f"{points(value)}."
    needed = None
    if holds is None:
        error = float(resampled.std())
        times = (_POWER * error / estimate) ** 2 if estimate else math.inf
        enough = gains.seeds * times  # as if all of the spread came from seeds: a lower bound
        needed = max(math.ceil(enough), gains.seeds + 1) if gains.seeds > 1 and enough <= MOST_SEEDS else None
        reason += " " + settling(gains.seeds, needed)
    return Part(
        reading, where, word(holds, group.simulated), group.simulated, reason, value, "points", gains.seeds, needed
    )
