"""An ALFWorld text game in plain Python: same texts, same commands, same outcomes as TextWorld's, at a fraction of its cost.

TextWorld translates each problem for the Fast Downward planner and asks it, at every step, what can be done. Nothing here
needs a planner: the applicable actions are the matches of their conditions against the facts. tests/envs/alfworld/ compares
every observation, score and command with the stock environment's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envs.alfworld.engine.facts import Binding, Facts, satisfiable, solutions
from envs.alfworld.engine.game_file import GameFile
from envs.alfworld.engine.grammar import Each, Listing, Placeholder, Rule, RuleName, Scope, Symbol, Words, Writer
from envs.alfworld.engine.names import display_names
from envs.alfworld.engine.pddl import Action, Clause, Literal


@dataclass(frozen=True, slots=True)
class GameState:
    """What a player sees. `done` without `won` does not happen here: step limits are the caller's."""

    observation: str
    won: bool
    done: bool
    score: float
    admissible_commands: tuple[str, ...]


class TextGame:
    """One game. `reset` before the first `step`; may be reset and played again. Cheap to have many of."""

    def __init__(self, file: GameFile) -> None:
        self._file = file
        task = Rule(None, (Words(f"Your task is to: {file.task}"),))
        self._writer = Writer({**file.rules.grammar.rules, "task": (task,)})
        self._names = display_names({thing for _, arguments in file.problem.init for thing in arguments})
        changing = {effect.literal.predicate for action in file.rules.domain.actions for effect in action.effects}
        self._commanded = [
            _Commanded(action, file.rules.grammar.actions[action.name].command, changing)
            for action in file.rules.domain.actions
        ]
        self._texts: dict[tuple[str, ...], str] = {}
        self._facts = Facts()
        self._applicable: dict[str, tuple[Action, Binding]] = {}
        self._over: GameState | None = None

    def reset(self) -> GameState:
        """Start from the beginning."""
        self._facts = Facts(self._file.problem.init)
        for thing, kind in self._file.problem.objects.items():
            self._facts.add(f":{kind}", (thing,))
        self._over = None
        intro = self._write((RuleName("intro"),), {})
        return self._observe(intro)

    def step(self, command: str) -> GameState:
        """Carry a command out. Any text is allowed: what is not admissible changes nothing. Once won, nothing changes any more."""
        if self._over:
            return self._over
        chosen = self._applicable.get(command.strip())
        if chosen is None:
            state = self._observe("Nothing happens.")
        else:
            action, binding = chosen
            self._apply(action, binding)
            feedback = self._file.rules.grammar.actions[action.name].feedback
            state = self._observe(self._write(feedback, _scope(action, binding)))
        if state.done:
            self._over = state
        return state

    def _observe(self, text: str) -> GameState:
        self._applicable = dict(self._commands())
        won = all(any(satisfiable(clause, self._facts, {}) for clause in part) for part in self._file.problem.goal)
        return GameState(text, won, won, float(won), tuple(sorted(self._applicable)))

    def _commands(self) -> Iterator[tuple[str, tuple[Action, Binding]]]:
        for commanded in self._commanded:
            action = commanded.action
            for clause in action.condition:
                for binding in solutions(clause, self._facts, {}):
                    if commanded.may_be_idle and _is_idle(action, clause, binding):
                        continue
                    yield self._command(commanded, binding), (action, binding)

    def _command(self, commanded: _Commanded, binding: Binding) -> str:
        if commanded.depends is None:
            return self._write(commanded.text, _scope(commanded.action, binding))
        key = (commanded.action.name, *(binding[variable] for variable in commanded.depends))
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._write(commanded.text, _scope(commanded.action, binding))
        return text

    def _apply(self, action: Action, binding: Binding) -> None:
        literals = [effect.literal for effect in action.effects if satisfiable(effect.condition, self._facts, binding)]
        added = {_ground(literal, binding) for literal in literals if literal.positive}
        removed = {_ground(literal, binding) for literal in literals if not literal.positive} - added
        # The grammar asks for `not_inreceptacle`, too: TextWorld knows such a fact once an action has made it, not before.
        for predicate, arguments in removed:
            self._facts.discard(predicate, arguments)
            self._facts.add(f"not_{predicate}", arguments)
        for predicate, arguments in added:
            self._facts.discard(f"not_{predicate}", arguments)
            self._facts.add(predicate, arguments)

    def _write(self, text: Sequence[Symbol], scope: Scope) -> str:
        return self._writer.write(text, self._facts, self._names, scope)


class _Commanded:
    """An action with its command's text and what that depends on."""

    def __init__(self, action: Action, text: Sequence[Symbol], changing: set[str]) -> None:
        self.action = action
        self.text = text
        self.may_be_idle = all(
            not effect.condition
            and any(literal.predicate == effect.literal.predicate for clause in action.condition for literal in clause)
            for effect in action.effects
        )
        """Whether some binding can make the action change nothing; Fast Downward drops those ("go to" where one is)."""
        used, queried = _mentioned(text)
        self.depends = (
            None if queried & changing else tuple(variable for variable, _ in action.parameters if variable[1:] in used)
        )
        """The parameters that the command's text depends on, or None if it depends on facts that change, too."""


def _mentioned(text: Sequence[Symbol]) -> tuple[set[str], set[str]]:
    """The names and the predicates that a command's text refers to."""
    names: set[str] = set()
    predicates: set[str] = set()
    for symbol in text:
        each = symbol.each if isinstance(symbol, Listing) else symbol
        match each:
            case Words():
                continue
            case Each(str(expression), query):
                names.add(expression.partition(".")[0].strip())
                for predicate, placeholders in query or ():
                    predicates.add(predicate)
                    names.update(name for name, _ in placeholders)
            case _:
                raise ValueError(f"a command's text may not use the rule {each}")
    return names, predicates


def _ground(literal: Literal, binding: Binding) -> tuple[str, tuple[str, ...]]:
    return literal.predicate, tuple(binding.get(term, term) for term in literal.terms)


def _is_idle(action: Action, clause: Clause, binding: Binding) -> bool:
    given = {_ground(literal, binding) for literal in clause if literal.positive}
    added = {_ground(effect.literal, binding) for effect in action.effects if effect.literal.positive}
    removed = {_ground(effect.literal, binding) for effect in action.effects if not effect.literal.positive}
    return added <= given and removed <= added


def _scope(action: Action, binding: Binding) -> dict[Placeholder, str]:
    return {(variable[1:], kind): binding[variable] for variable, kind in action.parameters}
