"""Small made-up rooms as game files: quick to play in the stock environment, and odd where real games are not."""

from __future__ import annotations

import json
import random
from pathlib import Path

from envs.alfworld.engine.rules import rule_sets

_PLACES = ("Fridge", "Microwave", "SinkBasin", "CounterTop", "Cabinet", "Desk", "GarbageCan")
_THINGS = ("Apple", "Mug", "Knife", "ButterKnife", "DeskLamp", "Bread", "Plate", "Book")
_PROPERTIES = ("pickupable", "cleanable", "heatable", "coolable", "sliceable", "toggleable", "isReceptacleObject")
_STATES = ("isClean", "isHot", "isCool", "isSliced", "isToggled", "isOn")

TASK = "put a bowl in desk."


def write_game(folder: Path, kind: str, problem: str, task: str = TASK, **changes: object) -> Path:
    """A game file of the rule set `kind` ("move" or "put"); `changes` replace or add top-level fields."""
    rules = next(rules for rules in rule_sets() if rules.name == kind)
    game = {
        "pddl_domain": rules.domain_text,
        "grammar": rules.grammar_text.replace("UNKNOWN GOAL.", task),
        "pddl_problem": problem,
        "solvable": True,
        **changes,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "game.tw-pddl"
    path.write_text(json.dumps(game))
    return path


def room(seed: int) -> str:
    """A room whose goal is a bowl on a desk; all else is drawn: what there is, where, how it is, what fits where."""
    rng = random.Random(f"room {seed}")
    places = {_id(rng, kind): kind for kind in ("Desk", *rng.choices(_PLACES, k=rng.randint(1, 6)))}
    things = {_id(rng, kind): kind for kind in ("Bowl", *rng.choices(_THINGS, k=rng.randint(0, 9)))}
    bowl = next(iter(things))
    locations = [f"loc_bar_{number}_bar__minus_{number}" for number in range(rng.randint(2, len(places) + 2))]
    facts = [f"(atLocation agent1 {rng.choice(locations)})", f"(pickupable {bowl})"]
    for place, kind in places.items():
        facts += [f"(receptacleType {place} {kind}Type)", f"(receptacleAtLocation {place} {rng.choice(locations)})"]
        facts += [f"(openable {place})"] if rng.random() < 0.4 else []
        facts += [f"(opened {place})"] if rng.random() < 0.2 else []
    for thing, kind in things.items():
        facts.append(f"(objectType {thing} {kind}Type)")
        facts += [f"(objectAtLocation {thing} {rng.choice(locations)})"] if rng.random() < 0.9 else []
        homes = rng.sample(sorted(places), rng.choice((0, 1, 1, 1, 2)) if thing != bowl else 1)
        facts += [f"(inReceptacle {thing} {home})" for home in homes if places[home] != "Desk" or thing != bowl]
        facts += [f"({name} {thing})" for name in _PROPERTIES if rng.random() < 0.5]
        facts += [f"({name} {thing})" for name in _STATES if rng.random() < 0.15]
        if rng.random() < 0.2:
            facts.append(f"(inReceptacleObject {thing} {rng.choice(sorted(things))})")
    if not any(fact.startswith(f"(inReceptacle {bowl} ") for fact in facts):
        facts.append(f"(inReceptacle {bowl} {list(places)[-1]})")
    fits = [(place, thing) for place in (*_PLACES, "Desk") for thing in (*_THINGS, "Bowl") if rng.random() < 0.7]
    facts += [f"(canContain {place}Type {thing}Type)" for place, thing in dict.fromkeys([*fits, ("Desk", "Bowl")])]
    rng.shuffle(facts)
    objects = [f"{name} - receptacle" for name in places] + [f"{name} - object" for name in things]
    objects += [f"{name} - location" for name in locations] + ["agent1 - agent"]
    objects += [f"{kind}Type - rtype" for kind in (*_PLACES, "Sink")]
    objects += [f"{kind}Type - otype" for kind in (*_THINGS, "Bowl")]
    return _PROBLEM.format(objects="\n".join(objects), facts="\n".join(dict.fromkeys(facts)))


def _id(rng: random.Random, kind: str) -> str:
    place = "_bar_".join(
        f"_{rng.choice(('plus', 'minus'))}_{rng.randint(0, 9):02}_dot_{rng.randint(0, 99):02}" for _ in "xyz"
    )
    return f"Sink_bar_{place}_bar_SinkBasin" if kind == "SinkBasin" else f"{kind}_bar_{place}"


_PROBLEM = """
(define (problem made_up)  ; a comment
(:domain alfred)
(:objects {objects})
(:init {facts} (= (total-cost) 0))
(:goal (and (exists (?r - receptacle) (exists (?o - object)
    (and (inReceptacle ?o ?r) (objectType ?o BowlType) (receptacleType ?r DeskType))))))
)
"""
