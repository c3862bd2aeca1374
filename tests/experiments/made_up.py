"""Results made up in memory, for tests of what is concluded from them: no journal is written."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.grouping import Arm, Group, grouped
from experiments.summary import Outcome, Point, PointResult, PromptSizes
from fgo.llm.ledger import Line
from fgo.types import Status, Usage, digest

Array = NDArray[np.float64]


def line(calls: int, prompt: int, longest: int = 0) -> Line:
    return Line(calls=calls, usage=Usage(prompt, 0, 0, 0, 0.0), longest_prompt=longest)


def point(
    optimizer: str, size: int, seed: int, won: Array, simulated: bool = False, scale: float = 1.0, **changes: object
) -> PointResult:
    """A complete run that won[i] (0 or 1) test task i. scale: of all its prompts; the optimizer's are 1000 tokens at 1."""
    tasks = tuple(f"test-{i:03d}" for i in range(len(won)))
    outcomes = {
        task: Outcome(bool(one), float(one), "clean", Status.WON if one else Status.STEP_LIMIT, 3, 0)
        for task, one in zip(tasks, won, strict=True)
    }
    one = round(1000 * scale)
    ledger = {("optimizer", "optimize"): line(4, 4 * one, 2 * one), ("merger", "merge"): line(1, one, one)}
    by_phase = {
        "explore": line(9, 9 * one),
        "optimize": line(4, 4 * one),
        "merge": line(1, one),
        "test": line(50, 50 * one),
    }
    total = line(64, 64 * one)
    return PointResult(
        **{  # type: ignore[arg-type]
            "point": Point("alfworld", optimizer, "model", size, seed, "study"),
            "simulated": simulated,
            "state": "complete",
            "fingerprint": digest(optimizer, str(size), str(seed)),
            "test_tasks": tasks,
            "outcomes": outcomes,
            "ledger": ledger,
            "by_phase": by_phase,
            "total": total,
            "optimizer_prompts": PromptSizes(5, 5 * one, 2 * one),
            **changes,
        }
    )


def points(
    arms: Mapping[Arm, Array], simulated: bool = False, scales: Mapping[str, float] | None = None
) -> list[PointResult]:
    """Complete runs: arms' values are (tasks, seeds) of successes."""
    return [
        point(name, size, seed, values[:, seed], simulated, (scales or {}).get(name, 1.0))
        for (name, size), values in arms.items()
        for seed in range(values.shape[1])
    ]


def group(arms: Mapping[Arm, Array], simulated: bool = False, scales: Mapping[str, float] | None = None) -> Group:
    (found,) = grouped(points(arms, simulated, scales))
    return found


def first(won: int, tasks: int = 60, seeds: int = 4) -> Array:
    """The first so many tasks are won, whatever the seed."""
    return np.repeat(np.arange(tasks)[:, None] < won, seeds, axis=1).astype(np.float64)


def noisy(rate: float, tasks: int = 60, seeds: int = 4, draw: int = 0) -> Array:
    """Each task is won with the same chance."""
    return (np.random.default_rng(draw).random((tasks, seeds)) < rate).astype(np.float64)
