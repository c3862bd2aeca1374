"""Protein Data Bank files: what they hold in a few lines, then their text."""

from __future__ import annotations

from collections import Counter

from envs.gaia.tools.readers.plain import decode
from envs.gaia.tools.readers.source import Reading, Source, Unreadable

_HEADINGS = ("HEADER", "TITLE", "COMPND", "SOURCE", "EXPDTA", "REMARK   2")
_MOST_HEADING_LINES = 40


def read_pdb(source: Source) -> Reading:
    found = decode(source.data)
    if found is None:
        raise Unreadable("it is named like a PDB file, but holds binary data")
    lines = found[0].splitlines()
    records = Counter(line[:6].strip() for line in lines)
    if not records["ATOM"] and not records["HETATM"] and not records["HEADER"]:
        return Reading(f"[no PDB records; the text follows as it stands]\n{found[0]}")
    residues: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("ATOM"):
            residues.setdefault(line[21:22], set()).add(line[22:27])
    chains = ", ".join(f"{chain.strip() or '(none)'} with {len(held)} residues" for chain, held in residues.items())
    head = [line.rstrip() for line in lines if line.startswith(_HEADINGS)][:_MOST_HEADING_LINES]
    counts = f"{records['ATOM']} ATOM records, {records['HETATM']} HETATM records, {records['MODEL'] or 1} model(s)"
    return Reading("\n".join([*head, f"[{counts}; chains: {chains or 'none'}]", "", "The whole file:", *lines]))
