"""Which commands a game admits in a state, and what each of them does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from envs.alfworld.engine.facts import Binding, Facts, solutions
from envs.alfworld.engine.grammar import Each, Grammar, Listing, Placeholder, Symbol, Words
from envs.alfworld.engine.pddl import Action, Clause, Domain, Fact, Literal
from envs.alfworld.engine.writer import Writer


@dataclass(frozen=True, slots=True)
class Move:
    """An action with objects for its parameters."""

    action: Action
    binding: Binding

    @property
    def scope(self) -> dict[Placeholder, str]:
        """The objects that the placeholders of the action's texts stand for."""
        return {(variable[1:], kind): self.binding[variable] for variable, kind in self.action.parameters}


class Commands:
    """The commands of one game: finds applicable moves and what they are called."""

    def __init__(self, domain: Domain, grammar: Grammar, writer: Writer, names: Mapping[str, str]) -> None:
        """names: the objects' display names."""
        changing = {effect.literal.predicate for action in domain.actions for effect in action.effects}
        self._templates = [
            _Template(action, grammar.actions[action.name].command, changing) for action in domain.actions
        ]
        self._writer = writer
        self._names = names
        self._texts: dict[tuple[str, ...], str] = {}

    def admissible(self, facts: Facts) -> dict[str, Move]:
        """Moves by command. Moves that share a command do the same in the games that game_file.py lets through."""
        return dict(self._moves(facts))

    def _moves(self, facts: Facts) -> Iterator[tuple[str, Move]]:
        for template in self._templates:
            for clause in template.action.condition:
                for binding in solutions(clause, facts, {}):
                    if template.may_be_idle and _is_idle(template.action, clause, binding):
                        continue
                    move = Move(template.action, binding)
                    yield self._text(template, move, facts), move

    def _text(self, template: _Template, move: Move, facts: Facts) -> str:
        if template.depends is None:
            return self._writer.write(template.text, facts, self._names, move.scope)
        key = (move.action.name, *(move.binding[variable] for variable in template.depends))
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._writer.write(template.text, facts, self._names, move.scope)
        return text


class _Template:
    """An action, its command's text and what that depends on."""

    def __init__(self, action: Action, text: Sequence[Symbol], changing: set[str]) -> None:
        """changing: the predicates that actions change."""
        self.action = action
        self.text = text
        tested = {literal.predicate for clause in action.condition for literal in clause}
        self.may_be_idle = all(not effect.condition and effect.literal.predicate in tested for effect in action.effects)
        """Whether some binding can make the action change nothing: Fast Downward drops those ("go to" where one is)."""
        names, queried = _mentioned(text)
        self.depends = None
        if not queried & changing:
            self.depends = tuple(variable for variable, _ in action.parameters if variable[1:] in names)
        """The parameters that the text depends on, or None where it depends on facts that change, too."""


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
                raise ValueError(f"a command's text can't use a rule of the grammar: {each}")
    return names, predicates


def ground(literal: Literal, binding: Binding) -> Fact:
    """The fact that a literal with all its variables bound speaks of."""
    return literal.predicate, tuple([binding.get(term, term) for term in literal.terms])


def _is_idle(action: Action, clause: Clause, binding: Binding) -> bool:
    """Whether all effects are given by what the action demanded."""
    added = {ground(effect.literal, binding) for effect in action.effects if effect.literal.positive}
    if not added <= {ground(literal, binding) for literal in clause if literal.positive}:
        return False
    return {ground(effect.literal, binding) for effect in action.effects if not effect.literal.positive} <= added
