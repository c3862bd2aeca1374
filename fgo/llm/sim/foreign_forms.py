"""Prompts of other packages' optimizers, told from the form of the reply that they ask for, and replies in that form.

Three forms: new instructions within ``` fences; named fields, each after its marker `[[ ## name ## ]]`; the same fields as one
JSON object. What can be learnt is noticed as in any prompt, in trajectories that stand there plainly or within JSON. What the
prompt states already is not news. Where it shows nothing to learn, the text comes back in other words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from fgo.llm.sim.draws import pick
from fgo.llm.sim.prompt_parts import Block, trajectories_in
from fgo.llm.sim.reader import Reader
from fgo.llm.sim.writing import with_rules

_FENCED = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
_WITHIN_FENCES = re.compile(r"new instructions? within ``` blocks?")
_MARKER = re.compile(r"^\[\[ ## (\w+) ## \]\][ \t]*\n", re.MULTILINE)
_ASKED = re.compile(r"^Respond with (?:the corresponding output fields|a JSON object)\b.*$", re.MULTILINE)
_AS_JSON = re.compile(r"^Respond with a JSON object\b", re.MULTILINE)
_ASKED_FIELD = re.compile(r"`(?:\[\[ ## )?(\w+)(?: ## \]\])?`(?: \(must be formatted as a valid Python (\w+))?")
_END = "completed"
_TRAJECTORY = re.compile(r"<trajectory\b.*?</trajectory>", re.DOTALL)
_CITATION = re.compile(r"\s*\[T\d+(?:\s*,\s*T\d+)*\]\s*$")
_OPENINGS = (
    "Do the task that you are given step by step, and finish it.",
    "Work on the given task until it is done.",
    "Read the task, keep to the rules and carry it out completely.",
    "You are careful and do what the task asks for.",
)
_NO_ADVICE = "Go on as in the better trajectory."
_REMARK = "The tasks are much alike: each is done by one action after another."


@dataclass(frozen=True, slots=True)
class _Asked:
    """The output fields that a prompt wants: name -> its type's name ("" for text); and whether as one JSON object."""

    fields: Mapping[str, str]
    as_json: bool


def is_foreign(system: str, material: str) -> bool:
    """Whether a prompt asks for one of these forms."""
    return _wants_fences(system, material) or _asked_fields(system, material) is not None


def write_foreign(reader: Reader, system: str, material: str) -> str:
    """The reply in the form that was asked for."""
    shift = len(reader.text) - len(material)
    trajectories = [Block(block.attributes, block.text, block.start + shift) for block in _trajectories(material)]
    asked = _asked_fields(system, material)
    if asked is None:
        current = _FENCED.search(material)  # the first block is what is to be rewritten
        text = _without_citations(with_rules(reader, current.group(1).strip() if current else "", trajectories))
        return f"Here are the new instructions:\n```\n{text}\n```"
    shown = _fields(material)
    answers = {name: _answer(reader, name, type_, shown, trajectories) for name, type_ in asked.fields.items()}
    if asked.as_json:
        return json.dumps(answers, ensure_ascii=False)
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in answers.items()}
    return "\n\n".join([*(f"[[ ## {name} ## ]]\n{text}" for name, text in texts.items()), f"[[ ## {_END} ## ]]"])


def _wants_fences(system: str, material: str) -> bool:
    return not system.strip() and _WITHIN_FENCES.search(material) is not None


def _asked_fields(system: str, material: str) -> _Asked | None:
    if _MARKER.search(system) is None:
        return None
    asked = _ASKED.search(material)
    if asked is None:
        return None
    fields = {name: type_ for name, type_ in _ASKED_FIELD.findall(asked.group()) if name != _END}
    return _Asked(fields, _AS_JSON.match(asked.group()) is not None)


def _fields(material: str) -> dict[str, str]:
    """The input fields: name -> text, up to the next marker or what is asked for."""
    marks = [*_MARKER.finditer(material)]
    ends = [mark.start() for mark in marks[1:]] + [len(material)]
    texts = {
        mark.group(1): material[mark.end() : end] for mark, end in zip(marks, ends, strict=False)
    }  # no mark: no field
    return {name: _ASKED.split(text)[0].strip() for name, text in texts.items()}


def _answer(
    reader: Reader, name: str, type_: str, shown: Mapping[str, str], trajectories: list[Block]
) -> str | dict[str, str]:
    if type_ == "dict":
        advice = _advice(reader, shown, trajectories)
        return dict.fromkeys(_names(shown), advice)
    if "instruction" not in name:
        return _REMARK
    current = next((text for field, text in shown.items() if "instruction" in field), "")
    text = _without_citations(with_rules(reader, current, trajectories))
    return text if text != current else f"{pick(_OPENINGS, reader.seed, 'reword', reader.key)}\n{current}".strip()


def _advice(reader: Reader, shown: Mapping[str, str], trajectories: list[Block]) -> str:
    """What is noticed and not stated anywhere else in the prompt."""
    known = "\n".join(_TRAJECTORY.sub("", text) for text in shown.values())
    old = set(known.splitlines())
    lines = [line for line in with_rules(reader, known, trajectories).splitlines() if line not in old]
    return _without_citations("\n".join(lines)) or _NO_ADVICE


def _names(shown: Mapping[str, str]) -> list[str]:
    """For whom advice is wanted: the names in the one field that is a list of them."""
    for text in shown.values():
        try:
            value = json.loads(text)
        except ValueError:
            continue
        if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
            return value
    return []


def _trajectories(material: str) -> list[Block]:
    """Trajectory blocks that stand there plainly, or escaped in a JSON string (then offsets within are approximate)."""
    blocks = []
    for found in _TRAJECTORY.finditer(material):
        text = found.group()
        if "\n" not in text:
            try:
                text = json.loads(f'"{text}"')
            except ValueError:
                continue
        blocks += [Block(b.attributes, b.text, found.start() + b.start) for b in trajectories_in(text)]
    return blocks


def _without_citations(text: str) -> str:
    return "\n".join(_CITATION.sub("", line) for line in text.splitlines())
