"""What an ALFWorld agent can know from its conversation: the goal, and the state of the household as observed so far.

Reads the observations of both grammars (`You move the mug 1 to the shelf 2.`, `You put the mug 1 in/on the shelf 2.`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from fgo.types import Json

Kind = Literal["place", "clean", "heat", "cool", "look", "two"]

_ACTION = re.compile(r"^Action:[ \t]*([^\n]+)", re.MULTILINE)
_TASK = re.compile(r"Your task is to: ([^\n]+)")
_AROUND = re.compile(r"you see ([^\n]+)\.")
_CONTENTS = re.compile(r"(?:On|In) (?:the (\w+ \d+)|it), you see ([^\n]+?)\.")
_CLOSED = re.compile(r"The (\w+ \d+) is closed")
_OPEN = re.compile(r"The (\w+ \d+) is open")
_PICKED = re.compile(r"You pick up the (\w+ \d+) from the (\w+ \d+)")
_PLACED = re.compile(r"You (move|put) the (\w+ \d+) (?:to|in/on|in|on) the (\w+ \d+)")
_TREATED = re.compile(r"You (clean|heat|cool) the (\w+ \d+) using the")
_NAME = re.compile(r"\ban? (\w+ \d+)")
_GOALS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("look", re.compile(r"(?:look at|examine) (?:an? |the |some )?(\w+) (?:under|with) (?:the |an? )?(\w+)")),
    ("two", re.compile(r"(?:put|find) two (\w+?) (?:and put them )?(?:in/on|in|on) (\w+)")),
    (
        "clean",
        re.compile(r"put an? clean (\w+) (?:in/on|in|on) (\w+)|clean some (\w+) and put it (?:in/on|in|on) (\w+)"),
    ),
    ("heat", re.compile(r"put an? hot (\w+) (?:in/on|in|on) (\w+)|heat some (\w+) and put it (?:in/on|in|on) (\w+)")),
    ("cool", re.compile(r"put an? cool (\w+) (?:in/on|in|on) (\w+)|cool some (\w+) and put it (?:in/on|in|on) (\w+)")),
    ("place", re.compile(r"put (?:an? |some |the )?(\w+) (?:in/on|in|on) (\w+)")),
)


_UNDOES = {"heat": "cool", "cool": "heat"}


@dataclass(frozen=True, slots=True)
class Goal:
    """kind: the task's type; thing: the kind of object; place: the kind of receptacle, or the lamp."""

    kind: Kind
    thing: str
    place: str


@dataclass(slots=True)
class Household:
    """What is known after some turns. Names are as the game writes them, such as "mug 1"."""

    goal: Goal | None = None
    places: tuple[str, ...] = ()
    here: str = ""
    holding: str = ""
    seen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    visits: Counter[str] = field(default_factory=Counter)
    treated: set[tuple[str, str]] = field(default_factory=set)
    placed: dict[str, str] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    last: str = ""
    last_failed: bool = False
    repeats: int = 0
    picks: int = 0
    placings: int = 0
    lamp_uses: int = 0
    finished_at: int = 0
    picked_at: int = 0
    place_verb: str = ""

    def objects_here(self) -> tuple[str, ...]:
        return () if self.here in self.closed else self.seen.get(self.here, ())


def kind_of(name: str) -> str:
    """ "mug 1" -> "mug"."""
    return name.partition(" ")[0]


@lru_cache(maxsize=4096)
def read_goal(opening: str) -> Goal | None:
    """The goal in an opening observation; None where there is none that is understood."""
    task = _TASK.search(opening)
    if task is None:
        return None
    for kind, pattern in _GOALS:
        found = pattern.search(task.group(1).lower())
        if found:
            thing, place = (group for group in found.groups() if group)
            return Goal(kind, thing, place)
    return None


@lru_cache(maxsize=4096)
def read_places(opening: str) -> tuple[str, ...]:
    """The receptacles that an opening observation lists, in its order."""
    found = _AROUND.search(opening)
    return tuple(_NAME.findall(found.group(1))) if found else ()


@lru_cache(maxsize=65536)
def read_action(reply: str) -> str:
    found = _ACTION.search(reply)
    return found.group(1).strip() if found else ""


def observe(turns: Sequence[Mapping[str, Json]]) -> Household:
    """What a conversation tells: the first user turn is the opening, then replies and observations alternate."""
    house = Household()
    action = ""
    for turn in turns:
        role, text = turn["role"], turn["content"]
        if role == "assistant":
            action = read_action(text)
        elif role == "user" and house.goal is None:
            house.goal, house.places = read_goal(text), read_places(text)
        elif role == "user":
            _take_in(house, action, text)
    return house


def _take_in(house: Household, action: str, text: str) -> None:
    house.steps += 1
    house.last_failed = "Nothing happens" in text
    house.repeats = house.repeats + 1 if house.last_failed and action == house.last else 0
    house.last = action
    if house.last_failed:
        house.failed[action] += 1
        return
    for change in _changes(action, text):
        _apply(house, change)


@lru_cache(maxsize=65536)
def _changes(action: str, text: str) -> tuple[tuple[str, str, Json], ...]:
    """What an answer to an action says has changed or was seen, as (what, name, detail)."""
    changes: list[tuple[str, str, Json]] = []
    rest = action.partition(" ")[2]
    if text.startswith(("You arrive", "Observation: You arrive")):
        changes.append(("at", rest.removeprefix("to ").strip(), None))
    subject = rest.removeprefix("to ").strip()
    if found := _CLOSED.search(text):
        changes.append(("closed", found.group(1), None))
    if found := _OPEN.search(text):
        changes.append(("open", found.group(1), None))
        subject = found.group(1)
    if found := _CONTENTS.search(text):
        changes.append(("holds", found.group(1) or subject, tuple(_NAME.findall(found.group(2)))))
    if found := _PICKED.search(text):
        changes.append(("picked", found.group(1), found.group(2)))
    if found := _PLACED.search(text):
        changes.append(("placed", found.group(2), (found.group(3), found.group(1))))
    if found := _TREATED.search(text):
        changes.append(("treated", found.group(2), found.group(1)))
    if "You turn on the" in text:
        changes.append(("lamp", subject, None))
    if "You close the" in text:
        changes.append(("closed", subject, None))
    return tuple(changes)


def _apply(house: Household, change: tuple[str, str, Json]) -> None:
    what, name, detail = change
    if what == "at":
        house.here = name
        house.visits[name] += 1
    elif what == "closed":
        house.closed.add(name)
        house.opened.discard(name)
        _arrive_by_seeing(house, name)
    elif what == "open":
        house.closed.discard(name)
        house.opened.add(name)
        _arrive_by_seeing(house, name)
    elif what == "holds":
        house.seen[name] = detail
        _arrive_by_seeing(house, name)
    elif what == "picked":
        house.holding = name
        house.picks += 1
        house.picked_at = house.steps
        house.placed.pop(name, None)
        house.seen[detail] = tuple(other for other in house.seen.get(detail, ()) if other != name)
    elif what == "placed":
        house.holding = ""
        house.placings += 1
        house.finished_at = house.steps
        place, house.place_verb = detail
        house.placed[name] = place
        house.seen[place] = (*house.seen.get(place, ()), name)
    elif what == "treated":
        house.treated.add((detail, name))
        if detail in _UNDOES:
            house.treated.discard((_UNDOES[detail], name))
    elif what == "lamp":
        house.lamp_uses += 1
        house.finished_at = house.steps


def _arrive_by_seeing(house: Household, name: str) -> None:
    """What can be seen is within reach: places may share a spot, so that `go to` it does nothing."""
    if name in house.places and name != house.here:
        house.here = name
        house.visits[name] += 1
