"""Reads TextWorld's grammar for PDDL games (`.twl2`) and writes a game's texts with it.

A rule's text has words, other rules (`#rule#`), values (`{r.name}`, `{o.name | QUERY}`: one for each match of the query) and
lists of them (`[{...}]`: joined by commas and an "and"). TextWorld evaluates values as Python; here they are read as what they
are, names of things joined by `+` or `or`, and anything else is refused. What TextWorld does with white space at the start of
a text and with the order of matches is kept, since players see it.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from envs.alfworld.engine.facts import Facts

Placeholder = tuple[str, str]
"""A name in a query or a parameter of an action, and its type: (r, receptacle)."""

Scope = Mapping[Placeholder, str]
"""The objects that the placeholders of a text stand for."""

Query = tuple[tuple[str, tuple[Placeholder, ...]], ...]
"""Predicates over placeholders that must all hold."""

Value = Callable[[Mapping[str, str], Mapping[str, str]], str]
"""Computes a text from the objects that names stand for and the objects' display names."""


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class RuleName:
    name: str


@dataclass(frozen=True, slots=True)
class Each:
    """A value or a rule, once for each match of the query (once where there is none)."""

    expression: RuleName | str
    query: Query | None


@dataclass(frozen=True, slots=True)
class Listing:
    each: Each


Symbol = Words | RuleName | Each | Listing


@dataclass(frozen=True, slots=True)
class Rule:
    condition: Query | None
    text: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class ActionText:
    """How an action is commanded and answered."""

    command: tuple[Symbol, ...]
    feedback: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    rules: Mapping[str, Sequence[Rule]]
    actions: Mapping[str, ActionText]


_BLOCK = re.compile(
    r'\s*(?:grammar\s*::\s*"""(?P<grammar>.*?)"""\s*;'
    r'|action\s+(?P<name>\w+)\s*\{\s*template\s*::\s*"(?P<template>[^"]*)"\s*;\s*feedback\s*::\s*"(?P<feedback>[^"]*)"\s*;'
    r'\s*(?:grammar\s*::\s*"""(?P<own>.*?)"""\s*;\s*)?\})\s*',
    re.DOTALL,
)


def read_grammar(text: str) -> Grammar:
    """Raises ValueError on a grammar that is malformed or beyond what this module covers."""
    rules: dict[str, list[Rule]] = {}
    actions = {}
    at = 0
    while at < len(text):
        block = _BLOCK.match(text, at)
        if not block:
            raise ValueError(f"the grammar is malformed from {text[at : at + 60]!r} on")
        at = block.end()
        source = textwrap.dedent(block["grammar"] or block["own"] or "{}")
        for name, alternatives in json.loads(source).items():
            rules[name] = [
                Rule(read_query(rule["condition"]) if rule.get("condition") else None, read_text(rule["rhs"]))
                for rule in alternatives
            ]
        if block["name"]:
            actions[block["name"].lower()] = ActionText(read_text(block["template"]), read_text(block["feedback"]))
    return Grammar(rules, actions)


_SYMBOL = re.compile(
    r"(?P<list>\[)?\{(?:#(?P<each_rule>[\w()/!<>\-\s,.]+)#|(?P<value>[^|\[\]{}\n<>]+))(?:\s*\|\s*(?P<query>[^;|{}\n\[\]#]+))?\}(?(list)\])"
    r"|#(?P<rule>[\w()/!<>\-\s,.]+)#"
    r'|(?P<words>[^;|"<>\[\]#{}]+)'
)


def read_text(text: str) -> tuple[Symbol, ...]:
    """A rule's right-hand side. White space at its start is dropped, and what follows a stray bracket is, as in TextWorld."""
    text = text.lstrip()
    symbols: list[Symbol] = []
    at = 0
    while found := _SYMBOL.match(text, at):
        at = found.end()
        if found["words"]:
            symbols.append(Words(found["words"].replace("\\n", "\n")))
        elif found["rule"]:
            symbols.append(RuleName(found["rule"]))
        else:
            query = read_query(found["query"]) if found["query"] else None
            each = Each(RuleName(found["each_rule"]) if found["each_rule"] else found["value"], query)
            symbols.append(Listing(each) if found["list"] else each)
    return tuple(symbols)


_PREDICATE = re.compile(r"\s*(\w+)\s*\(([^()]*)\)\s*(?:&|$)")


def read_query(text: str) -> Query:
    """`openable(r:receptacle) & opened(r:receptacle)`."""
    predicates = []
    at = 0
    while at < len(text):
        found = _PREDICATE.match(text, at)
        if not found:
            raise ValueError(f"the query {text!r} is malformed from {text[at:]!r} on")
        at = found.end()
        placeholders = (argument.partition(":") for argument in found[2].split(","))
        predicates.append((found[1], tuple((name.strip(), kind.strip()) for name, _, kind in placeholders)))
    return tuple(predicates)


def matches(query: Query, facts: Facts, scope: Scope) -> Iterator[Scope]:
    """Every extension of the scope that makes the query hold, in TextWorld's order: by the names of the facts' objects.

    Different placeholders stand for different objects.
    """
    if not query:
        yield scope
        return
    (predicate, placeholders), rest = query[0], query[1:]
    bound = {name: scope[name, kind] for name, kind in placeholders if (name, kind) in scope}
    terms = tuple(bound.get(name, "?") for name, _ in placeholders)
    for arguments in sorted(facts.candidates(predicate, terms, {})):
        extended = dict(scope)
        for placeholder, argument in zip(placeholders, arguments, strict=True):
            if placeholder in extended:
                if extended[placeholder] != argument:
                    break
            elif argument in extended.values():
                break
            else:
                extended[placeholder] = argument
        else:
            yield from matches(rest, facts, extended)


class Writer:
    """Writes texts with a grammar's rules."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._rules = rules
        self._values: dict[str, Value] = {}

    def write(self, text: Sequence[Symbol], facts: Facts, names: Mapping[str, str], scope: Scope) -> str:
        """names: the objects' display names."""
        return "".join(self._symbol(symbol, facts, names, scope) for symbol in text)

    def _symbol(self, symbol: Symbol, facts: Facts, names: Mapping[str, str], scope: Scope) -> str:
        match symbol:
            case Words(text):
                return text
            case RuleName(name):
                return self._rule(name, facts, names, scope)
            case Each():
                return "".join(self._each(symbol, facts, names, scope))
            case Listing(each):
                return self._join(list(self._each(each, facts, names, scope)), facts, names, scope)

    def _rule(self, name: str, facts: Facts, names: Mapping[str, str], scope: Scope) -> str:
        for rule in self._rules[name]:
            if rule.condition is None or next(matches(rule.condition, facts, scope), None) is not None:
                return self.write(rule.text, facts, names, scope)
        raise ValueError(f"no alternative of the grammar's rule {name!r} applies")

    def _each(self, each: Each, facts: Facts, names: Mapping[str, str], scope: Scope) -> Iterator[str]:
        for inner in [scope] if each.query is None else matches(each.query, facts, scope):
            if isinstance(each.expression, RuleName):
                yield self._rule(each.expression.name, facts, names, inner)
            else:
                yield self._value(each.expression)({name: thing for (name, _), thing in inner.items()}, names)

    def _join(self, items: list[str], facts: Facts, names: Mapping[str, str], scope: Scope) -> str:
        if not items:
            return self._rule("list_empty", facts, names, scope)
        if len(items) == 1:
            return items[0]
        *first, last = items
        comma = self._rule("list_separator", facts, names, scope)
        return comma.join(first) + self._rule("list_last_separator", facts, names, scope) + last

    def _value(self, expression: str) -> Value:
        if expression not in self._values:
            self._values[expression] = _compile(ast.parse(expression.strip(), mode="eval").body)
        return self._values[expression]


def _compile(node: ast.expr) -> Value:
    match node:
        case ast.Constant(value=str(text)):
            return lambda objects, names: text
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name), attr="name"):
            return lambda objects, names: names[objects[name]]
        case ast.Attribute(value=ast.Name(id=name), attr="id"):
            return lambda objects, names: objects[name]
        case ast.Attribute(value=ast.Name(), attr="indefinite"):
            return lambda objects, names: "a"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, two = _compile(left), _compile(right)
            return lambda objects, names: one(objects, names) + two(objects, names)
        case ast.BoolOp(op=ast.Or(), values=[left, right]):
            one, two = _compile(left), _compile(right)
            return lambda objects, names: one(objects, names) or two(objects, names)
    raise ValueError(f"the grammar's value {ast.unparse(node)!r} is not supported")
