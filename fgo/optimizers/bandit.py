"""The best arms on a budget, as ProTeGi picks its beam (arXiv 2305.03495): strategies over a function that evaluates.

An arm is a number. `evaluate(arms, size, call)` plays each arm on the same `size` fresh samples and gives their means, or None
when nothing is left to spend: then what is known decides. Both strategies play at most `calls * width * size` samples.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Evaluate = Callable[[Sequence[int], int, int], Awaitable[Sequence[float] | None]]
Bandit = Literal["ucb", "successive_rejects"]


@dataclass(slots=True)
class Tally:
    """What is known of the arms so far."""

    arms: int
    plays: list[int] = field(init=False)
    totals: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.plays, self.totals = [0] * self.arms, [0.0] * self.arms

    def add(self, arms: Sequence[int], means: Sequence[float], size: int) -> None:
        for arm, mean in zip(arms, means, strict=True):
            self.plays[arm] += size
            self.totals[arm] += mean * size

    def mean(self, arm: int) -> float:
        return self.totals[arm] / self.plays[arm] if self.plays[arm] else 0.0

    def bound(self, arm: int, exploration: float) -> float:
        """The upper confidence bound: infinite for an arm that was never played."""
        if not self.plays[arm]:
            return math.inf
        return self.mean(arm) + exploration * math.sqrt(math.log(sum(self.plays)) / self.plays[arm])


async def ucb(arms: int, width: int, calls: int, size: int, exploration: float, evaluate: Evaluate) -> list[int]:
    """All arms, the best first: each call plays the `width` arms of the highest upper confidence bounds."""
    tally = Tally(arms)
    for call in range(calls):
        chosen = sorted(range(arms), key=lambda arm: -tally.bound(arm, exploration))[:width]
        means = await evaluate(chosen, size, call)
        if means is None:
            break
        tally.add(chosen, means, size)
    return sorted(range(arms), key=lambda arm: -tally.mean(arm))


async def successive_rejects(arms: int, width: int, calls: int, size: int, evaluate: Evaluate) -> list[int]:
    """All arms, the best first: each call plays all that are left and rejects the worst, until `width` are left.

    Samples a phase after Audibert and Bubeck (2010): later phases, with fewer arms, play more of them.
    """
    tally = Tally(arms)
    left, rejected = list(range(arms)), list[int]()
    total = budget = calls * width * size
    spread = 0.5 + sum(1 / number for number in range(2, arms + 1))
    played = 0
    for phase in range(arms - width):
        target = max(played + 1, math.ceil((total - arms) / (spread * (arms - phase))))
        samples = min(target - played, budget // len(left))
        means = await evaluate(left, samples, phase) if samples > 0 else None
        if means is None:
            break
        budget -= samples * len(left)
        played += samples
        tally.add(left, means, samples)
        worst = min(reversed(left), key=tally.mean)
        left.remove(worst)
        rejected.insert(0, worst)
    return [*sorted(left, key=lambda arm: -tally.mean(arm)), *rejected]
