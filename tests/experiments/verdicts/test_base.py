from __future__ import annotations

from typing import get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import Interval
from experiments.verdicts.base import Part, Unit, Verdict, Word, settling, whole, word
from experiments.verdicts.formats import as_json, read_json

texts = st.text(max_size=12)
numbers = st.floats(-1e6, 1e6).map(lambda value: round(value, 9)) | st.just(float("inf"))
simulated_words = ["inconclusive", "not run", "simulated: consistent", "simulated: inconsistent"]
measured_words = ["inconclusive", "not run", "reproduced", "not reproduced"]


@st.composite
def parts(draw: st.DrawFn, simulated: bool) -> Part:
    return Part(
        draw(texts), draw(texts), draw(st.sampled_from(simulated_words if simulated else measured_words)), simulated,
        draw(texts), draw(st.none() | st.builds(Interval, numbers, numbers, numbers)),
        draw(st.sampled_from(get_args(Unit))), draw(st.integers(0, 9)), draw(st.none() | st.integers(1, 99)),
    )  # fmt: skip


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    simulated = draw(st.booleans())
    found = draw(st.lists(parts(simulated), max_size=3))
    chosen, reason = whole(found, simulated)
    return Verdict("id", "study", draw(texts), draw(texts), chosen, simulated, reason, draw(texts), tuple(found))


@settings(deadline=None)
@given(st.lists(verdicts(), max_size=3))
def test_verdicts_survive_json_to_nine_digits(found: list[Verdict]) -> None:
    assert read_json(as_json(found)) == tuple(found)
    assert orjson.loads(as_json(found)) == [verdict.to_json() for verdict in found]


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_result_never_reproduces_and_a_measured_one_is_never_consistent(simulated: bool) -> None:
    wrong = ("reproduced", "not reproduced") if simulated else ("simulated: consistent", "simulated: inconsistent")
    for each in get_args(Word):
        if each in wrong:
            with pytest.raises(ValueError, match="can't be"):
                Part("", "", each, simulated, "")
            with pytest.raises(ValueError, match="can't be"):
                Verdict("c", "s", "", "", each, simulated, "", "", ())
        else:
            assert Part("", "", each, simulated, "").word == each
    for holds in (True, False, None):
        assert word(holds, simulated) not in wrong


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of reproduced"):
        Part("", "", "proven", False, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "not run"),
        (["reproduced"], "reproduced"),
        (["reproduced", "reproduced"], "reproduced"),
        (["reproduced", "not reproduced"], "not reproduced"),
        (["reproduced", "inconclusive"], "inconclusive"),
        (["reproduced", "not run"], "inconclusive"),
        (["not reproduced", "not run"], "not reproduced"),
        (["not run", "not run"], "not run"),
    ],
)
def test_a_reading_holds_where_all_its_parts_do_and_fails_where_any_does(words: list[Word], expected: Word) -> None:
    found, reason = whole([Part("", "", each, False, "why") for each in words], False)

    assert found == expected
    if len(words) > 1:
        assert reason.startswith(f"Of {len(words)} parts: ")
        assert all(each in reason for each in words)


def test_what_would_settle_it_is_said_in_every_case() -> None:
    assert "three at least" in settling(1, None)
    assert "more test tasks" in settling(3, None)
    assert "About 12 seeds" in settling(3, 12)


def test_what_was_not_run_at_all_tells_its_first_reason() -> None:
    parts = [Part("", "", "not run", True, f"reason {number}.") for number in range(2)]
    assert whole(parts, True) == ("not run", "Of 2 parts: 2 not run. reason 0.")
