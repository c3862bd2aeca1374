"""Files of plain text: csv, json, xml, pdb."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.sax.saxutils import escape

from fgo.types import Json


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A csv whose cells hold neither commas nor quotes."""
    return "".join(",".join(map(str, row)) + "\n" for row in (head, *rows)).encode()


def structured(value: Json) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def elements(root: str, name: str, rows: Sequence[dict[str, object]]) -> bytes:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{root}>"]
    for row in rows:
        lines += [
            f" <{name}>",
            *(f"  <{key}>{escape(str(value))}</{key}>" for key, value in row.items()),
            f" </{name}>",
        ]
    return "\n".join([*lines, f"</{root}>", ""]).encode()


def protein(title: str, atoms: Sequence[tuple[str, str, str, int, float, float, float]]) -> bytes:
    """A pdb in fixed columns. atoms: (atom, residue, chain, residue number, x, y, z in angstrom)."""
    lines = [f"TITLE     {title}"]
    for number, (atom, residue, chain, place, x, y, z) in enumerate(atoms, 1):
        lines.append(
            f"ATOM  {number:5d}  {atom:<3s} {residue:>3s} {chain}{place:4d}    "
            f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00 20.00           {atom[0]}"
        )
    return "\n".join([*lines, "END", ""]).encode()
