"""Edits of a list of rules, one operation a line, as ExpeL and ACE ask for them: read strictly out of model output."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fgo.optimizers.base import Unusable
from fgo.optimizers.module_text import without_citations

Takes = Literal["text", "target", "both"]
"""What an operation's line has: `ADD: text`, `REMOVE 3`, `EDIT 3: text`."""

_BLOCK = re.compile(r"<operations>(.*?)</operations>", re.DOTALL)
_LINE = re.compile(r"([A-Z]+)(?:[ \t]+\[?(\w+)\]?)?[ \t]*(?::[ \t]*(.*))?")
_FORMS: Mapping[Takes, str] = {"text": "`{}: the rule`", "target": "`{} ID`", "both": "`{} ID: the new text`"}
_NOTHING = "NONE"


@dataclass(frozen=True, slots=True)
class Operation:
    """target: the id of a rule, or "". labels: the trajectories that the text cites."""

    verb: str
    target: str = ""
    text: str = ""
    labels: tuple[str, ...] = ()


def parse_operations(reply: str, verbs: Mapping[str, Takes], targets: Collection[str], most: int) -> list[Operation]:
    """The operations of a reply, at most `most`; none where it says NONE. Raises Unusable, saying what to write."""
    found = _BLOCK.findall(reply)
    if len(found) != 1:
        raise Unusable(
            f"Write your operations once, one a line, between <operations> and </operations>: {_forms(verbs)}; or {_NOTHING}."
        )
    lines = [line.strip() for line in found[0].splitlines() if line.strip()]
    if not lines:
        raise Unusable(f"There is no operation. Write {_forms(verbs)}; or {_NOTHING}.")
    if lines == [_NOTHING]:
        return []
    if len(lines) > most:
        raise Unusable(f"There are {len(lines)} operations; write the {most} most useful ones.")
    return [_operation(line, verbs, targets) for line in lines]


def citing(operations: Sequence[Operation], labels: Collection[str]) -> list[Operation]:
    """The operations, citing only what their writer was shown."""
    return [replace(each, labels=tuple(label for label in each.labels if label in labels)) for each in operations]


def _operation(line: str, verbs: Mapping[str, Takes], targets: Collection[str]) -> Operation:
    match = _LINE.fullmatch(line)
    takes = verbs.get(match.group(1)) if match else None
    if match is None or takes is None:
        raise Unusable(f"The line {line[:80]!r} is no operation. Write {_forms(verbs)}.")
    verb, target = match.group(1), match.group(2) or ""
    text, labels = without_citations((match.group(3) or "").strip().removeprefix("- "))
    text = text.strip()
    if takes != "text" and target not in targets:
        known = ", ".join(targets) or "none yet, so only add"
        raise Unusable(f"{verb} needs the id of a rule: {known}. The line {line[:80]!r} has none of them.")
    if takes == "text" and target:
        raise Unusable(f"{verb} takes no id: write {_FORMS['text'].format(verb)}.")
    if takes != "target" and not text:
        raise Unusable(f"The line {line[:80]!r} lacks its text: write {_FORMS[takes].format(verb)}.")
    return Operation(verb, target, text if takes != "target" else "", labels)


def _forms(verbs: Mapping[str, Takes]) -> str:
    return " or ".join(_FORMS[takes].format(verb) for verb, takes in verbs.items())
