"""Reads PDDL into conditions that can be matched against facts: a domain's actions, a problem's objects and goal.

Covers what ALFWorld's domain and problems use: typing, `and`, `or`, `not`, `exists`, `=`, conditional effects. Anything
else (`forall`, `imply`, numbers that are no costs) is refused, never guessed at. Names become lower case, as in Fast
Downward. Whatever is wrong with a text is a ValueError.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Fact = tuple[str, tuple[str, ...]]
"""A predicate and the objects it holds for."""

Expression = str | list["Expression"]

EQUALS = "="
"""The predicate of a literal that compares two terms."""

ROOT_TYPE = "object"
"""The type of everything, though ALFWorld's domain also lists it beside the others."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A predicate over terms, or its negation. Terms in `?` are variables; the predicate `:T` tests for type T."""

    predicate: str
    terms: tuple[str, ...]
    positive: bool = True


Predicates = Mapping[str, tuple[str, ...]]
"""Each predicate's declared argument types."""

_MOST_CLAUSES = 1000  # ALFWorld's longest condition has 2.

Clause = tuple[Literal, ...]
"""Literals that must hold together; a condition is a tuple of clauses, one of which must hold."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Makes `literal` true (or false, where it is negative) if `condition` held before the action."""

    condition: Clause
    literal: Literal


@dataclass(frozen=True, slots=True)
class Action:
    name: str
    parameters: tuple[tuple[str, str], ...]
    """(variable, type) pairs, in order."""
    condition: tuple[Clause, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    predicates: Predicates
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    objects: Mapping[str, str]
    """Each object's type."""
    init: frozenset[Fact]
    goal: tuple[tuple[Clause, ...], ...]
    """Conditions that must all hold."""


def read_domain(text: str) -> Domain:
    """Raises ValueError."""
    sections = _sections(_parse(text))
    predicates = {}
    for name, section in sections:
        if name == ":predicates":
            predicates.update({_word(part[0]): tuple(kind for _, kind in _typed(part[1:])) for part in _lists(section)})
    return Domain(predicates, tuple(_action(section, predicates) for name, section in sections if name == ":action"))


def read_problem(text: str, domain: Domain) -> Problem:
    """Raises ValueError, also for facts that are about objects of other types than the domain declares."""
    sections = dict(_sections(_parse(text)))
    if missing := {":objects", ":init", ":goal"} - set(sections):
        raise ValueError(f"the PDDL problem has no {min(missing)} section")
    typed = _typed(sections[":objects"])
    objects = dict(typed)
    if len(objects) != len(typed) or any(name.startswith("?") for name in objects):
        raise ValueError("the PDDL problem has two objects of one name, or a variable among its objects")
    init = frozenset(_facts(sections[":init"], objects, domain))
    (goal,) = _lists(sections[":goal"])
    parts = goal[1:] if goal[0] == "and" else [goal]
    return Problem(objects, init, tuple(_condition(part, (), domain.predicates) for part in parts))


def _parse(text: str) -> list[Expression]:
    bare = "\n".join(line.partition(";")[0] for line in text.split("\n")).lower()
    if not bare.isascii():
        raise ValueError("the PDDL text is not ASCII, which Fast Downward demands")
    root: list[Expression] = []
    stack = [root]
    for token in bare.replace("(", " ( ").replace(")", " ) ").replace("?", " ?").split():
        if token == "(":
            inner: list[Expression] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif token == ")":
            stack.pop()
            if not stack:
                raise ValueError("the PDDL text has a ) too many")
        else:
            stack[-1].append(token)
    if len(stack) != 1 or len(root) != 1 or not isinstance(root[0], list):
        raise ValueError("the PDDL text is not one list in balanced parentheses")
    return root[0]


def _sections(define: Sequence[Expression]) -> list[tuple[str, list[Expression]]]:
    """`(define (NAME ...) ...)` -> [(NAME, [...]), ...]."""
    return [(_word(part[0]), part[1:]) for part in _lists(define[1:])]


def _list(part: Expression) -> list[Expression]:
    """Not empty."""
    if not isinstance(part, list) or not part:
        raise ValueError(f"expected a list in the PDDL text, found {_brief(part)}")
    return part


def _lists(parts: Iterable[Expression]) -> Iterator[list[Expression]]:
    return map(_list, parts)


def _word(part: Expression) -> str:
    if not isinstance(part, str):
        raise ValueError(f"expected a word in the PDDL text, found {_brief(part)}")
    return part


def _brief(part: Expression) -> str:
    return repr(part)[:100]


def _typed(parts: Sequence[Expression]) -> list[tuple[str, str]]:
    """`a b - t c` -> [(a, t), (b, t), (c, object)]."""
    result: list[tuple[str, str]] = []
    pending: list[str] = []
    words = iter(map(_word, parts))
    for word in words:
        if word == "-":
            kind = next(words, "")
            result += [(name, kind) for name in pending]
            pending = []
        else:
            pending.append(word)
    return result + [(name, ROOT_TYPE) for name in pending]


def _facts(parts: Sequence[Expression], objects: Mapping[str, str], domain: Domain) -> Iterator[Fact]:
    for part in _lists(parts):
        match part:
            case ["=", [("total-cost" | "distance"), *_], str(number)] if number.isdigit():
                continue  # Costs steer a planner; a player never sees them.
            case ["=", *_]:
                raise ValueError(f"the PDDL problem has a number that is no cost: {_brief(part)}")
            case ["not", *_]:
                continue  # What is not listed is false anyway.
        predicate, *arguments = map(_word, part)
        kinds = tuple(objects.get(argument, "no object") for argument in arguments)
        if kinds != domain.predicates.get(predicate):
            raise ValueError(
                f"the fact ({' '.join([predicate, *arguments])}) is about ({', '.join(kinds)}), "
                f"but the domain declares {predicate} for {domain.predicates.get(predicate, 'nothing')}"
            )
        yield predicate, tuple(arguments)


def _action(parts: Sequence[Expression], predicates: Predicates) -> Action:
    match parts:
        case [str(name), ":parameters", list(parameters), ":precondition", precondition, ":effect", effect]:
            typed = tuple(_typed(parameters))
            return Action(
                name, typed, _condition(precondition, typed, predicates), tuple(_effects(effect, (), predicates))
            )
    raise ValueError(f"expected an action with parameters, precondition and effect, found {_brief(list(parts))}")


def _effects(part: Expression, condition: Clause, predicates: Predicates) -> Iterator[Effect]:
    match _list(part):
        case ["and", *inner]:
            for each in inner:
                yield from _effects(each, condition, predicates)
        case ["when", given, effect]:
            (clause,) = _disjunction(given, itertools.count(), {}, {}, predicates)
            yield from _effects(effect, clause, predicates)
        case ["increase", *_]:
            return  # Costs steer a planner; a player never sees them.
        case literal:
            yield Effect(condition, _literal(literal, {}, predicates))


def _condition(part: Expression, parameters: Sequence[tuple[str, str]], predicates: Predicates) -> tuple[Clause, ...]:
    """In disjunctive normal form; types become literals where no other literal implies them."""
    kinds = dict(parameters)
    names = {name: name for name in kinds}
    clauses = _disjunction(part, itertools.count(), names, kinds, predicates)
    return tuple(clause + tuple(_type_tests(clause, kinds, names, predicates)) for clause in clauses)


def _type_tests(
    clause: Clause, kinds: Mapping[str, str], parameters: Iterable[str], predicates: Predicates
) -> Iterator[Literal]:
    implied: dict[str, set[str]] = {name: set() for name in parameters}
    for literal in clause:
        for place, term in enumerate(literal.terms):
            if term in kinds:
                found = implied.setdefault(term, set())
                if literal.positive and literal.predicate != EQUALS:
                    found.add(predicates[literal.predicate][place])
    for variable, found in implied.items():
        if not found or kinds[variable] not in (*found, ROOT_TYPE):
            yield Literal(f":{kinds[variable]}", (variable,))


def _disjunction(
    part: Expression, fresh: Iterator[int], names: Mapping[str, str], kinds: dict[str, str], predicates: Predicates
) -> tuple[Clause, ...]:
    """names: what the variables in scope are called in the result; kinds: filled with the types of bound variables."""
    if part == []:
        return ((),)
    match _list(part):
        case ["and", *inner]:
            options = [_disjunction(each, fresh, names, kinds, predicates) for each in inner]
            if math.prod(map(len, options)) > _MOST_CLAUSES:
                raise ValueError("a PDDL condition has too many alternatives")
            return tuple(tuple(itertools.chain(*choice)) for choice in itertools.product(*options))
        case ["or", *inner]:
            return tuple(clause for each in inner for clause in _disjunction(each, fresh, names, kinds, predicates))
        case ["exists", list(bound), inside]:
            # Each quantifier's variables get names of their own: its scope ends up in one clause with others.
            # (ALFWorld's domain has `?l - location, ?r - receptacle` in examineObject. Fast Downward takes the comma as
            # part of the type's name, nothing is of that type, so objects can be examined only in hand. Here, too.)
            renamed = {name: f"{name}#{next(fresh)}" for name, _ in _typed(bound)}
            kinds.update({renamed[name]: kind for name, kind in _typed(bound)})
            return _disjunction(inside, fresh, {**names, **renamed}, kinds, predicates)
        case literal:
            return ((_literal(literal, names, predicates),),)


def _literal(part: list[Expression], names: Mapping[str, str], predicates: Predicates) -> Literal:
    match part:
        case ["not", [str(predicate), *terms]]:
            positive = False
        case [str(predicate), *terms]:
            positive = True
        case _:
            raise ValueError(f"expected a PDDL literal, found {_brief(part)}")
    if predicate != EQUALS and predicate not in predicates:
        raise ValueError(f"PDDL with {predicate!r} in a condition is not supported: {_brief(part)}")
    if len(terms) != (2 if predicate == EQUALS else len(predicates[predicate])):
        raise ValueError(f"a PDDL predicate with the wrong number of terms: {_brief(part)}")
    return Literal(predicate, tuple(names.get(_word(term), _word(term)) for term in terms), positive)
