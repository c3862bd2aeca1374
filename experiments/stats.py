"""Success with its uncertainty: means and paired differences over the same tasks and seeds, with bootstrap intervals.

Tasks and seeds are crossed (every seed is tested on every task), so both are resampled, independently of each other:
the pigeonhole bootstrap (Owen 2007, Ann. Appl. Stat. 1(2), doi:10.1214/07-AOAS122), which errs on the wide side. Two
methods are compared cell by cell, on differences of the same task and seed. Percentiles are taken a little further out
where tasks are few (Hesterberg 2015, Am. Stat. 69(4), doi:10.1080/00031305.2015.1089789). scipy.stats.bootstrap
resamples one axis only; with one seed the two agree. One seed tells nothing of how another would have gone, and so
neither does its interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from experiments.summary import PointResult

CONFIDENCE = 0.95
RESAMPLES = 10_000
_BATCH = 1_000  # resamples held in memory at a time


class NotComparable(ValueError):
    """Results that don't cover the same tasks and seeds, once each, were to be averaged or compared."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the limits of its confidence interval."""

    estimate: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Outcomes:
    """One method's results: values[i, j] in [0, 1] is how tasks[i] went with seeds[j]. Both are sorted."""

    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    values: NDArray[np.float64]


def outcomes(points: Sequence[PointResult]) -> Outcomes:
    """The successes (0 or 1) of complete points that differ in their seeds alone, in whatever order they come.

    Raises NotComparable where there are none, a point is not complete, a seed occurs twice or the test tasks differ.
    """
    if not points:
        raise NotComparable("no results to average")
    points = sorted(points, key=lambda point: point.point.seed)
    for point in points:
        if not point.complete:
            raise NotComparable(f"{point.point} is {point.state} ({point.reason}): finish it before averaging")
    tasks = tuple(sorted(points[0].outcomes))
    for point, previous in zip(points[1:], points, strict=False):
        if point.point.seed == previous.point.seed:
            where = f"{previous.folder or '?'} and {point.folder or '?'}"
            raise NotComparable(f"{point.point} has two results, in {where}: remove one")
        _require_same("test tasks", tasks, tuple(sorted(point.outcomes)), str(previous.point), str(point.point))
    columns = [[float(point.outcomes[task].success) for task in tasks] for point in points]
    return Outcomes(tasks, tuple(point.point.seed for point in points), np.array(columns, dtype=np.float64).T)


def mean_interval(results: Outcomes, seed: int = 0) -> Interval:
    """The mean over tasks and seeds with its 95 % interval. Deterministic given `seed`."""
    return _interval(results.values, lowest=0.0, highest=1.0, seed=seed)


def difference_interval(a: Outcomes, b: Outcomes, seed: int = 0) -> Interval:
    """Mean of a minus mean of b, paired by task and seed, with its 95 % interval.

    Raises NotComparable where their tasks or seeds differ.
    """
    _require_same("test tasks", a.tasks, b.tasks, "the first method", "the second")
    _require_same("seeds", a.seeds, b.seeds, "the first method", "the second")
    return _interval(a.values - b.values, lowest=-1.0, highest=1.0, seed=seed)


def _interval(values: NDArray[np.float64], lowest: float, highest: float, seed: int) -> Interval:
    estimate = float(values.mean())
    if (values == values[0, 0]).all():
        return _interval_of_constant(estimate, len(values), lowest, highest)
    means = resampled_means(values, RESAMPLES, seed)
    tail = expanded_tail(len(values))
    low, high = np.quantile(means, [tail, 1 - tail], method="inverted_cdf")  # means that occurred
    return Interval(estimate, float(low), float(high))


def _interval_of_constant(estimate: float, tasks: int, lowest: float, highest: float) -> Interval:
    """Where nothing varies, a bootstrap sees no uncertainty; the exact binomial limit on what n tasks can miss does.

    A share up to 1 - (alpha / 2)^(1 / n) of unseen tasks may be otherwise (Clopper and Pearson 1934 at 0 of n), by as
    much as the range allows. Seeds don't count: they may all share one cause.
    """
    unseen = 1 - ((1 - CONFIDENCE) / 2) ** (1 / tasks)
    return Interval(estimate, estimate - unseen * (estimate - lowest), estimate + unseen * (highest - estimate))


def expanded_tail(tasks: int) -> float:
    """The share of resamples beyond each limit: below (1 - CONFIDENCE) / 2, as a t quantile lies further out."""
    if tasks == 1:
        return 0.0
    t = scipy.stats.t.ppf((1 - CONFIDENCE) / 2, tasks - 1)
    return float(scipy.stats.norm.cdf(t * (tasks / (tasks - 1)) ** 0.5))


def resampled_means(values: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Means of `resamples` tables, each drawn with replacement from the rows and, independently, from the columns.

    values: (tasks, seeds). Returns shape (resamples,).
    """
    n, m = values.shape
    rng = np.random.default_rng([seed, n, m])
    means = []
    for start in range(0, resamples, _BATCH):
        size = min(_BATCH, resamples - start)
        rows, columns = _counts(rng, size, n), _counts(rng, size, m)
        means.append(np.einsum("bi,ij,bj->b", rows, values, columns, optimize=True) / (n * m))
    return np.concatenate(means)


def _counts(rng: np.random.Generator, resamples: int, n: int) -> NDArray[np.float64]:
    """How often each of n things is drawn in n draws with replacement: (resamples, n)."""
    drawn = rng.integers(n, size=(resamples, n)) + n * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n).astype(np.float64)


def _require_same(what: str, a: Sequence[Any], b: Sequence[Any], name_a: str, name_b: str) -> None:
    if a == b:
        return
    only_a, only_b = sorted(set(a) - set(b)), sorted(set(b) - set(a))
    sides = [(name_a, only_a), (name_b, only_b)]
    listed = "; ".join(f"only {name} has {_few(only)}" for name, only in sides if only)
    raise NotComparable(f"{what} differ: {listed}. Run both on the same ones before comparing them.")


def _few(items: Sequence[Any]) -> str:
    shown = ", ".join(map(str, items[:3]))
    return shown if len(items) <= 3 else f"{shown} and {len(items) - 3} more"
