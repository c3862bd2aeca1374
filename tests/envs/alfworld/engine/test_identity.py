"""Our engine and the stock environment show a player the same, record by record.

Real games are compared where ALFWORLD_DATA has them (and ALFWORLD_OLD_DATA, for the older `put X in/on Y` games): four
by default, else FGO_ENGINE_GAMES of them. Made-up rooms are compared everywhere.
"""

import itertools
import json
import os
import random
from functools import cache
from pathlib import Path

import pytest

from envs.alfworld.engine.game import TextGame
from envs.alfworld.engine.game_file import read_game
from envs.alfworld.engine.stock import StockGame
from tests.envs.alfworld.engine.comparison import compare, read_walkthrough
from tests.envs.alfworld.engine.worlds import room, write_game

# Read before anything imports alfworld, which sets ALFWORLD_DATA where it is not set.
FOLDERS = {name: os.environ.get(name) for name in ("ALFWORLD_DATA", "ALFWORLD_OLD_DATA")}
SAMPLE = int(os.environ.get("FGO_ENGINE_GAMES", "4"))


@pytest.fixture(scope="module")
def stock(tmp_path_factory) -> StockGame:
    return StockGame(write_game(tmp_path_factory.mktemp("any"), "move", room(0)))


@cache
def real_games(variable: str) -> list[Path]:
    """A fixed sample of SAMPLE games, of all task types alike."""
    folder = FOLDERS[variable]
    if not folder:
        pytest.skip(f"{variable} is not set: no real games to compare")
    by_type: dict[str, list[Path]] = {}
    for path in sorted(Path(folder).rglob("game.tw-pddl")):
        name = path.parent.parent.name
        if "movable" not in name and "Sliced" not in name:  # ALFWorld leaves these out.
            by_type.setdefault(name.split("-")[0], []).append(path)
    if not by_type:
        pytest.fail(f"{variable}={folder} has no game.tw-pddl below it")
    for paths in by_type.values():
        random.Random(0).shuffle(paths)
    longest = max(map(len, by_type.values()))
    turns = (paths[turn] for turn in range(longest) for _, paths in sorted(by_type.items()) if turn < len(paths))
    # ALFWorld leaves out what is not solvable, too; TextWorld fails on most of it.
    return list(itertools.islice((path for path in turns if json.loads(path.read_bytes())["solvable"]), SAMPLE))


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_real_game_is_the_same_over_its_walkthrough_and_random_and_invalid_commands(number, stock):
    games = real_games("ALFWORLD_DATA")
    if number >= len(games):
        pytest.skip(f"ALFWORLD_DATA has {len(games)} games only")
    walkthrough = read_walkthrough(games[number])
    records, won = compare(games[number], stock, seed=1, walkthrough=walkthrough, steps=12)
    assert records > len(walkthrough)
    assert won == bool(walkthrough)


@pytest.mark.parametrize("number", range(min(SAMPLE, 2) if SAMPLE < 12 else 12))
def test_a_real_game_of_the_older_kind_is_the_same_over_random_and_invalid_commands(number, stock):
    games = real_games("ALFWORLD_OLD_DATA")
    if number >= len(games):
        pytest.skip(f"ALFWORLD_OLD_DATA has {len(games)} games only")
    records, _ = compare(games[number], stock, seed=2, walkthrough=read_walkthrough(games[number]), steps=25)
    assert records > 1


@pytest.mark.parametrize("kind", ["move", "put"])
@pytest.mark.parametrize("seed", range(3))
def test_a_made_up_room_is_the_same_over_random_and_invalid_commands(kind, seed, stock, tmp_path):
    records, _ = compare(write_game(tmp_path, kind, room(seed)), stock, seed=seed, steps=15)
    assert records > 1


def test_a_game_that_is_won_stays_as_it_was_when_it_was_won(stock, tmp_path):
    path = write_game(tmp_path, "move", EASY)
    game = TextGame(read_game(path))
    opening = game.reset()
    walkthrough = [
        "go to drawer 1",
        "open drawer 1",
        "take bowl 1 from drawer 1",
        "go to desk 1",
        "move bowl 1 to desk 1",
    ]
    assert compare(path, stock, seed=0, walkthrough=walkthrough, steps=5)[1]
    states = [game.step(command) for command in walkthrough]
    assert [state.won for state in states] == [False] * 4 + [True]
    assert states[-1].done
    assert states[-1].score == 1
    assert game.step("go to drawer 1") == states[-1]
    assert game.reset() == opening


EASY = """
(define (problem easy) (:domain alfred)
(:objects Bowl_bar_1 - object Drawer_bar_1 Desk_bar_1 - receptacle loc_bar_1 loc_bar_2 loc_bar_3 - location
    agent1 - agent BowlType - otype DeskType - rtype DrawerType - rtype)
(:init (atLocation agent1 loc_bar_3) (receptacleAtLocation Drawer_bar_1 loc_bar_1)
    (receptacleAtLocation Desk_bar_1 loc_bar_2) (openable Drawer_bar_1)
    (inReceptacle Bowl_bar_1 Drawer_bar_1) (objectAtLocation Bowl_bar_1 loc_bar_1)
    (pickupable Bowl_bar_1) (objectType Bowl_bar_1 BowlType) (receptacleType Drawer_bar_1 DrawerType)
    (receptacleType Desk_bar_1 DeskType) (canContain DeskType BowlType) (canContain DrawerType BowlType))
(:goal (and (exists (?r - receptacle) (exists (?o - object)
    (and (inReceptacle ?o ?r) (objectType ?o BowlType) (receptacleType ?r DeskType)))))))
"""
