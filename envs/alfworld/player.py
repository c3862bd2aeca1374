"""How the simulated model plays ALFWorld: from its conversation alone, erring wherever it does not heed a lesson.

A policy over what was observed (conversation.py): search, take, treat, carry, place. Each place in it where a lesson of
lessons.py applies asks `heeds(lesson, occasion)` once; where the answer is no, it does what an agent without that
lesson does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from envs.alfworld.conversation import Goal, Household, kind_of, observe
from envs.alfworld.lessons import CONFUSABLE
from envs.alfworld.places import likely_places
from fgo.types import Json

Heeds = Callable[[str, str], bool]
Move = tuple[str, str]
"""A thought and an action."""

_APPLIANCE = {"clean": "sinkbasin", "heat": "microwave", "cool": "fridge"}
_LESSON = {"clean": "clean_at_sink", "heat": "heat_at_microwave", "cool": "cool_at_fridge"}
_OPENABLE = frozenset(("cabinet", "drawer", "fridge", "microwave", "safe"))
_WRONG_FORMS = ("put {0} in/on {1}", "put {0} in {1}", "place {0} on {1}", "drop {0}")
_WANDERING = 6  # steps that an agent idles which does not see what is missing
_HOLDING = 12  # steps for which an agent clings to what it holds, if told to


def play(turns: Sequence[Mapping[str, Json]], heeds: Heeds) -> str:
    """The next reply: a line `Thought: ...` and a line `Action: ...`."""
    house = observe(turns)
    if house.goal is None:
        return "Thought: I look around.\nAction: look"
    thought, action = _Player(house, house.goal, heeds).next()
    return f"Thought: {thought}\nAction: {action}"


class _Player:
    """One decision. Methods return a move, or None where they have nothing to do."""

    def __init__(self, house: Household, goal: Goal, heeds: Heeds) -> None:
        self.house, self.goal, self.heeds = house, goal, heeds
        # What an agent does not know about its task it may see once it thinks it over, but not a third time.
        self.attempt = "again" if house.placings + house.lamp_uses else "first"

    def next(self) -> Move:
        house = self.house
        if house.last_failed:
            move = self._after_failure()
            if move:
                return move
        if house.last.startswith("go to") and not house.last_failed:
            move = self._on_arrival()
            if move:
                return move
        if house.holding:
            return self._with_object(house.holding)
        if self._seems_finished():
            move = self._after_the_end()
            if move:
                return move
        return self._empty_handed()

    # What happens in any task.

    def _after_failure(self) -> Move | None:
        house = self.house
        if house.repeats < 5 and not self.heeds("no_repeat", f"{house.last} {house.failed[house.last]}"):
            return "That should have worked; I try it once more.", house.last
        place = house.last.removeprefix("go to ")
        may_be_there = house.last.startswith("go to") and place in house.places and place != house.here
        if may_be_there and house.repeats < 2:  # places may share a spot
            return f"I must be at that place already, so I examine the {place}.", f"examine {place}"
        return None

    def _on_arrival(self) -> Move | None:
        house, here = self.house, self.house.here
        occasion = f"{here} {house.visits[here]}"
        if self.heeds("inventory_first", occasion):
            return "I check what I carry.", "inventory"
        if here not in house.closed and not self.heeds("no_examine", occasion):
            return f"I look at the {here} more closely.", f"examine {here}"
        return None

    def _reach(self, place: str, what_for: str) -> Move | None:
        """Go to a place, if not there; None when there."""
        if self.house.here == place:
            return None
        return f"I go to the {place} {what_for}.", f"go to {place}"

    def _nearest(self, kind: str) -> str:
        """The place of a kind to go to: here, if it is one, else the first; empty where there is none."""
        if kind_of(self.house.here) == kind:
            return self.house.here
        return min((p for p in self.house.places if kind_of(p) == kind), key=_number, default="")

    # With an object in hand.

    def _with_object(self, held: str) -> Move:
        house, goal = self.house, self.goal
        pick = f"{held} {house.picks}"
        since = house.steps - house.picked_at
        if since < 2 and not self.heeds("direct", pick):
            return ("I make sure that I have it.", "inventory") if since == 0 else ("I look at it.", f"examine {held}")
        if goal.kind == "look":
            return self._show_to_lamp(held)
        if self.heeds("lamp_holding!careless", f"{pick} {since // _HOLDING}"):
            return self._cling(held)
        if goal.kind == "two":
            move = self._second_while_holding(held)
            if move:
                return move
        move = self._treat(held)
        return move or self._place(held)

    def _cling(self, held: str) -> Move:
        place = self.house.places[self.house.steps % len(self.house.places)]
        return "I have what I need and keep hold of it.", self._elsewhere(place) or f"examine {held}"

    def _elsewhere(self, place: str) -> str:
        return f"go to {place}" if place != self.house.here else ""

    def _treat(self, held: str) -> Move | None:
        """The cleaning, heating or cooling that the task asks for, then what careless rules add."""
        house, goal = self.house, self.goal
        if goal.kind in _APPLIANCE and (goal.kind, held) not in house.treated:
            if self.heeds(_LESSON[goal.kind], self.attempt):
                move = self._use_appliance(goal.kind, held)
                if move:
                    return move
            elif house.failed[f"{goal.kind} {held}"] <= house.placings:
                return f"It must be treated first: I {goal.kind} it.", f"{goal.kind} {held}"
        for kind, lesson in _LESSON.items():
            if kind != goal.kind and (kind, held) not in house.treated and self.heeds(f"{lesson}!careless", held):
                move = self._use_appliance(kind, held)
                if move:
                    return move
        return None

    def _use_appliance(self, kind: str, held: str) -> Move | None:
        house = self.house
        place = self._nearest(_APPLIANCE[kind])
        action = f"{kind} {held} with {place}"
        tries = house.failed[action]
        if not place or tries > 2:
            return None
        if house.here != place and tries == 0 and not self.heeds("go_first", action):
            return f"The {place} is what I need to {kind} it.", action
        if house.here == place and tries > 1:  # it failed at the right place: the object can't be treated so
            return None
        return self._reach(place, f"to {kind} the {held} there before I place it") or (f"I {kind} it here.", action)

    def _place(self, held: str) -> Move:
        house, goal = self.house, self.goal
        place = self._target(held)
        if not place:
            return self._search(goal.place, "the place for it")
        action = f"move {held} to {place}" if house.place_verb != "put" else f"put {held} in/on {place}"
        if house.here != place:
            if not house.failed[action] and not self.heeds("go_first", action):
                return f"I have the {held} and place it.", action
            return f"I go to the {place} to place it.", f"go to {place}"
        forms = [form.format(held, place) for form in _WRONG_FORMS]
        tries = sum(house.failed[form] for form in (action, *forms))
        if place in house.closed and (tries > 2 or self.heeds("open_target", f"{place} {tries // 4}")):
            return f"The {place} is closed, so I open it before I place anything.", f"open {place}"
        if house.place_verb or self.heeds("move_not_put", str(tries // 8)):
            if not house.place_verb and house.failed[action] and not house.failed[forms[0]]:
                return "The other form must be the one that works here.", forms[0]
            return f"I place the {held} here.", action
        return f"I put the {held} down here.", forms[tries % len(forms)]

    def _target(self, held: str) -> str:
        house, goal = self.house, self.goal
        others = [place for name, place in house.placed.items() if kind_of(name) == kind_of(held)]
        if goal.kind == "two" and others and kind_of(others[-1]) == goal.place:
            if self.heeds("same_place", ""):
                return others[-1]
            rest = [place for place in house.places if kind_of(place) == goal.place and place != others[-1]]
            return min(rest, key=_number, default=others[-1])
        return self._nearest(goal.place)

    # Two objects.

    def _second_while_holding(self, held: str) -> Move | None:
        """Going after the second object with the first in hand, for want of knowing better."""
        house = self.house
        if house.placed:
            return None
        since = (house.steps - house.picked_at) // 10
        knows = self.heeds("one_at_a_time", "")
        if knows and not (since < 2 and self.heeds("take_both", "")):
            return None
        second = next((name for name in house.objects_here() if kind_of(name) == self.goal.thing and name != held), "")
        if second:
            return f"I need two, so I take the {second} as well.", f"take {second} from {house.here}"
        if since > 2:
            return None
        return self._search(self.goal.thing, "the second one")

    # The lamp.

    def _lamp(self) -> str:
        """The lamp's name where it has been seen, else empty."""
        names = (name for objects in self.house.seen.values() for name in objects if kind_of(name) == self.goal.place)
        return next(names, "")

    def _show_to_lamp(self, held: str) -> Move:
        lamp = self._lamp()
        place = next((place for place, objects in self.house.seen.items() if lamp in objects), "") if lamp else ""
        if not lamp:
            return self._search(self.goal.place, f"the {self.goal.place}")
        move = self._reach(place, f"with the {held}, to use the {lamp} while I hold it")
        if move:
            return move
        if self.heeds("put_by_lamp", "") and not self.house.failed[f"move {held} to {place}"]:
            return "I put it down beside the lamp.", f"move {held} to {place}"
        return f"I use the {lamp}.", f"use {lamp}"

    def _look_without_taking(self) -> Move:
        """The untaught way: look at the object where it lies, then light the lamp."""
        house, goal = self.house, self.goal
        thing = next((name for name in house.objects_here() if kind_of(name) == goal.thing), "")
        if thing and house.last != f"examine {thing}":
            return f"Here is the {thing}; I look at it.", f"examine {thing}"
        lamp = self._lamp()
        if not any(kind_of(n) == goal.thing for objects in house.seen.values() for n in objects):
            return self._search(goal.thing, f"the {goal.thing}")
        if not lamp:
            return self._search(goal.place, f"the {goal.place}")
        place = next(place for place, objects in house.seen.items() if lamp in objects)
        return self._reach(place, "to light it") or (f"I turn on the {lamp}.", f"use {lamp}")

    # With empty hands.

    def _seems_finished(self) -> bool:
        house, goal = self.house, self.goal
        if goal.kind == "look":
            return house.lamp_uses > 0
        return len(house.placed) >= (2 if goal.kind == "two" else 1)

    def _after_the_end(self) -> Move | None:
        """It all seems done, but the task goes on."""
        house, goal = self.house, self.goal
        idle = house.steps - house.finished_at
        occasion = f"{house.placings + house.lamp_uses} {idle // _WANDERING}"
        if self.heeds("undone_step", occasion):
            if goal.kind == "look":
                return None
            name, place = list(house.placed.items())[-1]
            if kind_of(name) != goal.thing or house.failed[f"take {name} from {place}"] > 1:
                return None
            return self._take_back(name, place, "I left something out, so I take it again")
        if idle % 2 == 0:
            return "Everything is done, it seems. I look around.", "look"
        place = house.places[house.steps % len(house.places)]
        return "I look elsewhere.", self._elsewhere(place) or "inventory"

    def _take_back(self, name: str, place: str, why: str) -> Move:
        return self._reach(place, f"where I placed it: {why}") or (f"{why}.", f"take {name} from {place}")

    def _empty_handed(self) -> Move:
        house, goal = self.house, self.goal
        if goal.kind == "look" and house.last.startswith("move") and self.heeds("put_by_lamp", ""):
            return "Now I use the lamp beside it.", f"use {self._lamp()}"
        if goal.kind == "look" and not self.heeds("lamp_holding", self.attempt):
            return self._look_without_taking()
        if goal.kind == "two" and len(house.placed) == 1:
            name, place = next(iter(house.placed.items()))
            if self.heeds("undone_step!careless", str(house.placings)):
                return self._take_back(name, place, "The task goes on, so I take it back")
            if house.here == place and not self.heeds("leave_placed", str(house.placings)):
                return f"Here is a {goal.thing}.", f"take {name} from {place}"
        move = self._take_here()
        if move:
            return move
        for place, objects in house.seen.items():
            within_reach = place != house.here and place not in house.closed and not house.failed[f"go to {place}"]
            if within_reach and any(self._is_wanted(name) for name in objects):
                return f"There is a {goal.thing} at the {place}.", f"go to {place}"
        return self._search(goal.thing, f"the {goal.thing}")

    def _is_wanted(self, name: str) -> bool:
        return kind_of(name) == self.goal.thing and (name not in self.house.placed or self.goal.kind == "look")

    def _take_here(self) -> Move | None:
        house, goal = self.house, self.goal
        if len(house.visits) < 0.6 * len(house.places) and self.heeds("survey", ""):
            if any(self._is_wanted(name) for name in house.objects_here()):
                return self._search(goal.thing, "", "I see what I need here, but first I go on looking around")
            return None
        fallback = next((b if a == goal.thing else a for a, b in CONFUSABLE if goal.thing in (a, b)), "")
        for name in sorted(house.objects_here(), key=lambda name: (kind_of(name) != goal.thing, _number(name))):
            hasty = kind_of(name) == fallback and name not in house.placed and not self.heeds("right_kind", name)
            if self._is_wanted(name) or hasty:
                return self._take(name)
        return None

    def _take(self, name: str) -> Move:
        house = self.house
        vague = f"take {kind_of(name)} from {kind_of(house.here)}"
        if not self.heeds("exact_name", f"{name} {house.failed[vague] // 3}"):
            return f"I take the {kind_of(name)}.", vague
        return f"I take the {name}.", f"take {name} from {house.here}"

    # Searching.

    def _search(self, thing: str, purpose: str, thought: str = "") -> Move:
        """Look for a kind of object (or place) in what has not been seen yet."""
        house = self.house
        here = house.here
        if here in house.closed and self.heeds("open_closed", here):
            return f"The {here} is closed, so I open it and look inside.", f"open {here}"
        if here in house.opened and house.last.startswith("open") and self.heeds("close_after", here):
            return f"I close the {here} again.", f"close {here}"
        arrivals = house.visits.total()
        visited = [place for place in house.places if house.visits[place]]
        if len(visited) > 1 and not self.heeds("no_research", str(arrivals)):
            place = visited[house.steps % len(visited)]
            if place != here:
                return "I may have overlooked it there.", f"go to {place}"
        place, in_order = self._next_place(thing, str(house.steps))
        if in_order:
            thought = thought or "I take the places in the order in which they are listed"
        return (f"{thought}." if thought else f"I look for {purpose} at the {place}."), f"go to {place}"

    def _next_place(self, thing: str, occasion: str) -> tuple[str, bool]:
        """Where to look next, and whether only because it is the next in the list."""
        house = self.house
        fresh = [p for p in house.places if not house.visits[p] and not house.failed[f"go to {p}"]]
        if not fresh:  # all seen: back to what stayed closed, then to what was seen the fewest times
            rest = [p for p in house.places if p != house.here] or list(house.places)
            seldom = min(rest, key=lambda p: (p not in house.closed, house.visits[p] + house.failed[f"go to {p}"]))
            return seldom, False
        if not self.heeds("likely_first", occasion):
            return fresh[0], True
        rank = {kind: position for position, kind in enumerate(likely_places(thing))}

        def promise(place: str) -> tuple[int, bool, str, int]:
            kind = kind_of(place)
            return rank.get(kind, len(rank)), kind in _OPENABLE, kind, _number(place)

        return min(fresh, key=promise), False


def _number(name: str) -> int:
    number = name.rpartition(" ")[2]
    return int(number) if number.isdigit() else 0
