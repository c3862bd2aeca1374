"""The shortest commands that win a scene, written by someone who knows where everything lies."""

from __future__ import annotations

from collections.abc import Mapping

from envs.alfworld.generator_rooms import Receptacle
from envs.alfworld.generator_scene import LAMP, Scene, Thing

_VERBS = {"SinkBasin": "clean", "Microwave": "heat", "Fridge": "cool"}


def walkthrough(scene: Scene, names: Mapping[str, str]) -> list[str]:
    """Commands in the current grammar (`move X to Y`), with the names an agent reads."""
    writer = _Writer(names)
    targets = [thing for thing in scene.things if thing.type == scene.target]
    if not scene.goal_place:
        (lamp,) = (thing for thing in scene.things if thing.type == LAMP)
        writer.take(targets[0])
        writer.go(lamp.place)
        writer.say(f"use {names[lamp.id]}")
        return writer.commands
    goal = scene.room.of_type(scene.goal_place)[0]
    for thing in targets[: 2 if scene.task_type == "pick_two_obj_and_place" else 1]:
        writer.take(thing)
        if scene.appliance:
            appliance = scene.room.of_type(scene.appliance)[0]
            writer.go(appliance)
            writer.say(f"{_VERBS[scene.appliance]} {names[thing.id]} with {names[appliance.id]}")
        writer.go(goal)
        writer.open(goal)
        writer.say(f"move {names[thing.id]} to {names[goal.id]}")
    return writer.commands


class _Writer:
    """Keeps track of where the agent stands and what it has opened, so that no command is without effect."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.commands: list[str] = []
        self._names = names
        self._here = ""
        self._opened: set[str] = set()

    def say(self, command: str) -> None:
        self.commands.append(command)

    def go(self, place: Receptacle) -> None:
        if self._here != place.id:
            self.say(f"go to {self._names[place.id]}")
            self._here = place.id

    def open(self, place: Receptacle) -> None:
        if place.openable and place.id not in self._opened:
            self.say(f"open {self._names[place.id]}")
            self._opened.add(place.id)

    def take(self, thing: Thing) -> None:
        self.go(thing.place)
        self.open(thing.place)
        self.say(f"take {self._names[thing.id]} from {self._names[thing.place.id]}")
