"""What a prompt asks for, told from the reply format it prescribes, and the parts it consists of, with their places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from fgo.types import Json

Ask = Literal["act", "critique", "rewrite", "merge", "groups", "operate", "edit", "unclear"]

_ACTION_FORM = re.compile(r"^\W*Action\s*:", re.MULTILINE)
_CRITIQUE_FORM = re.compile(r"^<critique>\s*$", re.MULTILINE)
_GROUPS_FORM = re.compile(r"^<groups>\s*$", re.MULTILINE)
_OPERATIONS_FORM = re.compile(r"^<operations>\s*$", re.MULTILINE)
_EDIT_FORM = re.compile(r'^<edit action="', re.MULTILINE)
_MODULE_FORM = re.compile(r'^<module name="', re.MULTILINE)
_WANTED = re.compile(r"\bmodules\b[^:\n]*:[ \t]*([^\n]+)")
_MODULE = re.compile(r'<module name="([^"\n]+)">\n?(.*?)\n?</module>', re.DOTALL)
_TRAJECTORY = re.compile(r"<trajectory\b([^>\n]*)>\n?(.*?)</trajectory>", re.DOTALL)
_CRITIQUE = re.compile(r"<critique\b([^>\n]*)>\n?(.*?)\n?</critique>", re.DOTALL)
_RULE = re.compile(r"^\[(\w+)\] \([^)\n]*\) (.+)$", re.MULTILINE)
_VERSION = re.compile(r"<version\b([^>\n]*)>\n?(.*?)</version>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_INSTRUCTIONS = re.compile(r"<(instructions|demonstrations|tools)>\n?(.*?)\n?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A tagged part of a prompt: its attributes, its text and the offset at which the text begins."""

    attributes: Mapping[str, str]
    text: str
    start: int


def system_text(messages: Sequence[Mapping[str, Json]]) -> str:
    return "\n".join(content(message) for message in messages if message["role"] in ("system", "developer"))


def content(message: Mapping[str, Json]) -> str:
    """A message's text; of content in parts, the text parts."""
    value = message.get("content")
    if isinstance(value, str):
        return value
    return "\n".join(part.get("text", "") for part in value or () if part.get("type") == "text")


@lru_cache(maxsize=256)
def asked_for(system: str, has_versions: bool) -> Ask:
    """What a system prompt asks for, by the reply format it shows; merging is rewriting of several versions."""
    if _OPERATIONS_FORM.search(system):
        return "operate"
    if _EDIT_FORM.search(system):
        return "edit"
    if _MODULE_FORM.search(system):
        return "merge" if has_versions else "rewrite"
    if _CRITIQUE_FORM.search(system):
        return "critique"
    if _GROUPS_FORM.search(system):
        return "groups"
    return "act" if _ACTION_FORM.search(system) else "unclear"


@lru_cache(maxsize=1024)
def guidance(system: str) -> str:
    """What steers an agent: the text between its instructions, demonstrations and tools tags, or all where there are none."""
    found = [body for _, body in _INSTRUCTIONS.findall(system)]
    return "\n".join(found) if found else system


def wanted_modules(system: str, present: Sequence[str]) -> tuple[str, ...]:
    """The modules that a prompt asks to be written, of those that it shows; all of them where it names none."""
    for listed in _WANTED.findall(system):
        named = [name.strip(" .`\"'") for name in listed.split(",")]
        if any(name in present for name in named):
            return tuple(name for name in named if name in present)
    return tuple(present)


def modules_in(text: str) -> dict[str, Block]:
    """Module blocks by name (the last of a name counts), offsets relative to the text."""
    return {m.group(1): Block({"name": m.group(1)}, m.group(2), m.start(2)) for m in _MODULE.finditer(text)}


def versions_in(text: str) -> list[Block]:
    return [_block(found) for found in _VERSION.finditer(text)]


def trajectories_in(text: str) -> list[Block]:
    """Trajectory blocks, critiques and all."""
    return [_block(found) for found in _TRAJECTORY.finditer(text)]


def evidence_in(text: str) -> list[Block]:
    """Trajectory blocks, and critiques that stand for themselves: their `about` names the trajectories they speak of."""
    alone = _TRAJECTORY.sub(lambda found: " " * len(found.group()), text)
    critiques = [
        Block({"id": dict(_ATTRIBUTE.findall(found.group(1))).get("about", "")}, found.group(), found.start())
        for found in _CRITIQUE.finditer(alone)
    ]
    return [*trajectories_in(text), *critiques]


def rules_in(text: str) -> list[tuple[str, str]]:
    """(id, text) of the rules of a list, written as `[ID] (counters) text`."""
    return _RULE.findall(text)


def split_critique(trajectory: Block) -> tuple[Block, Block | None]:
    """The trajectory without its critique, and the critique."""
    found = _CRITIQUE.search(trajectory.text)
    if found is None:
        return trajectory, None
    own = Block(trajectory.attributes, trajectory.text[: found.start()], trajectory.start)
    return own, Block({}, found.group(2), trajectory.start + found.start(2))


def lines_of(block: Block) -> list[tuple[str, int]]:
    """Each line that is not blank, with its offset in the prompt."""
    lines, offset = [], block.start
    for line in block.text.split("\n"):
        if line.strip():
            lines.append((line, offset))
        offset += len(line) + 1
    return lines


def _block(found: re.Match[str]) -> Block:
    return Block(dict(_ATTRIBUTE.findall(found.group(1))), found.group(2), found.start(2))
