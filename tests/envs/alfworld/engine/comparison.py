"""Plays a game in the stock environment and in ours side by side; stops at the first difference a player could see."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from envs.alfworld.engine.game import GameState, TextGame
from envs.alfworld.engine.game_file import read_game
from envs.alfworld.engine.stock import StockGame

WEIRD = (
    "",
    "   ",
    "dance",
    "go to nowhere 99",
    "look.",
    "Look",
    "LOOK",
    "inventory now",
    "go  to",
    "help\nlook",
    "look\x00",
    "löök 灯 🏠",
    "{r.name}",
    "#look.feedback#",
    "[{o.name | holds(a:agent, o:object)}]",
    "take " * 3000,
)
"""Commands that do nothing in any state."""


class Duel:
    """One game in both environments. Every record (observation, won, done, score, admissible commands) must be equal.

    Raises AssertionError at the first that is not, with the commands that led there. `records` counts the equal ones.
    """

    def __init__(self, path: Path, stock: StockGame) -> None:
        self._path = path
        self._stock = stock
        self._stock.load(path)
        self._ours = TextGame(read_game(path))
        self._commands: list[str] = []
        self.records = 0

    def reset(self) -> GameState:
        self._commands = []
        return self._equal(self._stock.reset(), self._ours.reset())

    def step(self, command: str) -> GameState:
        self._commands.append(command)
        return self._equal(self._stock.step(command), self._ours.step(command))

    def _equal(self, theirs: GameState, ours: GameState) -> GameState:
        assert ours == theirs, f"{self._path} after {self._commands}:\nstock {theirs}\nours  {ours}"
        self.records += 1
        return theirs


def compare(
    path: Path, stock: StockGame, seed: int, walkthrough: Sequence[str] = (), steps: int = 30
) -> tuple[int, bool]:
    """Play the walkthrough with nonsense strewn in, then, from the start, `steps` random commands.

    Returns (records compared, whether the walkthrough won). stock: any instance; reused, since each keeps much memory.
    """
    rng = random.Random(f"{seed} {path.parent.name}")
    duel = Duel(path, stock)
    won = False
    if walkthrough:
        state = duel.reset()
        for command in walkthrough:
            if rng.random() < 0.4:
                state = duel.step(rng.choice(list(invalid(state, rng))))
            state = duel.step(f"  {command}\n" if rng.random() < 0.2 else command)
        won = state.won
        for command in ("look", "dance"):
            duel.step(command)  # Once won, a game stays as it is.
    state = duel.reset()
    for _ in range(steps):
        if state.done:
            break
        commands = list(invalid(state, rng)) if rng.random() < 0.2 else varied(state, rng)
        state = duel.step(rng.choice(commands))
    return duel.records, won


def varied(state: GameState, rng: random.Random) -> list[str]:
    """The admissible commands of one verb: drawn from all commands alike, nearly all would be "go to"."""
    by_verb = defaultdict(list)
    for command in state.admissible_commands:
        by_verb[command.split()[0]].append(command)
    # The verbs that change most, and make most others possible, more often.
    verbs = sorted(by_verb)
    weights = [6 if verb in ("take", "heat", "cool", "clean", "slice", "use", "open", "go") else 1 for verb in verbs]
    return by_verb[rng.choices(verbs, weights)[0]]


def invalid(state: GameState, rng: random.Random) -> Iterator[str]:
    """Commands that look like admissible ones and are not, and weird ones."""
    command = rng.choice(state.admissible_commands)
    yield f"{command}."
    yield command.upper()
    yield command.capitalize()
    yield f"{command} 1"
    yield command.replace(" ", "  ") + " "
    yield command.replace("go to", "walk to").replace("take", "grab").replace("open", "unlock")
    yield "go to " + state.observation.partition("arrive at ")[2].partition(".")[0]  # where one is
    yield "put apple 1 in/on fridge 1"
    yield "move apple 1 to fridge 1"
    yield rng.choice(WEIRD)


def read_walkthrough(path: Path) -> list[str]:
    return list(json.loads(path.read_bytes()).get("walkthrough") or ())
