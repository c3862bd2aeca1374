"""The simulated player in real games: what it wins when taught, what it loses untaught, how each lack shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from envs.alfworld import generator
from envs.alfworld.engine.game import TextGame
from envs.alfworld.engine.game_file import read_game
from envs.alfworld.episode import trim_arrival, trim_opening
from envs.alfworld.lessons import LESSONS, MISCONCEPTIONS
from envs.alfworld.player import play
from envs.alfworld.simulated import AlfWorldSimulated
from fgo.llm.sim.draws import draw
from fgo.llm.sim.rulebook import CARELESS, Rulebook

LESSON_NAMES = frozenset(lesson.name for lesson in LESSONS)
STEPS = 50
COMPANIONS = {"no_repeat": {"go_first"}, "undone_step": {"cool_at_fridge"}}
"""Lessons that matter where something else has gone wrong, and what must be lacking for that."""

BOOK = Rulebook([AlfWorldSimulated()])
ROOM = "You are in the middle of a room. Looking quickly around you, you see a cabinet 1, a shelf 1, and a sinkbasin 1."


@dataclass(frozen=True)
class Played:
    won: bool
    steps: int
    text: str


def played(game: TextGame, heeds: Callable[[str, str], bool]) -> Played:
    """A game, and its trajectory as prompts show it."""
    state = game.reset()
    turns = [{"role": "system", "content": ""}]
    turns.append({"role": "user", "content": f"Observation: {trim_opening(state.observation)}"})
    for _ in range(STEPS):
        reply = play(turns, heeds)
        assert re.fullmatch(r"Thought: [^\n]+\nAction: [^\n]+", reply)
        state = game.step(reply.partition("Action: ")[2])
        turns.append({"role": "assistant", "content": reply})
        turns.append({"role": "user", "content": f"Observation: {trim_arrival(state.observation)}"})
        if state.won:
            break
    return Played(state.won, len(turns) // 2 - 1, "\n".join(turn["content"] for turn in turns[1:]) + "\n")


class Games:
    """The generated test games, played once by each kind of player."""

    def __init__(self, root) -> None:
        generator.generate(root, seed=0, train=6, test=60)
        self.games = [TextGame(read_game(path)) for path in sorted(root.glob("*/test/*/*/game.tw-pddl"))]
        self.by = cache(self._by)

    def _by(self, followed: frozenset[str]) -> list[Played]:
        return [played(game, lambda rule, _: rule in followed) for game in self.games]


@pytest.fixture(scope="module")
def games(tmp_path_factory) -> Games:
    return Games(tmp_path_factory.mktemp("games"))


def won(results: list[Played]) -> int:
    return sum(result.won for result in results)


def test_a_player_that_heeds_all_lessons_wins_nearly_all_games_with_steps_to_spare(games):
    results = games.by(LESSON_NAMES)
    assert won(results) >= 58
    assert sum(result.steps for result in results) / len(results) < 20


def test_a_player_that_heeds_none_wins_nearly_none(games):
    assert won(games.by(frozenset())) <= 6


@pytest.mark.parametrize("lesson", sorted(LESSON_NAMES))
def test_the_lack_of_a_lesson_shows_in_trajectories_and_its_presence_does_not(games, lesson):
    lacking = games.by(LESSON_NAMES - {lesson} - COMPANIONS.get(lesson, set()))
    assert any(lesson in BOOK.shown(result.text) for result in lacking)
    assert not any(lesson in BOOK.shown(result.text) for result in games.by(LESSON_NAMES))


@pytest.mark.parametrize("lesson", sorted(LESSON_NAMES - {"undone_step"}))
def test_the_lack_of_a_lesson_costs_games_or_steps(games, lesson):
    others = LESSON_NAMES - COMPANIONS.get(lesson, set())
    full, lacking = games.by(others), games.by(others - {lesson})
    assert won(lacking) < won(full) or sum(r.steps for r in lacking) > sum(r.steps for r in full)


def test_thinking_again_about_what_was_left_out_helps_an_agent_that_half_knows_its_task(games):
    def knowing(*rules: str) -> int:
        heeded = LESSON_NAMES - {"undone_step"} | set(rules)

        def heeds(rule: str, occasion: str) -> bool:
            unsure = rule.endswith(("_sink", "_microwave", "_fridge")) and occasion == "first"
            return rule in heeded and not unsure

        return won([played(game, heeds) for game in games.games])

    assert knowing("undone_step") > knowing() + 10


@pytest.mark.parametrize("rule", [rule.name for rule in MISCONCEPTIONS])
def test_following_a_false_rule_shows_and_costs_games_or_steps(games, rule):
    followed = LESSON_NAMES - ({"lamp_holding"} if rule == "lamp_holding!careless" else set()) | {rule}
    results, right = games.by(followed), games.by(LESSON_NAMES)
    assert any(rule in BOOK.shown(result.text) for result in results)
    assert won(results) < won(right) or sum(r.steps for r in results) > sum(r.steps for r in right)


def test_careless_rules_for_heating_and_cooling_undo_each_other(games):
    both = {"heat_at_microwave" + CARELESS, "cool_at_fridge" + CARELESS}
    cool = [result for result in games.by(LESSON_NAMES | both) if re.search(r"task is to: [^\n]*\bcool", result.text)]
    assert len(cool) == 10
    assert won(cool) < 5


def test_the_player_uses_the_older_grammar_where_the_newer_one_fails():
    turns = [
        {"role": "user", "content": f"Observation: {ROOM}\nYour task is to: put a cup in shelf."},
        {"role": "assistant", "content": "Thought: x.\nAction: go to cabinet 1"},
        {"role": "user", "content": "Observation: The cabinet 1 is open. In it, you see a cup 2."},
        {"role": "assistant", "content": "Thought: x.\nAction: take cup 2 from cabinet 1"},
        {"role": "user", "content": "Observation: You pick up the cup 2 from the cabinet 1."},
        {"role": "assistant", "content": "Thought: x.\nAction: go to shelf 1"},
        {"role": "user", "content": "Observation: On the shelf 1, you see nothing."},
    ]
    heeds = LESSON_NAMES.__contains__
    assert play(turns, lambda rule, _: heeds(rule)).endswith("Action: move cup 2 to shelf 1")
    turns += [
        {"role": "assistant", "content": "Thought: x.\nAction: move cup 2 to shelf 1"},
        {"role": "user", "content": "Observation: Nothing happens."},
    ]
    assert play(turns, lambda rule, _: heeds(rule)).endswith("Action: put cup 2 in/on shelf 1")


@pytest.mark.parametrize(
    "goal",
    [
        "put a clean mug in coffeemachine.",
        "clean some ladle and put it in drawer.",
        "look at bowl under the desklamp.",
        "examine the pen with the desklamp.",
        "find two pen and put them in garbagecan.",
        "put two cd in safe.",
        "heat some egg and put it in countertop.",
        "put a cool potato in microwave.",
        "put some watch on shelf.",
        "fly to the moon.",
    ],
)
def test_any_goal_and_any_conversation_gets_a_readable_reply(goal):
    turns = [{"role": "user", "content": f"Observation: {ROOM}\nYour task is to: {goal}"}]
    for observation in ("Nothing happens.", "Your reply could not be read.", "", "You arrive at shelf 1. On the shelf"):
        for seed in range(10):
            reply = play(turns, lambda rule, occasion, seed=seed: draw(seed, "heed", rule, occasion) < 0.5)
            assert re.fullmatch(r"Thought: [^\n]+\nAction: [^\n]+", reply)
        turns += [
            {"role": "assistant", "content": reply},
            {"role": "user", "content": f"Observation: {observation}"},
        ]


def test_the_player_knows_no_more_than_its_conversation_says():
    turns = [{"role": "user", "content": f"Observation: {ROOM}\nYour task is to: put a clean cup in shelf."}]
    replies = {play(list(turns), lambda rule, _: True) for _ in range(3)}
    assert len(replies) == 1
