"""Reads TextWorld's grammar for PDDL games (`.twl2`): the texts of rules and of actions' commands and answers.

A text has words, other rules (`#rule#`), values (`{r.name}`, or `{o.name | QUERY}`: one for each match of the query)
and lists of values (`[{...}]`: joined by commas and an "and"). writer.py writes with it.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Placeholder = tuple[str, str]
"""A name in a query or a parameter of an action, and its type: (r, receptacle)."""

Query = tuple[tuple[str, tuple[Placeholder, ...]], ...]
"""Predicates over placeholders that must all hold."""


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
    """A rule's right-hand side. Drops white space at its start and all after a stray bracket, as TextWorld does."""
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
