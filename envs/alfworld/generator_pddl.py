"""Writes a scene as the PDDL problem that ALFWorld's domain expects."""

from __future__ import annotations

from collections.abc import Iterator

from envs.alfworld.generator_scene import LAMP, Scene
from envs.alfworld.package import AlfredPackage


def write_problem(scene: Scene, name: str, package: AlfredPackage) -> str:
    """The whole `(define (problem ...) ...)`; its goal is the goal library's own for this task type."""
    objects = "\n        ".join(_objects(scene))
    facts = "\n        ".join(f"({fact})" for fact in _facts(scene, package))
    goal = package.goals[scene.task_type]["pddl"].format(obj=scene.target, recep=scene.goal_place, toggle=LAMP)
    # The library writes "-" as "#", and its goals close the definition too.
    return (
        f"\n(define (problem plan_{name})\n(:domain alfred)\n(:objects\n        {objects}\n        )\n"
        f"\n(:init\n        {facts}\n        )\n{goal.replace('#', '-')}"
    )


def _objects(scene: Scene) -> Iterator[str]:
    yield "agent1 - agent"
    yield from (f"{type_}Type - otype" for type_ in _object_types(scene))
    yield from (f"{type_}Type - rtype" for type_ in scene.room.types)
    # The domain's own preconditions name these, so they must be declared in every room.
    yield from (f"{type_}Type - rtype" for type_ in _NAMED_RECEPTACLES if type_ not in scene.room.types)
    yield from (f"{type_}Type - otype" for type_ in _NAMED_OBJECTS if type_ not in _object_types(scene))
    yield from (f"{thing.id} - object" for thing in scene.things)
    yield from (f"{place.id} - receptacle" for place in scene.room.receptacles)
    yield from (f"{place.location} - location" for place in scene.room.receptacles)
    yield f"{scene.room.start} - location"


_NAMED_RECEPTACLES = ("SinkBasin", "Microwave", "Fridge")
_NAMED_OBJECTS = ("Knife", "ButterKnife")


def _facts(scene: Scene, package: AlfredPackage) -> Iterator[str]:
    room, things = scene.room, scene.things
    carried = [thing for thing in things if thing.type != LAMP]
    yield from (f"receptacleType {place.id} {place.type}Type" for place in room.receptacles)
    yield from (f"objectType {thing.id} {thing.type}Type" for thing in things)
    for place in room.types:
        fits = package.fits.get(place, frozenset())
        yield from (f"canContain {place}Type {thing}Type" for thing in _object_types(scene) if thing in fits)
    yield from (f"pickupable {thing.id}" for thing in carried)
    yield from (f"isReceptacleObject {thing.id}" for thing in carried if thing.type in package.holds_objects)
    yield from (f"openable {place.id}" for place in room.receptacles if place.openable)
    yield f"atLocation agent1 {room.start}"
    for kind in ("Cleanable", "Heatable", "Coolable", "Toggleable", "Sliceable"):
        yield from (f"{kind.lower()} {thing.id}" for thing in things if thing.type in package.properties[kind])
    yield from (f"inReceptacle {thing.id} {thing.place.id}" for thing in things)
    yield from (f"receptacleAtLocation {place.id} {place.location}" for place in room.receptacles)
    yield from (f"objectAtLocation {thing.id} {thing.place.location}" for thing in things)


def _object_types(scene: Scene) -> list[str]:
    return sorted({thing.type for thing in scene.things})
