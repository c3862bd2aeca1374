"""Invented names, each given out once in a whole set: no two tasks, and so no two splits, speak of the same thing."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_ONSETS = (
    "Br",
    "V",
    "K",
    "Th",
    "M",
    "Sk",
    "L",
    "Dr",
    "F",
    "G",
    "H",
    "N",
    "P",
    "R",
    "S",
    "T",
    "W",
    "Cr",
    "Tr",
    "Gl",
    "St",
)
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "oa")
_MIDDLES = ("r", "l", "n", "m", "v", "st", "nd", "lm", "rk", "ld", "rs", "nt", "sk", "rn")
_PLACES = ("mere", "stol", "wick", "fjord", "haven", "by", "holm", "ness", "gard", "ford", "dal", "low", "sund", "moor")
_PEOPLE = ("ing", "ow", "ard", "ell", "esk", "isch", "ott", "unde", "aver", "olt", "arin", "emond", "iq", "osk")
_LATIN = ("ensis", "atus", "oides", "ifer", "ella", "inus", "ula", "aster")
_GIVEN = ("Ada", "Bo", "Clea", "Dorin", "Edda", "Falk", "Greta", "Hanno", "Ilva", "Jorun", "Karel", "Lena", "Milo", "Nadia",
          "Orla", "Pavo", "Runa", "Selma", "Timo", "Ulla", "Vera", "Wim", "Yrsa", "Zeno")  # fmt: skip


class Names:
    """Gives names out; none twice. `taken` holds all that were given."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def place(self, rng: random.Random) -> str:
        return self._fresh(rng, lambda: _stem(rng) + rng.choice(_PLACES))

    def surname(self, rng: random.Random) -> str:
        return self._fresh(rng, lambda: _stem(rng) + rng.choice(_PEOPLE))

    def person(self, rng: random.Random) -> str:
        return f"{rng.choice(_GIVEN)} {self.surname(rng)}"

    def species(self, rng: random.Random) -> str:
        return self._fresh(rng, lambda: f"{_stem(rng)}a {_stem(rng).lower()}{rng.choice(_LATIN)}")

    def _fresh(self, rng: random.Random, make: Callable[[], str]) -> str:
        while True:
            name = make()
            if name not in self.taken:
                self.taken.add(name)
                return name


def slug(name: str) -> str:
    """A name as it stands in an address."""
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")


def ascending(names: Sequence[str]) -> list[str]:
    return sorted(names, key=str.lower)


def _stem(rng: random.Random) -> str:
    return rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_MIDDLES) + rng.choice("aeiou")
