"""Draws rooms: which receptacles a scene has, where they stand, which have doors. One scene number is one room."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from envs.alfworld.generator_household import FURNITURE, OPENABLE_SHARE

FEWEST, MOST = 10, 30  # receptacles of a room

_BASINS = {"SinkBasin": "Sink", "BathtubBasin": "Bathtub"}  # named after the fixture they are part of


@dataclass(frozen=True, slots=True)
class Receptacle:
    """`id` and `location` as ALFRED writes them; closed at first where `openable`."""

    id: str
    type: str
    location: str
    openable: bool


@dataclass(frozen=True, slots=True)
class Room:
    scene: int
    kind: str
    receptacles: Sequence[Receptacle]
    start: str
    """Where the agent begins: a location without receptacle."""

    def of_type(self, kind: str) -> list[Receptacle]:
        return [receptacle for receptacle in self.receptacles if receptacle.type == kind]

    @property
    def types(self) -> list[str]:
        return sorted({receptacle.type for receptacle in self.receptacles})


def draw_room(scene: int, kind: str, seed: int) -> Room:
    """The room with this scene number in the household of this seed; always the same for the same arguments."""
    generator = random.Random(f"{seed}/room/{scene}")
    types = _draw_types(kind, generator)
    spots = Spots(generator)
    return Room(
        scene,
        kind,
        tuple(
            Receptacle(
                id=spots.new_id(_BASINS.get(type_, type_), f"_bar_{type_}" if type_ in _BASINS else ""),
                type=type_,
                location=spots.new_location(),
                openable=generator.random() < OPENABLE_SHARE.get(type_, 0),
            )
            for type_ in types
        ),
        start=spots.new_location(),
    )


def _draw_types(kind: str, generator: random.Random) -> list[str]:
    while True:
        types = [
            type_
            for type_, (share, fewest, most) in FURNITURE[kind].items()
            if generator.random() < share
            for _ in range(generator.randint(fewest, most))
        ]
        if FEWEST <= len(types) <= MOST:
            return types


class Spots:
    """Hands out ids and locations at random coordinates, in metres, none twice."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self._taken: set[str] = set()

    def new_id(self, type_: str, suffix: str = "") -> str:
        """An id such as `Mug_bar__minus_01_dot_20_bar__plus_00_dot_98_bar__plus_00_dot_35`."""
        draw = self._generator.uniform
        return self._fresh(
            lambda: "_bar_".join((type_, *(_coordinate(draw(*span)) for span in ((-4, 4), (0, 2), (-4, 4))))) + suffix
        )

    def new_location(self) -> str:
        """A location such as `loc_bar__minus_6_bar_11_bar_2_bar_30`: x and z in quarter metres, facing, view angle."""
        draw = self._generator
        return self._fresh(
            lambda: "_bar_".join(
                ("loc", _signed(draw.randint(-16, 16)), _signed(draw.randint(-16, 16)), str(draw.randint(0, 3)), "45")
            )
        )

    def _fresh(self, draw: Callable[[], str]) -> str:
        while (text := draw()) in self._taken:
            pass
        self._taken.add(text)
        return text


def _coordinate(metres: float) -> str:
    whole, part = f"{abs(metres):05.2f}".split(".")
    return f"_{'minus' if metres < 0 else 'plus'}_{whole}_dot_{part}"


def _signed(number: int) -> str:
    return f"_minus_{-number}" if number < 0 else str(number)


def names_in_game(ids: Collection[str]) -> Mapping[str, str]:
    """id -> the name an agent reads ("cabinet 3"): by ALFWorld's rule, a type's ids are numbered from the last."""
    types: dict[str, list[str]] = {}
    for id_ in sorted(ids):
        type_ = id_.split("_bar_", 1)[0].lower() + ("basin" if "Basin" in id_ else "")
        types.setdefault(type_, []).append(id_)
    return {
        id_: f"{type_} {len(members) - rank}" for type_, members in types.items() for rank, id_ in enumerate(members)
    }
