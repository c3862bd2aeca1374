from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from fgo.optimizers.bandit import successive_rejects, ucb


class Arms:
    """Arms with fixed means; remembers what was played; from the call `broke` on there is nothing left to spend."""

    def __init__(self, *means: float, broke: int | None = None) -> None:
        self.means, self.broke = means, broke
        self.played: list[tuple[list[int], int]] = []

    async def __call__(self, arms: Sequence[int], size: int, call: int) -> list[float] | None:
        if call == self.broke:
            return None
        self.played.append((list(arms), size))
        return [self.means[arm] for arm in arms]

    @property
    def samples(self) -> int:
        return sum(len(arms) * size for arms, size in self.played)


def test_ucb_plays_every_arm_before_any_twice_and_then_the_promising_more_often() -> None:
    arms = Arms(0.1, 0.9, 0.2, 0.8, 0.0, 0.3)
    order = asyncio.run(ucb(6, 2, 9, 4, 0.5, arms))
    counts = [sum(arm in chosen for chosen, _ in arms.played) for arm in range(6)]

    assert order[:2] == [1, 3]
    assert sorted(arm for chosen, _ in arms.played[:3] for arm in chosen) == list(range(6))
    assert counts[1] > counts[4]
    assert arms.samples == 9 * 2 * 4


def test_more_exploration_spreads_the_plays() -> None:
    def spread(exploration: float) -> int:
        arms = Arms(0.9, 0.8, 0.1, 0.1)
        asyncio.run(ucb(4, 1, 40, 1, exploration, arms))
        return sum(chosen in ([2], [3]) for chosen, _ in arms.played)

    assert spread(0.1) < spread(3.0)


def test_successive_rejects_drops_the_worst_of_each_phase_and_plays_those_left_more() -> None:
    arms = Arms(0.1, 0.9, 0.2, 0.8, 0.0)
    order = asyncio.run(successive_rejects(5, 2, 10, 4, arms))

    assert order == [1, 3, 2, 0, 4]
    assert [set(chosen) for chosen, _ in arms.played] == [{0, 1, 2, 3, 4}, {0, 1, 2, 3}, {1, 2, 3}]
    assert arms.samples <= 10 * 2 * 4


@pytest.mark.parametrize("arms", [3, 5, 9, 40])
@pytest.mark.parametrize(("calls", "size"), [(1, 1), (2, 3), (6, 4)])
def test_neither_plays_more_than_calls_times_width_times_size(arms: int, calls: int, size: int) -> None:
    for strategy in ("ucb", "rejects"):
        means = Arms(*(arm / arms for arm in range(arms)))
        by_bounds = strategy == "ucb"
        work = ucb(arms, 2, calls, size, 1.0, means) if by_bounds else successive_rejects(arms, 2, calls, size, means)
        order = asyncio.run(work)
        assert sorted(order) == list(range(arms))
        assert means.samples <= calls * 2 * size


def test_with_nothing_left_to_spend_what_is_known_decides() -> None:
    assert asyncio.run(ucb(3, 1, 9, 2, 1.0, Arms(0.1, 0.5, 0.9, broke=2)))[0] == 1
    assert asyncio.run(successive_rejects(3, 1, 9, 2, Arms(0.1, 0.9, 0.5, broke=1))) == [1, 2, 0]
    assert asyncio.run(successive_rejects(3, 1, 9, 2, Arms(0.1, 0.9, 0.5, broke=0))) == [0, 1, 2]
