"""The facts that hold in a game, indexed so that conditions can be matched against them quickly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from envs.alfworld.engine.pddl import EQUALS, Clause, Fact, Literal

Binding = Mapping[str, str]
"""Variables and the objects they stand for."""

_NONE: frozenset[tuple[str, ...]] = frozenset()


class Facts:
    """A set of facts, mutable: what is not in it is false."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._all: dict[str, set[tuple[str, ...]]] = {}
        self._by_argument: dict[tuple[str, int, str], set[tuple[str, ...]]] = {}
        for predicate, arguments in facts:
            self.add(predicate, arguments)

    def add(self, predicate: str, arguments: tuple[str, ...]) -> None:
        self._all.setdefault(predicate, set()).add(arguments)
        for place, argument in enumerate(arguments):
            self._by_argument.setdefault((predicate, place, argument), set()).add(arguments)

    def discard(self, predicate: str, arguments: tuple[str, ...]) -> None:
        self._all.get(predicate, set()).discard(arguments)
        for place, argument in enumerate(arguments):
            self._by_argument.get((predicate, place, argument), set()).discard(arguments)

    def holds(self, predicate: str, arguments: tuple[str, ...]) -> bool:
        return arguments in self._all.get(predicate, _NONE)

    def candidates(self, predicate: str, terms: tuple[str, ...], binding: Binding) -> Set[tuple[str, ...]]:
        """The smallest indexed set that has every fact of a predicate which agrees with what is bound of the terms.

        A term is a variable of the binding, a variable yet free (begins with `?`) or an object.
        """
        best: Set[tuple[str, ...]] = self._all.get(predicate, _NONE)
        for place, term in enumerate(terms):
            value = binding.get(term, term)
            if value[0] != "?":
                found = self._by_argument.get((predicate, place, value), _NONE)
                if len(found) < len(best):
                    best = found
        return best


def solutions(clause: Clause, facts: Facts, binding: Binding) -> Iterator[Binding]:
    """Every extension of the binding that makes all literals of the clause hold; variables may share an object.

    Raises ValueError where a variable occurs in negative literals only.
    """
    positive = [literal for literal in clause if literal.positive and literal.predicate != EQUALS]
    checks = [literal for literal in clause if not literal.positive or literal.predicate == EQUALS]
    return _extend(positive, checks, facts, binding)


def satisfiable(clause: Clause, facts: Facts, binding: Binding) -> bool:
    """Whether there is any solution."""
    return next(solutions(clause, facts, binding), None) is not None


def _extend(positive: list[Literal], checks: list[Literal], facts: Facts, binding: Binding) -> Iterator[Binding]:
    if not positive:
        if all(_passes(check, facts, binding) for check in checks):
            yield binding
        return
    # The literal with the fewest candidates first: most conditions fail at once on where the agent is or what it holds.
    fewest, choice = None, 0
    for place, literal in enumerate(positive):
        found = facts.candidates(literal.predicate, literal.terms, binding)
        if not found:
            return
        if fewest is None or len(found) < len(fewest):
            fewest, choice = found, place
    assert fewest is not None
    terms = positive[choice].terms
    rest = positive[:choice] + positive[choice + 1 :]
    for arguments in fewest:
        extended = dict(binding)
        for term, argument in zip(terms, arguments, strict=True):
            value = extended.get(term, term)
            if value[0] == "?":
                extended[term] = argument
            elif value != argument:
                break
        else:
            yield from _extend(rest, checks, facts, extended)


def _passes(check: Literal, facts: Facts, binding: Binding) -> bool:
    values = tuple(binding.get(term, term) for term in check.terms)
    if any(value[0] == "?" for value in values):
        raise ValueError(f"a variable of {check} occurs in no positive fact, so it could be anything")
    holds = values[0] == values[1] if check.predicate == EQUALS else facts.holds(check.predicate, values)
    return holds is check.positive
