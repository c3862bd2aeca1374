"""What players call a game's objects: `Mug_bar__minus_01_dot_20...` is "mug 2". Numbered as by ALFWorld's demangler."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def display_names(ids: Iterable[str]) -> dict[str, str]:
    """Numbers objects of a kind by their ids, the last one first. An id without a place in it gets no number."""
    names = {}
    ordered = sorted(ids)
    left = Counter(_kind(thing) for thing in ordered if "_bar_" in thing)
    for thing in ordered:
        kind = _kind(thing)
        if "_bar_" in thing:
            names[thing] = f"{kind} {left[kind]}"
            left[kind] -= 1
        else:
            names[thing] = f"{kind} "  # The space is in the original, too.
    return names


def _kind(thing: str) -> str:
    kind, placed, _ = thing.partition("_bar_")
    for word, sign in (("_minus_", "-"), ("_plus_", "+"), ("_dot_", "."), ("_comma_", ",")):
        kind = kind.replace(word, sign)
    # "basin" tells a sink from the basin in it, whose id begins with "Sink" as well.
    return kind + "basin" if placed and "basin" in thing else kind
