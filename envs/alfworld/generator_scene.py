"""Draws one game: a task that makes sense in a room, and where everything lies when it begins."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envs.alfworld.generator_household import THINGS, UNUSUAL_SHARE, USUAL_PLACES
from envs.alfworld.generator_rooms import Receptacle, Room, Spots
from envs.alfworld.package import AlfredPackage

LAMP = "DeskLamp"

_STATES = {  # task type -> (property the object must have, appliance that gives the state)
    "pick_clean_then_place_in_recep": ("Cleanable", "SinkBasin"),
    "pick_heat_then_place_in_recep": ("Heatable", "Microwave"),
    "pick_cool_then_place_in_recep": ("Coolable", "Fridge"),
}

_COPIES = {"target": ((1, 2, 3), (50, 35, 15)), "pair": ((2, 3), (75, 25)), "other": ((1, 2, 3), (55, 35, 10))}


@dataclass(frozen=True, slots=True)
class Thing:
    """An object and the receptacle it lies in. The lamp is the only one that can't be carried."""

    id: str
    type: str
    place: Receptacle


@dataclass(frozen=True, slots=True)
class Scene:
    """A game before it is written down. `goal_place`: a receptacle type; empty where the target is to be looked at."""

    room: Room
    task_type: str
    target: str
    goal_place: str
    things: Sequence[Thing]

    @property
    def appliance(self) -> str:
        """The receptacle type that cleans, heats or cools for this task; empty where none does."""
        return _STATES[self.task_type][1] if self.task_type in _STATES else ""


def draw_scene(room: Room, task_type: str, package: AlfredPackage, generator: random.Random) -> Scene | None:
    """A scene of this task type in this room; None where the room does not lend itself to it."""
    lamp = task_type == "look_at_obj_in_light"
    pairs = _goals(room, task_type, package)
    if not pairs or (lamp and not _usual(LAMP, room)):
        return None
    target, goal_place = _choose_goal(pairs, generator)
    wants_move = task_type in ("pick_and_place_simple", "pick_two_obj_and_place")
    spots, things = Spots(generator), []

    def put(type_: str, copies: str, banned: str = "", apart: bool = False) -> None:
        used: list[Receptacle] = []
        numbers, weights = _COPIES[copies]
        for _ in range(generator.choices(numbers, weights)[0]):
            place = _draw_place(type_, room, package, generator, banned, used if apart else ())
            used.append(place)
            things.append(Thing(spots.new_id(type_), type_, place))

    if lamp or (room.kind in ("Bedroom", "LivingRoom") and _usual(LAMP, room) and generator.random() < 0.4):
        things.append(Thing(spots.new_id(LAMP), LAMP, generator.choice(_usual(LAMP, room))))
    # A task must not be done before it starts, hence no target lies where it is to be put.
    two = task_type == "pick_two_obj_and_place"
    put(target, "pair" if two else "target", banned=goal_place if wants_move else "", apart=two)
    for type_, share in THINGS[room.kind].items():
        if type_ != target and generator.random() < share and _fitting(type_, room, package):
            put(type_, "other")
    return Scene(room, task_type, target, goal_place, tuple(things))


def _goals(room: Room, task_type: str, package: AlfredPackage) -> Mapping[str, list[str]]:
    """target type -> goal receptacle types that make a task of this type which the room allows."""
    things = list(THINGS[room.kind])
    if task_type == "look_at_obj_in_light":
        return {thing: [""] for thing in things if _fitting(thing, room, package)}
    needed, appliance = _STATES.get(task_type, ("", ""))
    if appliance and appliance not in room.types:
        return {}
    goals: dict[str, list[str]] = {}
    for thing in things:
        if needed and thing not in package.properties[needed]:
            continue
        places = [type_ for type_ in room.types if type_ != appliance and thing in package.fits.get(type_, ())]
        starts = {place.type for place in _fitting(thing, room, package)}
        places = [type_ for type_ in places if starts - {type_}]
        if places:
            goals[thing] = places
    return goals


def _choose_goal(goals: Mapping[str, list[str]], generator: random.Random) -> tuple[str, str]:
    target = generator.choice(sorted(goals))
    return target, generator.choice(goals[target])


def _draw_place(
    type_: str,
    room: Room,
    package: AlfredPackage,
    generator: random.Random,
    banned: str,
    avoided: Sequence[Receptacle],
) -> Receptacle:
    """Where a thing lies: mostly in a usual place, now and then anywhere it fits; never in the banned type.

    `avoided` receptacles are taken only where there is no other.
    """
    fitting = [place for place in _fitting(type_, room, package) if place.type != banned]
    fitting = [place for place in fitting if place not in avoided] or fitting
    usual = [kind for kind in USUAL_PLACES[type_].split() if any(place.type == kind for place in fitting)]
    if usual and generator.random() >= UNUSUAL_SHARE:
        kind = generator.choice(usual)
        fitting = [place for place in fitting if place.type == kind]
    return generator.choice(fitting)


def _fitting(type_: str, room: Room, package: AlfredPackage) -> list[Receptacle]:
    return [place for place in room.receptacles if type_ in package.fits.get(place.type, ())]


def _usual(type_: str, room: Room) -> list[Receptacle]:
    return [place for place in room.receptacles if place.type in USUAL_PLACES[type_].split()]
