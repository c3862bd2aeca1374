"""Whether two methods differ: paired tests on the same tasks and seeds, corrected for their number, and how large it is.

Two tests answer two questions. `over_tasks`: would these very results (one optimized agent a seed) differ on other tasks
of the same kind? Exact: under its null hypothesis the two methods' results can be swapped within each task, for all seeds
together, with no effect on their distribution; tasks are independent. With one seed it is McNemar's exact test (1947).
`over_both`: would the methods differ if run again, with other seeds, on other tasks? The min F' of Clark (1973, "The
language-as-fixed-effect fallacy"), which takes tasks and seeds for two random samples; it errs on the careful side and,
with two or three seeds, sees large differences only. A method is better in the sense of a paper's claim by the latter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

FLIPS = 20_000  # draws of signs where counting all is out of reach
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Effect:
    """How large a difference is. h: Cohen's (1988), on the arcsine scale: 0.2 small, 0.5 medium, 0.8 large.

    won, lost: pairs of task and seed that the first method alone solved, or the second alone.
    """

    h: float
    won: int
    lost: int

    @property
    def odds(self) -> float | None:
        """won / lost, the paired odds ratio; None where nothing was lost."""
        return self.won / self.lost if self.lost else None


def effect(a: NDArray[np.float64], b: NDArray[np.float64]) -> Effect:
    """Of a over b, each (tasks, seeds) of successes, 0 or 1."""
    h = 2 * (np.arcsin(np.sqrt(a.mean())) - np.arcsin(np.sqrt(b.mean())))
    return Effect(float(h), int((a > b).sum()), int((a < b).sum()))


def over_tasks(differences: NDArray[np.float64], seed: int = 0) -> float:
    """The two-sided p-value of a sign-flip test over tasks, on their sums over seeds. differences: (tasks, seeds).

    Exact for whole-numbered differences (successes), however many tasks; else by FLIPS random draws, seeded.
    """
    sums = differences.sum(axis=1)
    whole = np.rint(sums)
    if np.abs(sums - whole).max() < 1e-9:
        return _exact([int(size) for size in np.abs(whole) if size], abs(int(whole.sum())))
    return _drawn(sums, seed)


def _exact(sizes: Sequence[int], observed: int) -> float:
    """The share of all choices of signs whose sum is as far from 0: their distribution grows by one task after the other."""
    chances = np.ones(1)  # chances[i]: that the sum of signed sizes is i - (sum of sizes)
    for size in sizes:
        wider = np.zeros(len(chances) + 2 * size)
        wider[: len(chances)] += 0.5 * chances
        wider[2 * size :] += 0.5 * chances
        chances = wider
    total = sum(sizes)
    distances = np.abs(np.arange(len(chances)) - total)
    return min(1.0, float(chances[distances >= observed].sum()))


def _drawn(sums: NDArray[np.float64], seed: int) -> float:
    """The same by chance; the observed one counts among the draws, so that p is never 0 (Phipson and Smyth 2010)."""
    rng = np.random.default_rng([seed, len(sums)])
    observed = abs(sums.sum()) - 1e-9
    beyond = 0
    for start in range(0, FLIPS, _BATCH):
        signs = rng.integers(2, size=(min(_BATCH, FLIPS - start), len(sums))) * 2 - 1
        beyond += int((np.abs(signs @ sums) >= observed).sum())
    return (beyond + 1) / (FLIPS + 1)


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean squares of a table of differences (tasks, seeds) without repetition: rows, columns and what is left of each cell.

    seeds and rest are None where there is one seed: they can't be told apart from tasks.
    """

    tasks: float
    seeds: float | None
    rest: float | None


def spread(differences: NDArray[np.float64]) -> Spread:
    """The table's mean squares. Raises ValueError with fewer than two tasks."""
    n, m = differences.shape
    if n < 2:
        raise ValueError("one task has no spread: test on more")
    mean = differences.mean()
    rows, columns = differences.mean(axis=1), differences.mean(axis=0)
    of_tasks = m * float(((rows - mean) ** 2).sum()) / (n - 1)
    if m == 1:
        return Spread(of_tasks, None, None)
    rest = differences - rows[:, None] - columns[None, :] + mean
    of_seeds = n * float(((columns - mean) ** 2).sum()) / (m - 1)
    return Spread(of_tasks, of_seeds, float((rest**2).sum()) / ((n - 1) * (m - 1)))


def over_both(differences: NDArray[np.float64]) -> float | None:
    """The two-sided p-value over tasks and seeds; None where one seed (or task) tells nothing of others.

    t = mean / sqrt((MS of tasks + MS of seeds) / cells); p is between those of Student's t at the degrees of freedom of tasks
    and of seeds, weighted by their mean squares (after Cochran and Cox 1957). A difference that never varies, and isn't 0,
    has no spread to be judged by: it gets the sign test over seeds, 2 / 2^seeds.
    """
    n, m = differences.shape
    if n < 2 or m < 2:
        return None
    found = spread(differences)
    assert found.seeds is not None
    total = found.tasks + found.seeds
    mean = abs(float(differences.mean()))
    if mean < 1e-12:
        return 1.0
    if total < 1e-12:
        return float(2 * 0.5**m)
    t = mean / (total / (n * m)) ** 0.5
    share = found.seeds / total
    by_seeds, by_tasks = (2 * float(scipy.stats.t.sf(t, k - 1)) for k in (m, n))
    return min(1.0, share * by_seeds + (1 - share) * by_tasks)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted so that the chance of any false alarm among them is kept (Holm 1979), in their order."""
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
