"""Writes a game's texts with its grammar, as TextWorld does but without evaluating anything as Python.

TextWorld runs the grammar's values (`{o.indefinite + ' ' + o.name}`) through `eval`. Here they are read as what they
are, names of things joined by `+` or `or`, and anything else is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

from envs.alfworld.engine.facts import Facts
from envs.alfworld.engine.grammar import Each, Listing, Placeholder, Query, Rule, RuleName, Symbol, Words

Scope = Mapping[Placeholder, str]
"""The objects that the placeholders of a text stand for."""

Value = Callable[[Mapping[str, str], Mapping[str, str]], str]
"""Computes a text from the objects that names stand for and the objects' display names."""


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
