"""How small a difference a study can see, and how many seeds would settle a question, from the spread that was observed.

A mean difference over n tasks and m seeds has the variance tasks / n + seeds / m + rest / (n m). The components are
estimated by the mean squares of a table without repetition (Searle, Casella and McCulloch 1992, ch. 4), negative ones
taken for 0. What is detectable is what `paired.over_both` would find, so its caution counts. These are estimates from
few seeds: read the numbers as orders of magnitude.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from experiments.paired import spread

POWER = 0.8
LEVEL = 0.05
MOST_SEEDS = 1_000


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of a difference: between tasks, between seeds, and of each pair of the two beside them."""

    tasks: float
    seeds: float
    rest: float


def components(differences: NDArray[np.float64]) -> Components | None:
    """Of (tasks, seeds) paired differences. None with fewer than two tasks or seeds: a seed's share can't be told."""
    n, m = differences.shape
    if n < 2 or m < 2:
        return None
    found = spread(differences)
    assert found.seeds is not None
    assert found.rest is not None
    return Components(
        tasks=max(0.0, (found.tasks - found.rest) / m),
        seeds=max(0.0, (found.seeds - found.rest) / n),
        rest=found.rest,
    )


def detectable(parts: Components, tasks: int, seeds: int) -> float:
    """The smallest true difference that a test over tasks and seeds finds at the 5 % level in 80 % of such studies."""
    return float(_detectable(parts, tasks, np.array([seeds]))[0])


def seeds_to_detect(parts: Components, tasks: int, difference: float) -> int | None:
    """The fewest seeds (two at least) with which a difference of this size is detectable on so many tasks.

    None where no number up to MOST_SEEDS is enough: these tasks are too few for it.
    """
    seeds = np.arange(2, MOST_SEEDS + 1)
    enough = np.flatnonzero(_detectable(parts, tasks, seeds) <= abs(difference) + 1e-12)
    return int(seeds[enough[0]]) if len(enough) and difference else None


def _detectable(parts: Components, tasks: int, seeds: NDArray[np.int64]) -> NDArray[np.float64]:
    """`detectable` for an array of numbers of seeds, each at least two."""
    of_tasks, of_seeds = seeds * parts.tasks + parts.rest, tasks * parts.seeds + parts.rest  # expected mean squares
    total = of_tasks + of_seeds
    error = np.sqrt(total / (tasks * seeds))
    share = np.divide(of_seeds, total, out=np.zeros(len(seeds)), where=total > 0)
    tail = 1 - LEVEL / 2
    critical = share * scipy.stats.t.ppf(tail, seeds - 1) + (1 - share) * scipy.stats.t.ppf(tail, tasks - 1)
    found: NDArray[np.float64] = (critical + scipy.stats.norm.ppf(POWER)) * error
    return found
