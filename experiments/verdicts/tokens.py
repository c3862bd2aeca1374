"""Does a method need fewer prompt tokens than another, by as much as claimed? Under each sensible count of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from experiments.formatting import fixed
from experiments.grouping import Group
from experiments.power import Components, seeds_to_detect
from experiments.stats import CONFIDENCE, Interval
from experiments.summary import PointResult
from experiments.verdicts.base import Part, not_run, settling, word

Array = NDArray[np.float64]


def _optimizer_call(point: PointResult) -> float:
    lines = point.lines("optimizer")
    calls = sum(line.calls for line in lines)
    return sum(line.usage.prompt_tokens for line in lines) / calls if calls else 0.0


def _optimizing(point: PointResult) -> float:
    return sum(line.usage.prompt_tokens for phase, line in point.by_phase.items() if phase != "test")


def _test_episode(point: PointResult) -> float:
    line = point.by_phase.get("test")
    return line.usage.prompt_tokens / len(point.outcomes) if line and point.outcomes else 0.0


COUNTS: Mapping[str, tuple[str, Callable[[PointResult], float]]] = {
    "optimizer_call_mean": ("mean of an optimizer's call", _optimizer_call),
    "asking_call_mean": ("mean of an optimizer's or merger's call", lambda point: point.optimizer_prompts.mean),
    "asking_call_max": ("largest of the optimizer's and merger's calls", lambda point: point.optimizer_prompts.largest),
    "asking_total": ("all calls of optimizer and merger", lambda point: point.optimizer_prompts.total),
    "optimizing_total": ("all calls while optimizing, the agent's too", _optimizing),
    "run_total": ("all calls, the test's too", lambda point: point.total.usage.prompt_tokens),
    "test_episode_mean": ("mean of a test episode of the optimized agent", _test_episode),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """change: what is claimed, as a share (-0.5: half of them saved); it holds where the whole interval is within `tolerance`
    of it, and fails where none of it is. counts: of COUNTS, each a reading of its own."""

    method: str
    baselines: list[str]
    change: float
    tolerance: float
    counts: list[str]

    def __post_init__(self) -> None:
        if self.change - self.tolerance <= -1:
            raise ValueError(f"change={self.change}, tolerance={self.tolerance}: no method saves more than all tokens")
        for count in self.counts:
            if count not in COUNTS:
                raise ValueError(f"counts={count!r}: expected some of {', '.join(COUNTS)}")

    def judge(self, group: Group) -> Sequence[Part]:
        parts = []
        for count in self.counts:
            for baseline in self.baselines:
                parts.append(self._part(group, count, baseline))
        return parts

    def _part(self, group: Group, count: str, baseline: str) -> Part:
        reading, measure = COUNTS[count]
        sizes = [size for size in group.sizes(self.method) if (baseline, size) in group.points]
        where = f"against {baseline}, {' and '.join(map(str, sizes)) or 'no'} training tasks"
        if not sizes:
            return not_run(reading, where, group.simulated, f"The study has not both of {self.method} and {baseline}.")
        ratios = []
        for size in sizes:
            arms = ((self.method, size), (baseline, size))
            for arm in arms:
                if arm not in group.outcomes:
                    reason = f"{arm[0]}, {arm[1]} training tasks: {group.why[arm]}."
                    return not_run(reading, where, group.simulated, reason)
            ours, theirs = (group.points[arm] for arm in arms)
            if group.outcomes[arms[0]].seeds != group.outcomes[arms[1]].seeds:
                return not_run(reading, where, group.simulated, "They were run with different seeds.")
            if not all(measure(point) for point in (*ours, *theirs)):
                return not_run(reading, where, group.simulated, "A run made no such call.")
            ratios.append([measure(a) / measure(b) for a, b in zip(ours, theirs, strict=True)])
        if len({len(row) for row in ratios}) > 1:
            return not_run(reading, where, group.simulated, "Not all numbers of training tasks have the same seeds.")
        return self._judged(reading, where, group.simulated, np.log(np.array(ratios).mean(axis=0)))

    def _judged(self, reading: str, where: str, simulated: bool, by_seed: Array) -> Part:
        """by_seed: the logarithm of the ratio with each seed, mean over the numbers of training tasks."""
        seeds = len(by_seed)
        value = _interval(by_seed)
        low, high = self.change - self.tolerance, self.change + self.tolerance
        holds: bool | None = None
        if seeds > 1 and (value.high < low or value.low > high):
            holds = False
        elif seeds > 1 and low <= value.low and value.high <= high:
            holds = True
        claimed = f"against {_percent(self.change)} ± {100 * self.tolerance:.0f}"
        if seeds > 1:
            limits = f"[{_percent(value.low)}, {_percent(value.high)}]"
            reason = f"{_percent(value.estimate)} {limits} {claimed}. {_direction(value)}"
        else:
            reason = f"{_percent(value.estimate)} {claimed}."
        needed = None
        if holds is None:
            needed = _needed(by_seed, min(abs(float(by_seed.mean()) - math.log1p(edge)) for edge in (low, high)))
            reason += " " + settling(seeds, needed)
        return Part(reading, where, word(holds, simulated), simulated, reason, value, "%", seeds, needed)


def _interval(by_seed: Array) -> Interval:
    """The change with Student's interval over seeds, of logarithms of ratios, so that no limit is below -100 %. Tokens of a
    run are counted, not sampled, so that only seeds vary. One seed: no width."""
    mean, seeds = float(by_seed.mean()), len(by_seed)
    half = 0.0
    if seeds > 1:
        half = float(scipy.stats.t.ppf((1 + CONFIDENCE) / 2, seeds - 1) * by_seed.std(ddof=1) / seeds**0.5)
    return Interval(*(math.expm1(value) for value in (mean, mean - half, mean + half)))


def _needed(by_seed: Array, gap: float) -> int | None:
    if len(by_seed) < 2:
        return None
    found = seeds_to_detect(Components(0.0, float(by_seed.var(ddof=1)), 0.0), 2, gap)
    return None if found is None else max(found, len(by_seed) + 1)


def _direction(value: Interval) -> str:
    if value.high < 0:
        return "The direction holds: fewer tokens."
    return "The direction fails: more tokens." if value.low > 0 else "Not even the direction is clear."


def _percent(share: float) -> str:
    return fixed(100 * share, "+.1f").replace("-", "−") + " %"
