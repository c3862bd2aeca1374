from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.calibration.judge import judge, wilson
from fgo.llm.sim.rulebook import Rulebook
from fgo.llm.types import Reply
from fgo.types import Usage
from tests.fgo.llm.sim.toy import HORN, LOOK, STOP, Road

BOOK = Rulebook([Road()])


def judged(
    text: str, planted: tuple[str, ...] = ("stop", "look"), finish: str = "stop", before: str = "Drive."
) -> object:
    reply = Reply(f'<module name="instructions">\n{text}\n</module>', finish, Usage())  # type: ignore[arg-type]
    found = judge(reply, planted, before, BOOK, "instructions")
    return (found.noticed, found.careless, found.unplanted, found.false, found.other, bool(found.problem))


def test_new_lines_are_told_apart_by_what_they_state() -> None:
    text = f"Drive.\n- {STOP.statement} [T1]\n- {HORN.statement}\n- Be kind."
    assert judged(text) == (("stop",), (), (), ("horn",), 1, False)


def test_a_lesson_without_its_condition_counts_as_noticed_and_as_careless() -> None:
    assert judged(f"- {STOP.careless}\n- {LOOK.statement}") == (("look", "stop"), ("stop",), (), (), 0, False)
    assert judged(f"- {STOP.careless}\n- {STOP.statement}") == (("stop",), (), (), (), 0, False)


def test_what_stood_there_before_or_was_not_shown_is_not_noticed() -> None:
    assert judged(f"- {STOP.statement}\n- {LOOK.statement}", ("look",), before=f"- {STOP.statement}")[0] == ("look",)  # type: ignore[index]
    assert judged(f"- {STOP.statement}", ("look",)) == ((), (), ("stop",), (), 0, False)


def test_replies_that_are_cut_off_or_out_of_form_are_problems() -> None:
    assert judged(STOP.statement, finish="length") == ((), (), (), (), 0, True)
    assert judge(Reply("Sure.", "stop", Usage()), ("stop",), "", BOOK, "instructions").problem


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_wilsons(hits: int, n: int, low: float, high: float) -> None:
    share = wilson(hits, n)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 500), st.data())
def test_a_share_is_never_outside_its_interval(n: int, data: st.DataObject) -> None:
    share = wilson(data.draw(st.sampled_from([0, n]) | st.integers(0, n)), n)
    assert 0.0 <= share.low <= share.estimate <= share.high <= 1.0
