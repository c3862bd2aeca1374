from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fgo.compression import compressed
from fgo.rendering import render_trajectory
from fgo.types import Score, Status, Step, Trajectory


def played(*steps: Step, success: bool = False, opening: str = "A room.") -> Trajectory:
    status = Status.WON if success else Status.LOST
    return Trajectory("t", "", "goal", "m", opening, steps, status, Score(success, float(success)))


def step(action: str, observation: str) -> Step:
    return Step(f"Thought: x\nAction: {action}", action, observation)


def test_long_observations_are_cut_in_the_middle_and_say_so() -> None:
    short = compressed(played(step("look", "a" * 1000), step("end", "b" * 1000)))

    assert short.steps[0].observation == "a" * 200 + " [740 characters] " + "a" * 60
    assert short.steps[1].observation == "b" * 1000  # how it ended


def test_repeated_steps_are_folded() -> None:
    short = compressed(played(*[step("look", "Nothing.")] * 5, step("go", "There."), step("end", "Over.")))

    assert [s.observation for s in short.steps] == ["Nothing. [and 4 more times]", "There.", "Over."]


def test_of_a_success_what_the_agent_said_is_left() -> None:
    short = compressed(played(step("look", "A desk."), step("take", "You win."), success=True))

    assert [s.observation for s in short.steps] == ["...", "You win."]
    assert [s.action for s in short.steps] == ["look", "take"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=600)), max_size=8), st.booleans(), st.text())
def test_it_is_never_longer_but_for_its_notes_and_changes_no_outcome(
    said: list[tuple[str, str]], success: bool, opening: str
) -> None:
    whole = played(*(step(action, observation) for action, observation in said), success=success, opening=opening)
    short = compressed(whole)

    assert (short.status, short.score, short.episode) == (whole.status, whole.score, whole.episode)
    assert len(render_trajectory(short, "T1")) <= len(render_trajectory(whole, "T1")) + 25 * (len(said) + 1)
    assert short.steps[-1:] == whole.steps[-1:]
