"""What the simulated model writes as evaluator, optimizer and merger: pure functions from what it read to its reply."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fgo.llm.sim.functions import NONE_YET, functions_of, on_rules
from fgo.llm.sim.prompt_parts import (
    Block,
    evidence_in,
    lines_of,
    modules_in,
    split_critique,
    trajectories_in,
    versions_in,
    wanted_modules,
)
from fgo.llm.sim.reader import STATED, Reader, Sighting
from fgo.llm.sim.rulebook import CARELESS

_CITED_AT_MOST = 4
_NOTHING = "- Nothing went wrong that a general rule would have prevented."
_NO_DEMONSTRATION = "None yet."  # a module written empty could not be told from one forgotten
_CITATION = re.compile(r"\s*\[T\d+(?:\s*,\s*T\d+)*\]\s*$")


def write_critique(reader: Reader, material: str) -> str:
    """A line for each lesson whose lack it notices in the trajectories, now and then a made-up one."""
    findings = []
    for block in shifted(reader, material, trajectories_in(material)):
        for name, seen in reader.sightings([block]).items():
            if name in reader.rulebook.lessons and reader.notices(name, [s.offset for s in seen]):
                step = max(1, reader.text.count("\nAction:", block.start, seen[0].offset))
                findings.append(f"- Step {step}: {reader.wording(name)}")
    invented = reader.invention()
    if invented is not None:
        findings.append(f"- {reader.rulebook.statement(invented)}")
    return "<critique>\n" + "\n".join(findings or [_NOTHING]) + "\n</critique>"


def write_modules(reader: Reader, system: str, material: str) -> str:
    """The wanted modules rewritten: rules become one module's lines, demonstrations a success that was noticed."""
    trajectories = shifted(reader, material, evidence_in(material))
    modules = modules_in(re.sub(r"<trajectory\b.*?</trajectory>", "", material, flags=re.DOTALL))
    wanted = wanted_modules(system, list(modules))
    ruled = _module_for_rules(wanted)
    texts = {}
    for name in wanted:
        text = modules[name].text.strip()
        if name == ruled == "tools":
            text = on_rules(text, lambda rules: with_rules(reader, rules, trajectories))
        elif name == ruled:
            text = with_rules(reader, text, trajectories)
        elif name == "tools":
            text = text or NONE_YET
        elif "demonstration" in name:
            text = _demonstration(reader, text, trajectories)
        texts[name] = text
    return _written(texts)


def write_merge(reader: Reader, system: str, material: str) -> str:
    """One text of several versions': each rule kept once and one version's demonstrations, if they are recalled."""
    versions = shifted(reader, material, versions_in(material))
    held = [modules_in(version.text) for version in versions]
    best = max(range(len(versions)), key=lambda index: (_validated(versions[index]), -index))
    wanted = wanted_modules(system, list(held[best]))
    ruled = _module_for_rules(wanted)
    texts = {}
    for name in wanted:
        blocks = [
            Block({}, module[name].text, version.start + module[name].start)
            for version, module in zip(versions, held, strict=True)
            if name in module
        ]
        best_text = held[best][name].text
        if name == "tools":
            texts[name] = _merged_functions(reader, blocks, best_text)
        elif name == ruled:
            texts[name] = _merged(reader, blocks, best_text)
        elif "demonstration" in name:
            texts[name] = _recalled(reader, blocks, best_text)
        else:
            texts[name] = next((text for text in (best_text, *(b.text for b in blocks)) if text.strip()), "")
    return _written(texts)


def shifted(reader: Reader, material: str, blocks: Sequence[Block]) -> list[Block]:
    """Blocks found in the material, which stands at the end of what was read, with offsets in all of it."""
    shift = len(reader.text) - len(material)
    return [Block(block.attributes, block.text, block.start + shift) for block in blocks]


def _module_for_rules(wanted: Sequence[str]) -> str | None:
    """Rules go into the instructions, else into the first module that is not for demonstrations."""
    candidates = [name for name in wanted if "demonstration" not in name]
    return "instructions" if "instructions" in candidates else (candidates[0] if candidates else None)


def with_rules(reader: Reader, text: str, trajectories: Sequence[Block]) -> str:
    book = reader.rulebook
    sightings = reader.sightings(trajectories)
    lines = []
    for line in text.splitlines():
        harmful = [
            name
            for name in book.stated_in_line(line.strip())
            if name in book.misconceptions and reader.notices(name, [s.offset for s in sightings.get(name, ())])
        ]
        if not harmful:
            lines.append(line)
        elif harmful[0].endswith(CARELESS):  # put right what was misread; drop what was made up
            lesson = harmful[0].removesuffix(CARELESS)
            lines.append(f"- {book.statement(lesson)}{citation(sightings[harmful[0]])}")
    lines += [f"- {rule}" for rule in news(reader, lines, sightings, trajectories)]
    return "\n".join(lines)


def news(
    reader: Reader, known: Sequence[str], sightings: dict[str, list[Sighting]], evidence: Sequence[Block]
) -> list[str]:
    """Each rule that is noticed and that no known line states, with what it cites; now and then a made-up one."""
    book, rules = reader.rulebook, []
    stated = {name.removesuffix(CARELESS) for line in known for name in book.stated_in_line(line.strip())}
    for key, seen in sightings.items():
        name = key.removeprefix(STATED)
        is_news = name.removesuffix(CARELESS) not in stated and (key in book.lessons or key.startswith(STATED))
        if is_news and reader.notices(key, [s.offset for s in seen]):
            stated.add(name.removesuffix(CARELESS))
            rule = book.statement(name) if key.startswith(STATED) else reader.wording(name)
            rules.append(f"{rule}{citation(seen)}")
    invented = reader.invention()
    if invented is not None and invented not in stated:
        rules.append(f"{book.statement(invented)}{citation([Sighting(0, _first_label(evidence))])}")
    return rules


def _merged(reader: Reader, blocks: Sequence[Block], best: str) -> str:
    """The best version's lines that are no rules, then each rule of any version that is recalled, once."""
    book, parameters = reader.rulebook, reader.parameters
    rules: dict[str, list[tuple[str, int]]] = {}
    for block in blocks:
        for line, offset in lines_of(block):
            clean = _CITATION.sub("", line).strip()
            names = book.stated_in_line(clean)
            if names or clean.startswith("- "):
                identity = min(names).removesuffix(CARELESS) if names else re.sub(r"\W+", " ", clean).strip().lower()
                rules.setdefault(identity, []).append((clean, offset))
    kept = [line for line in best.splitlines() if line.strip() and not _is_rule(reader, line)]
    for identity, mentions in rules.items():
        retained = reader.happens(parameters.merge_retention, "retain", identity)
        if retained and reader.notices(identity, [offset for _, offset in mentions]):
            kept.append(_reconciled(reader, identity, [line for line, _ in mentions], len(blocks)))
    return "\n".join(kept)


def _merged_functions(reader: Reader, blocks: Sequence[Block], best: str) -> str:
    """One source with the functions of any version that are recalled."""
    every = "\n\n".join(dict.fromkeys(block.text.strip() for block in blocks))

    def recalled(_: str) -> str:
        as_rules = [Block({}, "\n".join(f"- {d}" for d in functions_of(block.text)), block.start) for block in blocks]
        return _merged(reader, as_rules, "")

    return on_rules(every if functions_of(every) else best, recalled)


def _reconciled(reader: Reader, identity: str, lines: Sequence[str], versions: int) -> str:
    """One line for what several versions say of a rule. Where they differ, a hasty merger may lose the condition."""
    book = reader.rulebook
    if not book.has_careless(identity):
        return lines[0]
    proper = [line for line in lines if identity in book.stated_in_line(line)]
    hasty = [line for line in lines if identity not in book.stated_in_line(line)]
    if not proper:
        return lines[0]
    differ = bool(hasty) or len(proper) < versions
    if differ and reader.happens(reader.parameters.careless_rate, "lose condition", identity):
        return hasty[0] if hasty else f"- {book.statement(identity + CARELESS)}"
    return proper[0]


def _is_rule(reader: Reader, line: str) -> bool:
    return line.strip().startswith("- ") or bool(reader.rulebook.stated_in_line(line.strip()))


def _validated(version: Block) -> float:
    try:
        return float(version.attributes.get("validation", "0"))
    except ValueError:
        return 0.0


def _demonstration(reader: Reader, current: str, trajectories: Sequence[Block]) -> str:
    """The shortest of the successes that are noticed; what stood there before, where none is."""
    succeeded = [block for block in trajectories if block.attributes.get("outcome", "").startswith("success")]
    noticed = [
        split_critique(block)[0].text
        for block in succeeded
        if reader.notices(f"demonstration {block.attributes.get('id', '')}", [block.start])
    ]
    return min(noticed, key=len, default=current).strip() or _NO_DEMONSTRATION


def _recalled(reader: Reader, blocks: Sequence[Block], best: str) -> str:
    """The best version's demonstrations if they are recalled, else the first other version's that are."""
    places: dict[str, list[int]] = {best.strip(): []}
    for block in blocks:
        places.setdefault(block.text.strip(), []).append(block.start)
    recalled = (text for text, offsets in places.items() if text and reader.notices(f"demonstration {text}", offsets))
    return next(recalled, _NO_DEMONSTRATION)


def citation(seen: Sequence[Sighting]) -> str:
    """The labels of some sightings as a rule cites them."""
    labels = list(dict.fromkeys(label for s in seen if s.label for label in s.label.split(", ")))[:_CITED_AT_MOST]
    return f" [{', '.join(labels)}]" if labels else ""


def _first_label(trajectories: Sequence[Block]) -> str:
    return trajectories[0].attributes.get("id", "") if trajectories else ""


def _written(texts: dict[str, str]) -> str:
    return "\n".join(f'<module name="{name}">\n{text.strip()}\n</module>' for name, text in texts.items())
