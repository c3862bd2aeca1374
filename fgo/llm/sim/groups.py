"""The simulated model asked which of some numbered rules agree and which conflict: it pairs those that it notices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fgo.llm.sim.reader import Reader
from fgo.llm.sim.rulebook import CARELESS

_RULE = re.compile(r"^R(\d+): (.*)$", re.MULTILINE)


def write_groups(reader: Reader, material: str) -> str:
    """Rules that state one lesson are the same; a lesson with and without its condition conflict. Each is seen where all of
    its places are noticed together."""
    shift = len(reader.text) - len(material)
    stated: dict[str, list[tuple[str, int]]] = {}
    for found in _RULE.finditer(material):
        for name in reader.rulebook.stated_in_line(found[2].strip()):
            stated.setdefault(name, []).append((f"R{found[1]}", shift + found.start()))
    lines = [
        _line("same", places) for name, places in stated.items() if len(places) > 1 and _seen(reader, name, places)
    ]
    for name, places in stated.items():
        hasty = stated.get(name + CARELESS, [])
        if hasty and _seen(reader, name + CARELESS, [*places, *hasty]):
            lines.append(_line("conflict", [places[0], hasty[0]]))
    return "\n".join(["<groups>", *lines, "</groups>"])


def _seen(reader: Reader, name: str, places: Sequence[tuple[str, int]]) -> bool:
    return reader.notices(name, [offset for _, offset in places])


def _line(kind: str, places: Sequence[tuple[str, int]]) -> str:
    return f"{kind}: {', '.join(label for label, _ in places)}"
