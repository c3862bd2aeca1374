"""An ALFWorld text game in plain Python: TextWorld's texts, commands and outcomes at a fraction of its cost.

TextWorld translates each problem for the Fast Downward planner and asks it, at every step, what can be done. That needs
no planner: the applicable actions are the matches of their conditions against the facts. The tests compare all that a
player sees with the stock environment (stock.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from envs.alfworld.engine.commands import Commands, Move, ground
from envs.alfworld.engine.facts import Facts, satisfiable
from envs.alfworld.engine.game_file import GameFile
from envs.alfworld.engine.grammar import Rule, RuleName, Symbol, Words
from envs.alfworld.engine.names import display_names
from envs.alfworld.engine.writer import Scope, Writer


@dataclass(frozen=True, slots=True)
class GameState:
    """What a player sees. A game is done when it is won: nothing loses it, and step limits are the caller's affair."""

    observation: str
    won: bool
    done: bool
    score: float
    """1.0 when won, else 0.0."""
    admissible_commands: tuple[str, ...]
    """Sorted. Everything else is answered with "Nothing happens."."""


class TextGame:
    """One game. `reset` before the first `step`; it may be reset and played again. Cheap to have many of."""

    def __init__(self, file: GameFile) -> None:
        task = Rule(None, (Words(f"Your task is to: {file.task}"),))
        self._file = file
        self._writer = Writer({**file.rules.grammar.rules, "task": (task,)})
        self._names = display_names({thing for _, arguments in file.problem.init for thing in arguments})
        self._commands = Commands(file.rules.domain, file.rules.grammar, self._writer, self._names)
        self._facts = Facts()
        self._moves: dict[str, Move] = {}
        self._state: GameState | None = None
        self._over = False

    def reset(self) -> GameState:
        """Start from the beginning."""
        self._facts = Facts(self._file.problem.init)
        for thing, kind in self._file.problem.objects.items():
            self._facts.add(f":{kind}", (thing,))
        self._over = False
        return self._observe(self._write((RuleName("intro"),), {}))

    def step(self, command: str) -> GameState:
        """Carry a command out. Any text is allowed. A step that wins is the last to have an effect."""
        if self._state is None:
            raise RuntimeError("reset the game before the first step")
        if self._over:
            return self._state
        move = self._moves.get(command.strip())
        if move is None:
            self._state = replace(self._state, observation="Nothing happens.")
        else:
            self._apply(move)
            self._state = self._observe(
                self._write(self._file.rules.grammar.actions[move.action.name].feedback, move.scope)
            )
        self._over = self._state.done
        return self._state

    def _apply(self, move: Move) -> None:
        literals = [
            effect.literal
            for effect in move.action.effects
            if not effect.condition or satisfiable(effect.condition, self._facts, move.binding)
        ]
        added = {ground(literal, move.binding) for literal in literals if literal.positive}
        removed = {ground(literal, move.binding) for literal in literals if not literal.positive} - added
        # The grammar asks for `not_inreceptacle`, too: a fact that TextWorld knows once an action has made it so.
        for predicate, arguments in removed:
            self._facts.discard(predicate, arguments)
            self._facts.add(f"not_{predicate}", arguments)
        for predicate, arguments in added:
            self._facts.discard(f"not_{predicate}", arguments)
            self._facts.add(predicate, arguments)

    def _observe(self, text: str) -> GameState:
        self._moves = self._commands.admissible(self._facts)
        won = all(any(satisfiable(clause, self._facts, {}) for clause in part) for part in self._file.problem.goal)
        self._state = GameState(text, won, won, float(won), tuple(sorted(self._moves)))
        return self._state

    def _write(self, text: Sequence[Symbol], scope: Scope) -> str:
        return self._writer.write(text, self._facts, self._names, scope)
