from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from experiments.stats import (
    Interval,
    NotComparable,
    Outcomes,
    difference_interval,
    expanded_tail,
    mean_interval,
    outcomes,
    percentiles,
    resampled_means,
)
from experiments.summary import PointResult, summarize
from tests.experiments.synthetic import Synthetic, without

Values = NDArray[np.float64]


def table(values: Values) -> Outcomes:
    n, m = values.shape
    return Outcomes(tuple(f"t{i:03d}" for i in range(n)), tuple(range(m)), values.astype(np.float64))


def tables(most_tasks: int = 8, most_seeds: int = 3, low: float = 0.0) -> st.SearchStrategy[Values]:
    shape = st.tuples(st.integers(1, most_tasks), st.integers(1, most_seeds))
    cells = st.sampled_from([low, 0.0, 1.0])
    return shape.flatmap(
        lambda nm: st.lists(cells, min_size=nm[0] * nm[1], max_size=nm[0] * nm[1]).map(
            lambda flat: np.array(flat, dtype=np.float64).reshape(nm)
        )
    )


def every_resample(values: Values) -> Values:
    """The means of all equally likely resamples, by brute force."""
    n, m = values.shape
    return np.array(
        [
            np.mean([values[i, j] for i in rows for j in columns])
            for rows in itertools.product(range(n), repeat=n)
            for columns in itertools.product(range(m), repeat=m)
        ]
    )


def result(folder: Path, **changes: object) -> PointResult:
    return summarize(Synthetic(**changes).write(folder))  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(tables(most_tasks=4, most_seeds=2))
def test_the_bootstrap_draws_from_all_resamples_equally(values: Values) -> None:
    exact = every_resample(values)
    drawn = resampled_means(values, 10_000, seed=1)

    assert set(drawn.round(9)) <= set(exact.round(9))
    for level in np.unique(exact.round(9)):
        assert abs((drawn <= level + 1e-9).mean() - (exact <= level + 1e-9).mean()) < 0.03


@settings(max_examples=50, deadline=None)
@given(tables())
def test_an_interval_holds_its_estimate_and_stays_in_range(values: Values) -> None:
    interval = mean_interval(table(values))

    assert interval.estimate == pytest.approx(values.mean())
    assert 0 <= interval.low <= interval.estimate + 1e-12
    assert interval.estimate - 1e-12 <= interval.high <= 1


@settings(max_examples=50, deadline=None)
@given(tables(), st.integers(0, 2**32 - 1))
def test_a_difference_is_the_mirror_of_its_reverse(values: Values, seed: int) -> None:
    other = np.random.default_rng(seed).integers(2, size=values.shape).astype(np.float64)
    forth, back = difference_interval(table(values), table(other)), difference_interval(table(other), table(values))

    assert forth.estimate == pytest.approx(values.mean() - other.mean())
    assert forth.estimate == pytest.approx(-back.estimate)
    cell = 1 / values.size  # the quantiles of a discrete distribution may differ by one value between its two ends
    assert forth.low == pytest.approx(-back.high, abs=2 * cell + 1e-9)


def test_with_one_seed_the_interval_is_scipys_at_the_same_percentiles() -> None:
    values = np.random.default_rng(3).random((40, 1))
    ours = mean_interval(table(values))
    theirs = scipy.stats.bootstrap(
        (values[:, 0],), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1),
        confidence_level=1 - 2 * expanded_tail(40),
    ).confidence_interval  # fmt: skip

    assert ours.low == pytest.approx(theirs.low, abs=0.005)
    assert ours.high == pytest.approx(theirs.high, abs=0.005)


@pytest.mark.parametrize(("won", "n"), [(0, 12), (12, 12), (60, 60)])
def test_all_won_or_all_lost_is_not_certainty_but_the_exact_binomial_interval(won: int, n: int) -> None:
    values = np.full((n, 2), float(won == n))
    exact = scipy.stats.binomtest(won, n).proportion_ci(0.95, method="exact")

    assert mean_interval(table(values)) == Interval(
        pytest.approx(won / n), pytest.approx(exact.low), pytest.approx(exact.high)
    )


def test_two_methods_that_agree_on_every_task_are_not_proven_equal() -> None:
    values = table(np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]))
    interval = difference_interval(values, values)

    assert interval.estimate == 0
    assert interval.low == -interval.high < 0


def test_pairing_sees_a_difference_that_hard_and_easy_tasks_would_hide() -> None:
    easy = np.arange(60) < 30
    worse = np.repeat(easy[:, None], 2, axis=1).astype(np.float64)
    better = worse.copy()
    better[30:40] = 1.0
    difference = difference_interval(table(better), table(worse))

    assert difference.low > 0
    assert mean_interval(table(better)).low < mean_interval(table(worse)).high


def test_the_same_results_give_the_same_interval_in_whatever_order_they_come(tmp_path: Path) -> None:
    points = [
        result(tmp_path / str(seed), seed=seed, solved=[i % (seed + 2) == 0 for i in range(12)]) for seed in range(3)
    ]

    assert outcomes(points).seeds == (0, 1, 2)
    assert mean_interval(outcomes(points)) == mean_interval(outcomes(points[::-1]))


@pytest.mark.parametrize(("tasks", "seeds", "seed_spread"), [(12, 2, 0.0), (60, 2, 0.3), (24, 1, 0.0)])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(tasks: int, seeds: int, seed_spread: float) -> None:
    rng = np.random.default_rng(11)

    def run(n: int, m: int) -> Values:
        logits = 0.4 + rng.normal(0, 1, (n, 1)) + rng.normal(0, seed_spread, (1, m))
        return (rng.random((n, m)) < 1 / (1 + np.exp(-logits))).astype(np.float64)

    truth = np.mean([run(100, 100).mean() for _ in range(200)])
    tail = expanded_tail(tasks)
    limits = [np.quantile(resampled_means(run(tasks, seeds), 500, seed=0), [tail, 1 - tail]) for _ in range(300)]
    covered = np.mean([low <= truth <= high for low, high in limits])

    assert 0.91 <= covered <= 1.0


@pytest.mark.parametrize(("tasks", "seeds", "seed_spread"), [(20, 1, 0.0), (60, 2, 0.0), (60, 3, 0.3)])
def test_a_differences_interval_covers_it_about_as_often_as_it_says(tasks: int, seeds: int, seed_spread: float) -> None:
    rng = np.random.default_rng(12)
    studies = 300
    ease = rng.normal(0, 1.5, (studies, 1, tasks, 1))
    better = np.array([0.0, 0.8]).reshape(1, 2, 1, 1)  # two methods that differ, by task and by seed too
    logits = (
        ease + better + rng.normal(0, 0.5, (studies, 2, tasks, 1)) + rng.normal(0, seed_spread, (studies, 2, 1, seeds))
    )
    chances = 1 / (1 + np.exp(-logits))
    far = rng.normal(0, (1.5**2 + 0.5**2 + seed_spread**2) ** 0.5, 400_000)
    truth = (1 / (1 + np.exp(-far - 0.8))).mean() - (1 / (1 + np.exp(-far))).mean()
    won = (rng.random(chances.shape) < chances).astype(np.float64)
    covered = []
    for study in won:
        means = resampled_means(study[1] - study[0], 500, seed=0)
        low, high = percentiles(means, tasks)
        covered.append(low <= truth <= high)

    assert 0.92 <= np.mean(covered) <= 1.0


def test_an_unfinished_point_is_never_averaged(tmp_path: Path) -> None:
    run = Synthetic()
    broken = summarize(run.write(tmp_path / "b", without(run.events(), "test-01", "provider_error")))

    with pytest.raises(NotComparable, match=r"incomplete \(1 provider error\)"):
        outcomes([result(tmp_path / "a", seed=1), broken])


def test_nothing_and_doubles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotComparable, match="no results"):
        outcomes([])
    with pytest.raises(NotComparable, match=r"two results, in .*/a and .*/b"):
        outcomes([result(tmp_path / "a"), result(tmp_path / "b")])


def test_different_tasks_are_refused_and_named(tmp_path: Path) -> None:
    short, long = result(tmp_path / "a", solved=[True]), result(tmp_path / "b", solved=[True] * 6, seed=1)

    with pytest.raises(NotComparable, match=r"only .*seed 1 has test-01, test-02, test-03 and 2 more"):
        outcomes([short, long])
    with pytest.raises(NotComparable, match="test tasks differ"):
        difference_interval(outcomes([short]), outcomes([long]))


def test_different_seeds_are_not_paired(tmp_path: Path) -> None:
    one, two = result(tmp_path / "a", seed=0), result(tmp_path / "b", seed=1)

    with pytest.raises(NotComparable, match="seeds differ: only the first method has 0; only the second has 1"):
        difference_interval(outcomes([one]), outcomes([two]))
