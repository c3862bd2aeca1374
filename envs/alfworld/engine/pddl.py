"""Reads PDDL text into conditions that can be matched against facts: actions of a domain, objects and goal of a problem.

Covers what ALFWorld's domain and problems use: typing, `and`, `or`, `not`, `exists`, `=`, conditional effects. Anything else
(`forall`, `imply`, numeric facts other than costs) is refused, never guessed at. Names are lower-cased, as Fast Downward does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Fact = tuple[str, tuple[str, ...]]
"""A predicate and the objects it holds for."""

Expression = str | list["Expression"]

ROOT_TYPE = "object"
"""The type of everything, though ALFWorld's domain also lists it beside the others."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A predicate over terms, or its negation. Terms that begin with `?` are variables; `:TYPE` as predicate tests a type."""

    predicate: str
    terms: tuple[str, ...]
    positive: bool = True


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
    predicates: Mapping[str, tuple[str, ...]]
    """The declared type of each predicate's arguments."""
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    objects: Mapping[str, str]
    """Each object's type."""
    init: frozenset[Fact]
    goal: tuple[tuple[Clause, ...], ...]
    """Conditions that must all hold."""


def read_domain(text: str) -> Domain:
    """Raises ValueError on PDDL that is malformed or beyond what this module covers."""
    sections = _sections(_parse(text))
    predicates = {}
    for declaration in _lists(section for name, section in sections if name == ":predicates"):
        predicates.update({_word(item[0]): _types(item[1:]) for item in _lists(declaration)})
    return Domain(predicates, tuple(_action(section, predicates) for name, section in sections if name == ":action"))


def read_problem(text: str, domain: Domain) -> Problem:
    """Raises ValueError on PDDL that is malformed, ill-typed or beyond what this module covers."""
    sections = dict(_sections(_parse(text)))
    if missing := [name for name in (":objects", ":init", ":goal") if name not in sections]:
        raise ValueError(f"the PDDL problem has no {missing[0]} section")
    objects = dict(_typed(sections[":objects"]))
    init = frozenset(_facts(sections[":init"], objects, domain))
    goal = sections[":goal"][0]
    parts = goal[1:] if isinstance(goal, list) and goal[:1] == ["and"] else [goal]
    return Problem(objects, init, tuple(_condition(part, (), domain.predicates) for part in parts))


def _parse(text: str) -> list[Expression]:
    bare = "\n".join(line.partition(";")[0] for line in text.split("\n")).lower()
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
    return [(_word(part[0]), part[1:]) for part in _lists(define[1:])]


def _lists(parts: Iterable[Expression]) -> Iterator[list[Expression]]:
    for part in parts:
        if not isinstance(part, list) or not part:
            raise ValueError(f"expected a list in the PDDL text, found {part!r}")
        yield part


def _word(part: Expression) -> str:
    if not isinstance(part, str):
        raise ValueError(f"expected a word in the PDDL text, found {part!r}")
    return part


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


def _types(parts: Sequence[Expression]) -> tuple[str, ...]:
    return tuple(kind for _, kind in _typed(parts))


def _facts(parts: Sequence[Expression], objects: Mapping[str, str], domain: Domain) -> Iterator[Fact]:
    for part in _lists(parts):
        if part[0] == "=":
            if isinstance(part[1], list) and part[1][:1] in (["total-cost"], ["distance"]) and str(part[2]).isdigit():
                continue  # Costs steer a planner; a player never sees them.
            raise ValueError(f"the PDDL problem begins with a numeric fact that is no cost: {part!r}")
        if part[0] == "not":
            continue  # What is not listed is false anyway.
        predicate, *arguments = map(_word, part)
        kinds = tuple(objects.get(argument, "no object") for argument in arguments)
        if kinds != domain.predicates.get(predicate):
            raise ValueError(
                f"the fact ({' '.join([predicate, *arguments])}) is about ({', '.join(kinds)}), but the domain declares "
                f"{predicate} for {domain.predicates.get(predicate, 'nothing')}"
            )
        yield predicate, tuple(arguments)


def _action(parts: Sequence[Expression], predicates: Mapping[str, tuple[str, ...]]) -> Action:
    fields = dict(zip(map(_word, parts[1::2]), parts[2::2], strict=True))
    parameters = fields.get(":parameters", [])
    assert isinstance(parameters, list)
    typed = tuple(_typed(parameters))
    condition = _condition(fields.get(":precondition", []), typed, predicates)
    return Action(_word(parts[0]), typed, condition, tuple(_effects(fields[":effect"], ())))


def _effects(part: Expression, condition: Clause) -> Iterator[Effect]:
    assert isinstance(part, list)
    match part[0]:
        case "and":
            for inner in part[1:]:
                yield from _effects(inner, condition)
        case "when":
            (clause,) = _disjunction(part[1], itertools.count(), {}, {})
            yield from _effects(part[2], clause)
        case "increase":
            return  # Costs steer a planner; a player never sees them.
        case _:
            yield Effect(condition, _literal(part, {}))


def _condition(
    part: Expression, parameters: Sequence[tuple[str, str]], predicates: Mapping[str, tuple[str, ...]]
) -> tuple[Clause, ...]:
    """In disjunctive normal form; types become literals where no other literal implies them."""
    kinds = dict(parameters)
    names = {name: name for name in kinds}
    clauses = _disjunction(part, itertools.count(), names, kinds)
    return tuple(clause + tuple(_type_tests(clause, kinds, names, predicates)) for clause in clauses)


def _type_tests(
    clause: Clause, kinds: Mapping[str, str], parameters: Mapping[str, str], predicates: Mapping[str, tuple[str, ...]]
) -> Iterator[Literal]:
    seen: dict[str, set[str]] = {name: set() for name in parameters}
    for literal in clause:
        for place, term in enumerate(literal.terms):
            if term in kinds:
                found = seen.setdefault(term, set())
                if literal.positive and literal.predicate != "=":
                    found.add(predicates[literal.predicate][place])
    for variable, found in seen.items():
        if not found or kinds[variable] not in (*found, ROOT_TYPE):
            yield Literal(f":{kinds[variable]}", (variable,))


def _disjunction(
    part: Expression, fresh: Iterator[int], names: Mapping[str, str], kinds: dict[str, str]
) -> tuple[Clause, ...]:
    """names: what the variables in scope are called in the result; kinds: filled with the types of bound variables."""
    if part == []:
        return ((),)
    assert isinstance(part, list)
    match part[0]:
        case "and":
            options = [_disjunction(inner, fresh, names, kinds) for inner in part[1:]]
            return tuple(tuple(itertools.chain(*choice)) for choice in itertools.product(*options))
        case "or":
            return tuple(clause for inner in part[1:] for clause in _disjunction(inner, fresh, names, kinds))
        case "exists":
            (bound,) = _lists(part[1:2])
            # Each quantifier's variables get names of their own, so that scopes can't be confused once they are joined.
            # (ALFWorld's domain has `?l - location, ?r - receptacle` in examineObject. Fast Downward takes the comma for a part
            # of the type's name, nothing is of that type, and objects can be examined only in hand. So here.)
            renamed = {name: f"{name}#{next(fresh)}" for name, _ in _typed(bound)}
            kinds.update({renamed[name]: kind for name, kind in _typed(bound)})
            return _disjunction(part[2], fresh, {**names, **renamed}, kinds)
        case "forall" | "imply" | "when":
            raise ValueError(f"PDDL conditions with {part[0]!r} are not supported")
        case _:
            return ((_literal(part, names),),)


def _literal(part: Expression, names: Mapping[str, str]) -> Literal:
    assert isinstance(part, list)
    if part[0] == "not":
        inner = part[1]
        if not isinstance(inner, list) or inner[0] in ("and", "or", "not", "exists", "forall", "imply"):
            raise ValueError(f"only single facts can be negated, not {inner!r}")
        positive = _literal(inner, names)
        return Literal(positive.predicate, positive.terms, positive=False)
    predicate, *terms = map(_word, part)
    return Literal(predicate, tuple(names.get(term, term) for term in terms))
