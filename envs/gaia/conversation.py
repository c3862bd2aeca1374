"""What a player knows: the question, the files' names and what was done and seen so far, read from its conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fgo.types import Json

Heeds = Callable[[str, str], bool]

_ACTION = re.compile(r"^Action: (.*)$", re.MULTILINE)
_FILES = re.compile(r"^Attached files?: (.*)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]*)\]\((\S+?)\)")
_URL = re.compile(r"https?://[^\s)\]>\"]+")
_FILL = re.compile(r"\s*\{(#[0-9A-F]{6})\}$")
_LEGEND = re.compile(r"(#[0-9A-F]{6}) ([a-z ]+) \(\d+\)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class Lost(Exception):
    """What was seen does not hold what the player looks for."""


@dataclass(frozen=True, slots=True)
class Case:
    """question: the whole opening. steps: (action, observation) in order. heeds: see fgo.types.SimulatedBenchmark."""

    question: str
    files: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    heeds: Heeds

    def asked(self, pattern: str) -> tuple[str, ...]:
        """The groups of a pattern in the question. Raises Lost."""
        found = re.search(pattern, self.question)
        if found is None:
            raise Lost
        return found.groups()

    @property
    def file(self) -> str:
        """The first attached file. Raises Lost."""
        if not self.files:
            raise Lost
        return self.files[0]


def read_case(turns: Sequence[Mapping[str, Json]], heeds: Heeds) -> Case:
    """Replies without an action are passed over, as if they had not been."""
    talk = [(str(turn["role"]), str(turn["content"])) for turn in turns if turn["role"] in ("user", "assistant")]
    opening = next((text for role, text in talk if role == "user"), "").removeprefix("Observation: ")
    steps = []
    for (role, said), (_, answer) in pairwise(talk):
        found = _ACTION.search(said) if role == "assistant" else None
        if found:
            steps.append((canonical(found[1]), answer.removeprefix("Observation: ")))
    listed = _FILES.search(opening)
    return Case(opening, tuple(listed[1].split(", ")) if listed else (), tuple(steps), heeds)


def canonical(action: str) -> str:
    """A call in the one form in which calls are compared; other actions as they are."""
    name, _, arguments = action.strip().partition(" ")
    try:
        return f"{name} {json.dumps(json.loads(arguments), ensure_ascii=False)}"
    except ValueError:
        return action.strip()


def grid(observation: str) -> list[list[str]]:
    """The cells of all lines that are rows of a table: between bars, or between commas without a space behind."""
    rows = []
    for line in observation.splitlines():
        text = line.strip()
        if " | " in text and not set(text) <= set("|-: "):
            rows.append([cell.strip() for cell in text.strip("|").split("|")])
        elif re.fullmatch(r"[^\s,\[](?:[^,\n]*,(?! ))+[^,\n]+", text):
            rows.append(text.split(","))
    return rows


def colours(observation: str) -> dict[str, str]:
    """The fills of a spreadsheet's cells: #RRGGBB -> name."""
    return dict(_LEGEND.findall(observation))


def plain(cell: str) -> str:
    """A cell's text without its fill."""
    return _FILL.sub("", cell)


def fill(cell: str) -> str:
    """A cell's fill as #RRGGBB, or ""."""
    found = _FILL.search(cell)
    return found[1] if found else ""


def links(observation: str) -> list[tuple[str, str]]:
    """(text, address) of links in markdown."""
    return _LINK.findall(observation)


def results(observation: str) -> list[tuple[str, str]]:
    """(title, address) of what a search found, in its order."""
    found: dict[str, str] = {}
    before = ""
    for line in observation.splitlines():
        address = _URL.search(line)
        if address and address[0] not in found:
            link = _LINK.search(line)
            title = link[1] if link else line[: address.start()].strip(" -–:|*<(\t") or before
            found[address[0]] = re.sub(r"^\W*\d+[.)]\s*", "", title).strip(" *#-")
        if line.strip():
            before = line.strip()
    return [(title, address) for address, title in found.items()]


def last_number(text: str) -> str:
    """The last number in a text. Raises Lost."""
    numbers = _NUMBER.findall(text)
    if not numbers:
        raise Lost
    return str(numbers[-1])


def only(pattern: str, text: str) -> str:
    """The first group of a pattern's first match, without white space around it. Raises Lost."""
    found = re.search(pattern, text)
    if found is None:
        raise Lost
    return str(found[1]).strip()
