from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.sim.recall import notice, recall
from tests.fgo.llm.sim.toy import PLAIN

NOLIMA_70B = replace(
    PLAIN,
    recall_base=0.973,
    recall_lengths=(1024, 2048, 4096, 8192, 16384, 32768),
    recall_scores=(0.942, 0.874, 0.815, 0.721, 0.595, 0.427),
)


@pytest.mark.parametrize(("tokens", "published"), [(100, 0.973), (1024, 0.942), (8192, 0.721), (32768, 0.427)])
def test_the_published_scores_come_out_where_places_do_not_count(tokens, published):
    assert recall(NOLIMA_70B, tokens, 0.3) == pytest.approx(published)


def test_between_lengths_recall_is_linear_in_the_logarithm_and_beyond_the_last_the_slope_goes_on_down_to_zero():
    assert recall(NOLIMA_70B, 23170, 0.5) == pytest.approx((0.595 + 0.427) / 2, abs=1e-4)
    assert recall(NOLIMA_70B, 65536, 0.5) == pytest.approx(0.427 - 0.168)
    assert recall(NOLIMA_70B, 10**7, 0.5) == 0


def test_decay_multiplies_the_loss_and_without_it_length_does_not_count():
    assert recall(replace(NOLIMA_70B, recall_decay=0), 10**6, 0.5) == pytest.approx(0.973)
    assert recall(replace(NOLIMA_70B, recall_decay=2), 8192, 0.5) == pytest.approx(0.973 - 2 * (0.973 - 0.721))


def test_places_redistribute_recall_with_mean_one_in_the_published_shape():
    curve = replace(NOLIMA_70B, place_depth=1.0)
    relative = [recall(curve, 32768, i / 1000) / 0.427 for i in range(1001)]
    assert sum(relative) / len(relative) == pytest.approx(1, abs=0.01)
    assert relative[0] > relative[-1] > 1 > relative[500] == pytest.approx(min(relative))


share = st.floats(0, 1)


@given(st.integers(1, 10**7), share, st.floats(0, 5), share, share, st.lists(share))
def test_chances_are_chances_whatever_the_knobs(tokens, place, decay, scale, depth, places):
    knobs = replace(NOLIMA_70B, recall_decay=decay, recall_scale=scale, place_depth=depth)
    assert 0 <= recall(knobs, tokens, place) <= 1
    best, independent = (notice(replace(knobs, occurrences=how), tokens, places) for how in ("max", "independent"))
    assert 0 <= best <= independent + 1e-9 <= 1 + 1e-9


def test_the_controls_notice_everything_and_nothing():
    perfect = replace(NOLIMA_70B, recall_base=1.0, recall_decay=0.0)
    assert notice(perfect, 10**7, [0.5]) == 1
    assert notice(replace(NOLIMA_70B, recall_scale=0.0, occurrences="independent"), 10, [0.0] * 50) == 0


def test_repetition_helps_only_where_sightings_are_independent():
    assert notice(NOLIMA_70B, 32768, [0.5] * 9) == pytest.approx(0.427)
    assert notice(replace(NOLIMA_70B, occurrences="independent"), 32768, [0.5] * 9) == pytest.approx(1 - 0.573**9)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("competence", 1.2),
        ("follow", -0.1),
        ("recall_decay", -1.0),
        ("recall_lengths", (2048, 1024)),
        ("recall_lengths", (100, 1024)),
        ("recall_scores", (0.9,)),
        ("place_scores", (0.0, 1.0)),
        ("occurrences", "both"),
    ],
)
def test_an_impossible_parameter_is_refused_by_name(key, value):
    with pytest.raises(ValueError, match=f"model.simulated.{key}="):
        replace(PLAIN, **{key: value})
