"""A merge that keeps rules as they were written: a model says which agree and which conflict, their evidence decides.

This project's own idea, behind `merge.form: rules`. A merge by rewriting can lose a rule or its condition without anybody asking
for it; here a rule is only ever dropped for another one that says the same or that has more trajectories behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab, Piece, Unusable
from fgo.optimizers.improve import Candidate, Evidence
from fgo.optimizers.module_text import prompt
from fgo.types import Modules

RULES = "instructions"
"""The module that holds rules, one a line; of the other modules the first candidate's version is kept."""

_GROUPS = re.compile(r"<groups>(.*?)</groups>", re.DOTALL)
_GROUP = re.compile(r"\W*(same|conflict)\s*:(.*)", re.IGNORECASE)
_NUMBER = re.compile(r"\bR(\d+)\b")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of instructions, the episodes that show its need, and how well the best version with it validated."""

    text: str
    episodes: tuple[str, ...]
    validated: float

    @property
    def weight(self) -> tuple[int, float]:
        return len(self.episodes), self.validated


@dataclass(frozen=True, slots=True)
class Groups:
    """Rules that belong together, by their places in the list."""

    same: Sequence[frozenset[int]]
    conflict: Sequence[frozenset[int]]


async def merge_rules(group: Sequence[Candidate], names: Sequence[str], lab: Lab) -> tuple[Modules | None, str]:
    """Merged modules, made from the first candidate and the others; or None and the problem."""
    if RULES not in names:
        return None, f"merge.form=rules merges the module {RULES}, which is not among {', '.join(names)}"
    rules = rules_of(group)
    groups = Groups((), ())
    if len(rules) > 1:
        shown = "\n".join(f"R{number}: {rule.text.removeprefix('- ')}" for number, rule in enumerate(rules, start=1))
        pieces = [Piece(f"<rules>\n{shown}\n</rules>")]
        asked = await lab.ask(
            "merger", "merge", prompt("merge_rules"), pieces, lambda text: read_groups(text, len(rules))
        )
        if asked.answer is None:
            return None, asked.problem
        groups = asked.answer
    kept = resolve(rules, groups)
    first, *others = (candidate.modules for candidate in group)
    prose = [line for line in first[RULES].splitlines() if line.strip() and not _is_rule(line)]
    return first.child({RULES: "\n".join([*prose, *(rule.text for rule in kept)])}, "merge", *others), ""


def rules_of(group: Sequence[Candidate]) -> list[Rule]:
    """The candidates' rules, each text once, in order of appearance."""
    evidence = joined_evidence(group)
    found: dict[str, Rule] = {}
    for candidate in group:
        for line in candidate.modules[RULES].splitlines():
            text = line.strip()
            if _is_rule(text):
                best = max(candidate.validation.mean, found[text].validated if text in found else 0.0)
                found[text] = Rule(text, evidence.get(text, ()), best)
    return list(found.values())


def joined_evidence(group: Sequence[Candidate]) -> Evidence:
    """What stands behind each rule, in all candidates."""
    joined: dict[str, tuple[str, ...]] = {}
    for candidate in group:
        for rule, episodes in candidate.evidence.items():
            joined[rule] = tuple(dict.fromkeys((*joined.get(rule, ()), *episodes)))
    return joined


def read_groups(text: str, rules: int) -> Groups:
    """The groups of a reply. Raises Unusable where they have not the form, or name rules that there are not."""
    found = _GROUPS.search(text)
    if found is None:
        raise Unusable("Write the groups between <groups> and </groups>; leave nothing between them if there are none.")
    groups: Mapping[str, list[frozenset[int]]] = {"same": [], "conflict": []}
    for line in found[1].splitlines():
        written = _GROUP.fullmatch(line.strip())
        if written is None:
            if line.strip():
                raise Unusable(f"{line.strip()[:80]!r} is no group; write `same: R1, R4` or `conflict: R2, R7`.")
            continue
        members = frozenset(int(number) - 1 for number in _NUMBER.findall(written[2]))
        if len(members) < 2 or not members <= set(range(rules)):
            raise Unusable(f"{line.strip()[:80]!r}: a group holds two or more of R1 to R{rules}.")
        groups[written[1].lower()].append(members)
    return Groups(groups["same"], groups["conflict"])


def resolve(rules: Sequence[Rule], groups: Groups) -> list[Rule]:
    """The rules that stay: of those that say the same the one with most evidence, which then has that of all; of those that
    conflict the one with most evidence. Ties: the better validated, then the earlier."""
    kept = dict(enumerate(rules))
    for members in groups.same:
        here = sorted(members & kept.keys(), key=lambda index: _rank(kept, index))
        if len(here) > 1:
            episodes = dict.fromkeys(episode for index in here for episode in kept[index].episodes)
            validated = max(kept[index].validated for index in here)
            kept[here[0]] = Rule(kept[here[0]].text, tuple(episodes), validated)
            for index in here[1:]:
                del kept[index]
    for members in groups.conflict:
        here = sorted(members & kept.keys(), key=lambda index: _rank(kept, index))
        for index in here[1:]:
            del kept[index]
    return [kept[index] for index in sorted(kept)]


def _rank(rules: Mapping[int, Rule], index: int) -> tuple[float, float, int]:
    count, validated = rules[index].weight
    return -count, -validated, index


def _is_rule(line: str) -> bool:
    return line.strip().startswith("- ")
