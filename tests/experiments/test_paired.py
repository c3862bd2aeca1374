from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from experiments.paired import effect, holm, over_both, over_tasks, spread
from tests.experiments.test_stats import Values, tables


def by_hand(differences: Values) -> float:
    """The sign-flip test by trying every choice of signs."""
    sums = differences.sum(axis=1)
    totals = [abs(np.dot(signs, sums)) for signs in itertools.product((1, -1), repeat=len(sums))]
    return float(np.mean([total >= abs(sums.sum()) - 1e-9 for total in totals]))


def draw(
    rng: np.random.Generator, shape: tuple[int, int, int], by_task: float = 0.0, by_seed: float = 0.0
) -> NDArray[np.float64]:
    """Differences of two equally good methods, (studies, tasks, seeds): tasks are easier for one or the other by chance
    (`by_task`), and so are seeds (`by_seed`)."""
    studies, n, m = shape
    ease = rng.normal(0, 1.5, (studies, 1, n, 1))
    logits = ease + rng.normal(0, by_task, (studies, 2, n, 1)) + rng.normal(0, by_seed, (studies, 2, 1, m))
    won = (rng.random((studies, 2, n, m)) < 1 / (1 + np.exp(-logits))).astype(np.float64)
    difference: NDArray[np.float64] = won[:, 0] - won[:, 1]
    return difference


@settings(max_examples=80, deadline=None)
@given(tables(most_tasks=9, most_seeds=4, low=-1.0))
def test_the_test_over_tasks_counts_every_choice_of_signs(differences: Values) -> None:
    assert over_tasks(differences) == pytest.approx(by_hand(differences))


@settings(max_examples=20, deadline=None)
@given(tables(most_tasks=9, most_seeds=2, low=-1.0))
def test_where_counting_is_out_of_reach_signs_are_drawn_to_the_same_end(differences: Values) -> None:
    assert over_tasks(differences * 0.3) == pytest.approx(by_hand(differences), abs=0.02)
    assert over_tasks(differences * 0.3) == over_tasks(differences * 0.3)


@settings(deadline=None)
@given(st.integers(0, 80), st.integers(0, 80), st.integers(0, 50))
def test_with_one_seed_it_is_mcnemars_exact_test(won: int, lost: int, tied: int) -> None:
    differences = np.array([[1.0]] * won + [[-1.0]] * lost + [[0.0]] * (tied + 1))
    expected = scipy.stats.binomtest(won, won + lost).pvalue if won + lost else 1.0

    assert over_tasks(differences) == pytest.approx(expected)


def test_many_tasks_and_seeds_are_no_trouble() -> None:
    differences = np.random.default_rng(0).integers(-1, 2, (600, 10)).astype(np.float64)
    assert 0 < over_tasks(differences) <= 1
    assert over_tasks(np.ones((1000, 1))) == pytest.approx(2 * 0.5**1000, rel=1e-6)


def test_the_test_over_tasks_keeps_its_level_where_each_task_could_have_gone_either_way() -> None:
    rng = np.random.default_rng(5)
    for shape, by_task in (((1500, 20, 1), 0.0), ((1500, 60, 3), 1.0)):
        level = np.mean([over_tasks(table) <= 0.05 for table in draw(rng, shape, by_task)])
        assert level <= 0.065


def test_seeds_that_differ_by_chance_fool_the_test_over_tasks_but_not_the_one_over_both() -> None:
    rng = np.random.default_rng(6)
    for seeds, allowed in ((2, 0.08), (3, 0.07), (5, 0.06)):
        null = draw(rng, (1500, 60, seeds), by_task=0.5, by_seed=0.6)
        assert np.mean([(over_both(table) or 0) <= 0.05 for table in null]) <= allowed
    assert np.mean([over_tasks(table) <= 0.05 for table in null[:300]]) > 0.15


def test_a_large_difference_is_found_over_both() -> None:
    rng = np.random.default_rng(7)
    better = (rng.random((60, 5)) < 0.8).astype(np.float64) - (rng.random((60, 5)) < 0.4)
    found = over_both(better)
    assert found is not None
    assert found < 0.01


@settings(deadline=None)
@given(tables(most_tasks=7, most_seeds=4, low=-1.0))
def test_p_values_are_probabilities_and_do_not_care_which_method_comes_first(differences: Values) -> None:
    for test in (over_tasks, over_both):
        found = test(differences)
        if found is not None:
            assert 0 <= found <= 1
        assert found == pytest.approx(test(-differences))
        assert found == pytest.approx(test(differences[::-1, ::-1]))


def test_one_seed_tells_nothing_of_others_and_what_never_varies_little() -> None:
    assert over_both(np.ones((5, 1))) is None
    assert over_both(np.ones((1, 5))) is None
    assert over_both(np.zeros((5, 2))) == 1.0
    assert over_both(np.ones((5, 3))) == 0.25


@settings(deadline=None)
@given(tables(most_tasks=6, most_seeds=4, low=-1.0))
def test_mean_squares_are_those_of_the_textbook(differences: Values) -> None:
    n, m = differences.shape
    if n < 2:
        with pytest.raises(ValueError, match="one task"):
            spread(differences)
        return
    found = spread(differences)
    total = ((differences - differences.mean()) ** 2).sum()
    if m == 1:
        assert (found.seeds, found.rest) == (None, None)
        assert found.tasks * (n - 1) == pytest.approx(total)
    else:
        assert found.seeds is not None
        assert found.rest is not None
        parts = found.tasks * (n - 1) + found.seeds * (m - 1) + found.rest * (n - 1) * (m - 1)
        assert parts == pytest.approx(total)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_rejects_what_its_steps_reject(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for level in (0.01, 0.05, 0.3):
        rejected: set[int] = set()
        for step, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
            if p_values[index] * (len(p_values) - step) > level:
                break
            rejected.add(index)
        assert {index for index, p in enumerate(adjusted) if p <= level} == rejected


def test_effects_are_cohens_and_the_discordant_pairs() -> None:
    a, b = (
        np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
        np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 0.0], [0, 0]]),
    )
    found = effect(a, b)

    assert (found.won, found.lost, found.odds) == (5, 1, 5.0)
    assert found.h == pytest.approx(2 * (np.arcsin(0.75**0.5) - np.arcsin(0.25**0.5)))
    assert effect(a, np.zeros((4, 2))).odds is None
    assert effect(a, a).h == 0
