"""What the simulated model writes where single edits are asked for: operations on a list of rules, an edit of a set of functions.

As elsewhere it can only state rules. A function that it writes hands out a rule, which its docstring states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fgo.llm.sim.prompt_parts import evidence_in, modules_in, rules_in
from fgo.llm.sim.reader import Reader, Sighting
from fgo.llm.sim.rulebook import CARELESS
from fgo.llm.sim.writing import citation, news, shifted

_VERB = re.compile(r"^([A-Z]+)\b", re.MULTILINE)
_AT_MOST = re.compile(r"\bat most (\d+) operations\b")
_DEFINITION = re.compile(r"\s*def (\w+)\(")
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
    texts = [block.text for block in modules_in(material).values()]
    for text in texts:
        name = ""
        for line in text.splitlines():
            found = _DEFINITION.match(line)
            name = found.group(1) if found else name
            stated = [
                rule for rule in reader.rulebook.stated_in_line(line.strip()) if rule in reader.rulebook.misconceptions
            ]
            if name and _noticed(reader, stated, sightings):
                return f'<edit action="remove" name="{name}">\n</edit>'
    steering = "\n".join(texts).splitlines()
    for rule in news(reader, steering, sightings, evidence):
        cited = _CITED.search(rule)
        text = _CITED.sub("", rule).replace("\\", "/").replace('"', "'")
        name = "recall_" + "_".join(re.findall(r"[a-z]+", text.lower())[:8])
        if not any(f"def {name}(" in line for line in steering):
            cites = f' cites="{cited.group(1)}"' if cited else ""
            body = f'def {name}() -> str:\n    """{text}"""\n    return "{text}"'
            return f'<edit action="add" name="{name}"{cites}>\n{body}\n</edit>'
    return '<edit action="terminate">\n</edit>'


def _noticed(reader: Reader, names: Sequence[str], sightings: dict[str, list[Sighting]]) -> list[str]:
    """Those of the rules that are seen to matter and noticed."""
    return [name for name in names if reader.notices(name, [seen.offset for seen in sightings.get(name, ())])]
