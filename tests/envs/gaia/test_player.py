"""The player solves what it heeds all lessons for, and the lack of each lesson shows and costs."""

import inspect
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.gaia import conversation, player
from envs.gaia.conversation import Lost, colours, fill, grid, last_number, only, plain, results
from envs.gaia.player import play
from envs.gaia.simulated import GaiaSimulated
from envs.gaia.skills import common, files, web
from fgo.llm.sim.rulebook import CARELESS, Rulebook
from tests.envs.gaia.embedded_set import on_bench, tasks

SIMULATED = GaiaSimulated()
BOOK = Rulebook([SIMULATED])
MADE = "Question: How many nests of X were there on the island of Y by the final count?\nAttached file: talk.pptx"


def heeding(odd):
    """Heeds all lessons and no false rule, but one."""
    return lambda name, _: (name in BOOK.lessons) != (name == odd)


@pytest.fixture(scope="module")
def games():
    """(rule at fault or None) -> (task id, solved, conversation) on each test task."""

    async def work(bench):
        played = {}
        for odd in (None, *BOOK.lessons, *BOOK.misconceptions):
            played[odd] = [
                (task["id"], *await bench.play(task, SIMULATED, heeding(odd)))
                for task in tasks()
                if task["split"] == "test"
            ]
        return played

    return on_bench(work)


def test_a_player_that_heeds_everything_solves_every_task_by_several_steps(games):
    assert [task_id for task_id, solved, _ in games[None] if not solved] == []
    steps = [said.count("\nAction: ") for _, _, said in games[None]]
    assert min(steps) >= 2
    assert 3 <= sum(steps) / len(steps) <= 7


def test_right_play_shows_the_lack_of_nothing(games):
    assert {(name, task_id) for task_id, _, said in games[None] for name in BOOK.shown(said)} == set()


@pytest.mark.parametrize("name", [*BOOK.lessons, *BOOK.misconceptions])
def test_the_lack_of_a_lesson_or_a_false_rule_shows_where_it_costs_the_task(games, name):
    lost = [said for _, solved, said in games[name] if not solved]
    assert lost
    assert all(name in BOOK.shown(said) for said in lost)


@pytest.mark.parametrize("name", list(BOOK.lessons))
def test_the_lack_of_a_lesson_rarely_looks_like_the_lack_of_another(games, name):
    lost = [said for _, solved, said in games[name] if not solved]
    assert sum(set(BOOK.shown(said)) == {name} for said in lost) > len(lost) / 2


def test_every_careless_rule_hurts_only_where_its_condition_fails(games):
    for name in BOOK.misconceptions:
        if name.endswith(CARELESS):
            assert 0 < sum(not solved for _, solved, _ in games[name]) <= 5


def test_the_same_conversation_gets_the_same_reply():
    turns = [{"role": "user", "content": f"Observation: {MADE}"}]
    replies = {play(turns, heeding(None)) for _ in range(3)}
    assert replies == {'Thought: I read the attached file.\nAction: read_file {"path": "talk.pptx"}'}


def test_a_player_never_imports_what_tasks_are_made_of():
    for module in (conversation, player, common, files, web):
        assert "embedded" not in inspect.getsource(module)


def test_a_step_that_was_left_out_or_malformed_does_not_confuse_it():
    action = 'read_file {"path": "talk.pptx"}'
    turns = [
        {"role": "user", "content": f"Observation: {MADE}"},
        {"role": "assistant", "content": "Hm."},
        {"role": "user", "content": "Observation: Your reply could not be read."},
        {"role": "assistant", "content": f"Thought: I read.\nAction: {action.replace(': ', ':')}"},
        {
            "role": "user",
            "content": "Observation: # Slide 2\nIsland of Y\nNests: 3\n[notes] The final count gave 4 nests.",
        },
    ]
    assert play(turns, heeding(None)).endswith('final_answer {"answer": "4"}')
    assert action in play(turns[:1] + turns[1:3], heeding(None))


def test_a_file_that_does_not_hold_what_is_sought_ends_in_an_answer():
    turns = [
        {"role": "user", "content": f"Observation: {MADE}"},
        {"role": "assistant", "content": 'Thought: I read.\nAction: read_file {"path": "talk.pptx"}'},
        {"role": "user", "content": "Observation: There is no file talk.pptx."},
    ]
    assert 'final_answer {"answer": "unknown"}' in play(turns, heeding(None))


@settings(deadline=None)  # the first example writes the set
@given(st.integers(0, 24), st.lists(st.text(), max_size=4))
def test_whatever_it_is_told_it_replies_with_one_call(number, told):
    question = ["Who was it?", *(task["question"] for task in tasks()[:24])][number]
    turns = [{"role": "user", "content": f"Observation: Question: {question}\nAttached file: a.zip"}]
    for text in told:
        reply = play(turns, heeding(None))
        name, _, arguments = reply.split("\nAction: ", 1)[1].partition(" ")
        assert name in ("read_file", "python", "web_search", "visit", "final_answer")
        assert isinstance(json.loads(arguments), dict)
        turns += [{"role": "assistant", "content": reply}, {"role": "user", "content": f"Observation: {text}"}]


def test_tables_are_read_from_bars_and_commas():
    assert grid("| | A | B |\n| --- | --- | --- |\n| 1 | x | 2 |\ntext, and more\na,b,3") == [
        ["", "A", "B"],
        ["1", "x", "2"],
        ["a", "b", "3"],
    ]


def test_fills_are_told_from_the_text_of_cells():
    assert (plain("Plot 1 {#00B050}"), fill("Plot 1 {#00B050}"), fill("Plot 1")) == ("Plot 1", "#00B050", "")
    assert colours("fills (count of cells): #00B050 green (3), #FF0000 dark red (1)") == {
        "#00B050": "green",
        "#FF0000": "dark red",
    }


def test_search_results_are_titles_and_addresses():
    text = "Results for 'x', 2 in all:\n1. [One](https://a.example/1) (2020-01-01)\n   some text\n2. [Two](https://a.example/2)"
    assert results(text) == [("One", "https://a.example/1"), ("Two", "https://a.example/2")]


def test_what_is_not_there_is_not_found():
    with pytest.raises(Lost):
        last_number("none")
    with pytest.raises(Lost):
        only(r"(\d)", "none")
