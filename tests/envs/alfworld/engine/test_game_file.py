import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.alfworld.engine.game import TextGame
from envs.alfworld.engine.game_file import GameFileError, read_game
from envs.alfworld.engine.rules import rule_sets
from tests.envs.alfworld.engine.worlds import TASK, room, write_game

MOVE, PUT = rule_sets()


@pytest.mark.parametrize("kind", ["move", "put"])
def test_the_kind_of_a_game_and_its_task_are_recognised(kind, tmp_path):
    game = read_game(write_game(tmp_path, kind, room(1)))
    assert game.rules.name == kind
    assert game.task == TASK


def test_white_space_at_line_ends_does_not_matter(tmp_path):
    path = write_game(tmp_path, "move", room(1), pddl_domain=MOVE.domain_text.replace("\n", " \r\n") + "\n\n")
    assert read_game(path).rules is MOVE


def test_a_task_may_be_any_plain_sentence(tmp_path):
    task = "Place Bob's naïve (half-full) mug, please: at 5% in/on the desk!"
    game = TextGame(read_game(write_game(tmp_path, "move", room(1), task)))
    assert game.reset().observation.endswith(f"Your task is to: {task}")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"grammar": MOVE.grammar_text.replace('"look"', '"gaze"')}, "its grammar is neither"),
        ({"grammar": MOVE.grammar_text.replace("{r.name}", "{__import__('os').abort()}")}, "its grammar is neither"),
        ({"grammar": MOVE.grammar_text + MOVE.grammar_text}, 'its grammar has 2 lines "Your task is to'),
        ({"grammar": ""}, "its grammar has 0 lines"),
        ({"grammar": PUT.grammar_text}, "its PDDL domain is not the one"),
        ({"pddl_domain": MOVE.domain_text.replace("(holds ?a ?o)", "")}, "its PDDL domain is not the one"),
        ({"solvable": False}, "not marked as solvable"),
        ({"pddl_domain": None}, "not a JSON object with the texts"),
        ({"pddl_problem": ""}, "not one list in balanced parentheses"),
        ({"pddl_problem": "(define (problem p)"}, "not one list in balanced parentheses"),
        ({"pddl_problem": "(define (problem p)))"}, r"a \) too many"),
        ({"pddl_problem": "(define (problem p) (:objects) (:goal (and)))"}, "no :init section"),
        (
            {"pddl_problem": room(1).replace("agent1 - agent", "agent1 - location")},
            "the domain declares atlocation for",
        ),
        ({"pddl_problem": room(1).replace("(= (total-cost) 0)", "(= (weight) 7)")}, "a number that is no cost"),
        ({"pddl_problem": room(1).replace("(:init", "(:init (flies agent1)")}, "declares flies for nothing"),
        ({"pddl_problem": room(1).replace("(and (inReceptacle", "(forall (inReceptacle")}, "'forall' in a condition"),
        (
            {
                "pddl_problem": room(1)
                .replace("agent1 - agent", "agent1 agent2 - agent")
                .replace("(:init", "(:init (atLocation agent2 loc_bar_0_bar__minus_0)")
            },
            "2 atLocation facts instead of one",
        ),
        ({"pddl_problem": room(1).replace("agent1 - agent", "agent1 agent1 - agent")}, "two objects of one name"),
    ],
)
def test_a_file_that_can_not_be_played_is_refused_with_its_name_and_the_reason(changes, reason, tmp_path):
    path = write_game(tmp_path, "move", room(1), **changes)
    with pytest.raises(GameFileError, match=reason) as refusal:
        read_game(path)
    assert str(path) in str(refusal.value)


def test_a_receptacle_at_two_locations_is_refused_since_going_there_would_be_ambiguous(tmp_path):
    lines = room(1).splitlines()
    first = next(line for line in lines if line.startswith("(receptacleAtLocation"))
    elsewhere = "loc_bar_1_bar__minus_1" if "loc_bar_0" in first else "loc_bar_0_bar__minus_0"
    twice = f"{first.rsplit(' ', 1)[0]} {elsewhere})"
    path = write_game(tmp_path, "move", room(1).replace(first, f"{first}\n{twice}"))
    with pytest.raises(GameFileError, match="two locations"):
        read_game(path)


@pytest.mark.parametrize("character", list("#{}[]|;<>"))
def test_a_task_that_would_be_read_as_grammar_is_refused(character, tmp_path):
    with pytest.raises(GameFileError, match="would be read as grammar"):
        read_game(write_game(tmp_path, "move", room(1), f"put a {character} in desk."))


def test_a_missing_file_and_no_json_are_refused_with_the_name(tmp_path):
    with pytest.raises(GameFileError, match="nowhere"):
        read_game(tmp_path / "nowhere")
    (tmp_path / "game.tw-pddl").write_bytes(b"\xff{")
    with pytest.raises(GameFileError, match=r"game\.tw-pddl"):
        read_game(tmp_path / "game.tw-pddl")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_garbled_problem_is_refused_or_played_but_never_crashes(tmp_path, data):
    tokens = room(2).replace("(", " ( ").replace(")", " ) ").split()
    start = data.draw(st.integers(0, len(tokens)))
    stop = start + data.draw(st.integers(0, 6))
    words = st.sampled_from(["(", ")", "not", "and", "or", "exists", "=", "-", "?x", "agent1", "when", "holds", ""])
    tokens[start:stop] = data.draw(st.lists(words, max_size=5))
    path = write_game(tmp_path, "move", " ".join(tokens))
    try:
        game = TextGame(read_game(path))
    except GameFileError:
        return
    assert game.reset().admissible_commands
    game.step("look")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_other_json_is_refused(tmp_path, data):
    path: Path = tmp_path / "game.tw-pddl"
    path.write_text(json.dumps(data))
    with pytest.raises(GameFileError):
        read_game(path)
