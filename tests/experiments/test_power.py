from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from experiments.paired import over_both
from experiments.power import Components, components, detectable, seeds_to_detect

variances = st.floats(0, 0.5)
some_parts = st.builds(Components, variances, variances, variances)


def draw(parts: Components, n: int, m: int, studies: int, mean: float = 0.0) -> NDArray[np.float64]:
    rng = np.random.default_rng(3)
    deviations = {name: getattr(parts, name) ** 0.5 for name in ("tasks", "seeds", "rest")}
    return (
        mean
        + rng.normal(0, deviations["tasks"], (studies, n, 1))
        + rng.normal(0, deviations["seeds"], (studies, 1, m))
        + rng.normal(0, deviations["rest"], (studies, n, m))
    )


def test_components_are_found_again_on_average() -> None:
    truth = Components(0.09, 0.04, 0.16)
    found = [components(table) for table in draw(truth, 40, 8, 400)]

    for name in ("tasks", "seeds", "rest"):
        assert np.mean([getattr(parts, name) for parts in found]) == pytest.approx(getattr(truth, name), rel=0.1)


def test_the_detectable_difference_is_detected_about_four_times_in_five() -> None:
    for parts, n, m in ((Components(0.05, 0.002, 0.2), 60, 5), (Components(0.0, 0.01, 0.2), 60, 10)):
        studies = draw(parts, n, m, 600, mean=detectable(parts, n, m))
        power = np.mean([(over_both(table) or 0) <= 0.05 for table in studies])
        assert 0.72 <= power <= 0.92


@settings(deadline=None)
@given(some_parts, st.integers(2, 100), st.floats(0.01, 1))
def test_the_seeds_are_the_fewest_that_are_enough(parts: Components, tasks: int, difference: float) -> None:
    seeds = seeds_to_detect(parts, tasks, difference)
    if seeds is None:
        assert detectable(parts, tasks, 1000) > difference
        return
    assert detectable(parts, tasks, seeds) <= difference + 1e-9
    assert seeds == 2 or detectable(parts, tasks, seeds - 1) > difference


@settings(deadline=None)
@given(some_parts, st.integers(1, 100), st.integers(2, 50))
def test_more_seeds_see_no_less_while_there_are_more_tasks(parts: Components, more: int, seeds: int) -> None:
    # With fewer tasks than seeds the test leans on the tasks' few degrees of freedom the more, the less the seeds differ.
    tasks = seeds + more
    assert detectable(parts, tasks, seeds + 1) <= detectable(parts, tasks, seeds) + 1e-9


def test_no_number_of_seeds_makes_up_for_too_few_tasks_or_for_no_difference() -> None:
    assert seeds_to_detect(Components(0.25, 0, 0.1), 10, 0.05) is None
    assert seeds_to_detect(Components(0.01, 0.01, 0.1), 60, 0.0) is None
    assert seeds_to_detect(Components(0, 0, 0), 60, 0.1) == 2


def test_one_seed_has_no_components() -> None:
    assert components(np.ones((5, 1))) is None
