"""Success with its uncertainty: means and paired differences over the same tasks and seeds, with bootstrap intervals.

Tasks and seeds are crossed (every seed is tested on every task), so both are resampled, independently of each other:
the pigeonhole bootstrap (Owen 2007, Ann. Appl. Stat. 1(2), doi:10.1214/07-AOAS122), which errs on the wide side. Two
methods are compared cell by cell, on differences of the same task and seed. Percentiles are taken a little further out
where tasks are few (Hesterberg 2015, Am. Stat. 69(4), doi:10.1080/00031305.2015.1089789). scipy.stats.bootstrap
resamples one axis only; with one seed the two agree. A hierarchical bootstrap, which draws tasks anew within each drawn
seed, would not do: the tasks are the same ones in every seed, and it would see too little of their spread. One seed
tells nothing of how another would have gone, and so neither does its interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
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


class Drifted(NotComparable):
    """Results that were made with other data, prompts, simulation or libraries were to be averaged or compared."""


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
    """One method's results: values[i, j] in [0, 1] is how tasks[i] went with seeds[j]. Both are sorted.

    made_with: see PointResult; the same for all seeds.
    """

    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    values: NDArray[np.float64]
    made_with: Mapping[str, str] = field(default_factory=dict)


def outcomes(points: Sequence[PointResult]) -> Outcomes:
    """The successes (0 or 1) of complete points that differ in their seeds alone, in whatever order they come.

    Raises NotComparable where there are none, a point is not complete, a seed occurs twice or the test tasks differ; its kind
    Drifted where they were made with unlike data, prompts or libraries.
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
        _require_undrifted(points[0].made_with, point.made_with, str(points[0].point), str(point.point))
    columns = [[float(point.outcomes[task].success) for task in tasks] for point in points]
    values = np.array(columns, dtype=np.float64).T
    return Outcomes(tasks, tuple(point.point.seed for point in points), values, points[0].made_with)


def mean_interval(results: Outcomes, seed: int = 0) -> Interval:
    """The mean over tasks and seeds with its 95 % interval. Deterministic given `seed`."""
    return interval_of(results.values, lowest=0.0, highest=1.0, seed=seed)


def difference_interval(a: Outcomes, b: Outcomes, seed: int = 0) -> Interval:
    """Mean of a minus mean of b, paired by task and seed, with its 95 % interval.

    Raises NotComparable where their tasks or seeds differ, Drifted where what they were made with does.
    """
    return interval_of(paired(a, b), lowest=-1.0, highest=1.0, seed=seed)


def paired(a: Outcomes, b: Outcomes) -> NDArray[np.float64]:
    """a's values minus b's, (tasks, seeds). Raises NotComparable and Drifted as `difference_interval` does."""
    _require_same("test tasks", a.tasks, b.tasks, "the first method", "the second")
    _require_same("seeds", a.seeds, b.seeds, "the first method", "the second")
    _require_undrifted(a.made_with, b.made_with, "the first method", "the second")
    return a.values - b.values


def relative_interval(a: Outcomes, b: Outcomes, seed: int = 0) -> Interval | None:
    """By which share of b's mean a's is above it, with its 95 % interval; None where b solves nothing.

    Where resamples without a success of b reach into the upper tail, that limit is infinite.
    """
    paired(a, b)
    base = float(b.values.mean())
    if base == 0:
        return None
    ours, theirs = resampled_together(np.stack([a.values, b.values]), RESAMPLES, seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(theirs > 0, ours / theirs - 1, np.inf)
    if (ratios == ratios[0]).all():  # no variation: as far as the difference could be otherwise
        difference = difference_interval(a, b, seed)
        return Interval(difference.estimate / base, difference.low / base, difference.high / base)
    low, high = percentiles(ratios, len(a.tasks))
    return Interval(float(a.values.mean()) / base - 1, low, high)


def interval_of(values: NDArray[np.float64], lowest: float, highest: float, seed: int = 0) -> Interval:
    """The mean of (tasks, seeds) with its 95 % interval; a value may be anything from lowest to highest."""
    estimate = float(values.mean())
    if (values == values[0, 0]).all():
        return _interval_of_constant(estimate, len(values), lowest, highest)
    means = resampled_means(values, RESAMPLES, seed)
    return Interval(estimate, *percentiles(means, len(values)))


def percentiles(resampled: NDArray[np.float64], tasks: int) -> tuple[float, float]:
    """The 95 % limits among a statistic's resampled values; `tasks` were drawn each time."""
    tail = expanded_tail(tasks)
    low, high = np.quantile(resampled, [tail, 1 - tail], method="inverted_cdf")  # values that occurred
    return float(low), float(high)


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
    means: NDArray[np.float64] = resampled_together(values[None], resamples, seed)[0]
    return means


def resampled_together(tables: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """The same for several tables at once, each resample with the same rows and columns of all: (tables, tasks, seeds).

    Returns shape (tables, resamples).
    """
    _, n, m = tables.shape
    tables = np.ascontiguousarray(tables)  # the product of other layouts takes ten times as long
    rows, columns = _drawn(n, m, resamples, seed)
    means = np.empty((len(tables), resamples))
    for start in range(0, resamples, _BATCH):
        batch = slice(start, start + _BATCH)
        by_row, by_column = rows[batch].astype(np.float64), columns[batch].astype(np.float64)
        for index, table in enumerate(tables):
            means[index, batch] = ((by_row @ table) * by_column).sum(axis=1) / (n * m)
    return means


@lru_cache(maxsize=4)  # a study's tables have few shapes, and there are many of each
def _drawn(n: int, m: int, resamples: int, seed: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """How often each row and each column is in each resample: (resamples, n) and (resamples, m)."""
    rng = np.random.default_rng([seed, n, m])
    rows, columns = np.empty((resamples, n), np.int32), np.empty((resamples, m), np.int32)
    for start in range(0, resamples, _BATCH):
        size = min(_BATCH, resamples - start)
        rows[start : start + size] = _counts(rng, size, n)
        columns[start : start + size] = _counts(rng, size, m)
    return rows, columns


def _counts(rng: np.random.Generator, resamples: int, n: int) -> NDArray[np.int64]:
    """How often each of n things is drawn in n draws with replacement: (resamples, n)."""
    drawn = rng.integers(n, size=(resamples, n)) + n * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n)


def _require_same(what: str, a: Sequence[Any], b: Sequence[Any], name_a: str, name_b: str) -> None:
    if a == b:
        return
    only_a, only_b = sorted(set(a) - set(b)), sorted(set(b) - set(a))
    sides = [(name_a, only_a), (name_b, only_b)]
    listed = "; ".join(f"only {name} has {_few(only)}" for name, only in sides if only)
    raise NotComparable(f"{what} differ: {listed}. Run both on the same ones before comparing them.")


def _require_undrifted(a: Mapping[str, str], b: Mapping[str, str], name_a: str, name_b: str) -> None:
    changed = [key for key in sorted(a.keys() | b.keys()) if a.get(key) != b.get(key)]
    if not changed:
        return
    listed = "; ".join(f"{key} {a.get(key, 'unknown')} and {b.get(key, 'unknown')}" for key in changed)
    raise Drifted(f"{name_a} and {name_b} were made with unlike {listed}. Run both anew with the same.")


def _few(items: Sequence[Any]) -> str:
    shown = ", ".join(map(str, items[:3]))
    return shown if len(items) <= 3 else f"{shown} and {len(items) - 3} more"
