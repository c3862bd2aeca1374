"""What the simulated model writes where single edits are asked for: operations on a list of rules, an edit of a set of functions.

As elsewhere it can only state rules. A function that it writes hands out a rule, which its docstring states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fgo.llm.sim.functions import function_of, functions_of
from fgo.llm.sim.prompt_parts import evidence_in, modules_in, rules_in
from fgo.llm.sim.reader import Reader, Sighting
from fgo.llm.sim.rulebook import CARELESS
from fgo.llm.sim.writing import citation, news, shifted

_VERB = re.compile(r"^([A-Z]+)\b", re.MULTILINE)
_AT_MOST = re.compile(r"\bat most (\d+) operations\b")
_DEFINITION = re.compile(r"^def (\w+)\(", re.MULTILINE)
_CITED = re.compile(r"\s*\[(T\d+(?:, T\d+)*)\]$")


def write_operations(reader: Reader, system: str, material: str) -> str:
    """Operations of the kinds that the form shows: rules seen to do harm are put right or removed, those seen to be needed agreed
    with, and what is noticed beyond them added."""
    verbs = _VERB.findall(system[system.rindex("<operations>") :])
    found = _AT_MOST.search(system)
    rewrite = next((verb for verb in verbs if verb in ("EDIT", "UPDATE")), None)
    evidence = shifted(reader, material, evidence_in(material))
    sightings = reader.sightings(evidence)
    book, rules, lines = reader.rulebook, rules_in(material), []
    for id, text in rules:
        names = book.stated_in_line(text)
        harmful = _noticed(reader, [name for name in names if name in book.misconceptions], sightings)
        needed = [name for name in names if name in book.lessons]
        if harmful and harmful[0].endswith(CARELESS) and rewrite:
            proper = book.statement(harmful[0].removesuffix(CARELESS))
            lines.append(f"{rewrite} {id}: {proper}{citation(sightings[harmful[0]])}")
        elif harmful and "REMOVE" in verbs:
            lines.append(f"REMOVE {id}")
        elif "AGREE" in verbs and _noticed(reader, needed, sightings):
            lines.append(f"AGREE {id}")
    steering = "\n".join(block.text for block in modules_in(material).values())
    known = [*(text for _, text in rules), *steering.splitlines()]
    lines += [f"ADD: {rule}" for rule in news(reader, known, sightings, evidence)]
    kept = lines[: int(found.group(1))] if found else lines
    return "\n".join(["<operations>", *(kept or ["NONE"]), "</operations>"])


def write_edit(reader: Reader, material: str) -> str:
    """One edit: a function that hands out a rule seen to do harm is removed, one for a rule that is noticed added."""
    evidence = shifted(reader, material, evidence_in(material))
    sightings = reader.sightings(evidence)
    texts = {name: block.text for name, block in modules_in(material).items()}
    functions = functions_of(texts.get("tools", ""))
    for docstring, source in functions.items():
        stated = [name for name in reader.rulebook.stated_in_line(docstring) if name in reader.rulebook.misconceptions]
        if _noticed(reader, stated, sightings):
            return f'<edit action="remove" name="{_name(source)}">\n</edit>'
    steering = [line for text in texts.values() for line in text.splitlines()]
    for rule in news(reader, [*steering, *functions], sightings, evidence)[:1]:
        cited = _CITED.search(rule)
        source = function_of(_CITED.sub("", rule))
        cites = f' cites="{cited.group(1)}"' if cited else ""
        return f'<edit action="add" name="{_name(source)}"{cites}>\n{source}\n</edit>'
    return '<edit action="terminate">\n</edit>'


def _name(source: str) -> str:
    found = _DEFINITION.search(source)
    return found.group(1) if found else ""


def _noticed(reader: Reader, names: Sequence[str], sightings: dict[str, list[Sighting]]) -> list[str]:
    """Those of the rules that are seen to matter and noticed."""
    return [name for name in names if reader.notices(name, [seen.offset for seen in sightings.get(name, ())])]
