"""The two rule sets that ALFWorld games come with, rebuilt from the alfworld package's own domain and grammar.

Newer games say `move X to Y`: their domain and grammar are the package's files. Older ones say `put X in/on Y`: the
same files before a few lines were changed. A game file's own copies are only compared with these, never read as rules:
TextWorld evaluates parts of a grammar as Python, and nobody should have to trust a downloaded game.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from envs.alfworld.engine.grammar import Grammar, read_grammar
from envs.alfworld.engine.pddl import Domain, read_domain

TASK = re.compile(r'(?<="rhs": "Your task is to: )[^"\n]*(?=")')
"""The only part of a grammar that differs between games."""

_PACKAGE_TASK = "UNKNOWN GOAL."

_OLDER_GRAMMAR = (
    ('"You arrive at {r.name}. #examineReceptacle', '"You arrive at {lend.name}. #examineReceptacle'),
    ('"You move the {o.name} to the {r.name}."', '"You put the {o.name} in/on the {r.name}."'),
    ('template :: "move {o} to {r}"', 'template :: "put {o} in/on {r}"'),
)
_OLDER_DOMAIN = ((";(receptacleType ?r SinkType)", "(receptacleType ?r SinkType)"),)
_HELP_IN_GRAMMAR = re.compile(r"action help \{.*?\n\}\s*", re.DOTALL)
_HELP_IN_DOMAIN = re.compile(r"\(:action help\b.*?\n\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What a kind of games shares: `domain_text` and `grammar_text` (with the package's task) identify it."""

    name: str
    domain_text: str
    grammar_text: str
    domain: Domain
    grammar: Grammar


def package_folder() -> Path:
    """The alfworld package's. It is found, not imported: importing makes folders at $ALFWORLD_DATA, and sets that.

    Raises FileNotFoundError where it is not installed.
    """
    spec = find_spec("alfworld")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the alfworld package is not installed: pip install alfworld==0.4.2")
    return Path(spec.origin).parent


def package_texts() -> tuple[str, str]:
    """The alfworld package's own domain and grammar."""
    folder = package_folder() / "data"
    domain, grammar = (folder / name for name in ("alfred.pddl", "alfred.twl2"))
    return domain.read_text(encoding="utf-8"), grammar.read_text(encoding="utf-8")


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """The newer and the older. Raises FileNotFoundError without the alfworld package, ValueError if it is another."""
    domain, grammar = package_texts()
    older_domain = _without(_HELP_IN_DOMAIN, _edited(domain, _OLDER_DOMAIN))
    older_grammar = _without(_HELP_IN_GRAMMAR, _edited(grammar, _OLDER_GRAMMAR))
    return _rule_set("move", domain, grammar), _rule_set("put", older_domain, older_grammar)


def recognise(domain: str, grammar: str) -> tuple[RuleSet, str]:
    """The rule set that a game's domain and grammar are of, and its task. Raises ValueError if they are of neither."""
    tasks = TASK.findall(grammar)
    if len(tasks) != 1:
        raise ValueError(f'its grammar has {len(tasks)} lines "Your task is to: ..." instead of one')
    plain = _squeezed(TASK.sub(_PACKAGE_TASK, grammar))
    for rules in rule_sets():
        if plain == _squeezed(rules.grammar_text):
            if _squeezed(domain) != _squeezed(rules.domain_text):
                raise ValueError(
                    f"its grammar is ALFWorld's ({rules.name!r} kind), but its PDDL domain is not the one of that kind"
                )
            return rules, tasks[0]
    raise ValueError("its grammar is neither of ALFWorld's two ('move X to Y' and 'put X in/on Y')")


def _rule_set(name: str, domain: str, grammar: str) -> RuleSet:
    return RuleSet(name, domain, grammar, read_domain(domain), read_grammar(grammar))


def _edited(text: str, edits: tuple[tuple[str, str], ...]) -> str:
    for new, old in edits:
        if new not in text:
            raise ValueError(
                f"the alfworld package's rules are not those of 0.4.2: {new!r} is missing; install alfworld==0.4.2"
            )
        text = text.replace(new, old)
    return text


def _without(part: re.Pattern[str], text: str) -> str:
    shorter, removed = part.subn("", text)
    if removed != 1:
        raise ValueError(
            "the alfworld package's rules are not those of 0.4.2: no 'help' action; install alfworld==0.4.2"
        )
    return shorter


def _squeezed(text: str) -> str:
    """Without the white space at the ends of lines and the empty lines, which copies of these files differ in."""
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
