"""Reading modules out of model output, strictly, and writing them into prompts; with the trajectories each rule cites."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

from fgo.helpers import MODULE as HELPERS
from fgo.helpers import BadHelpers, parse_helpers
from fgo.optimizers.base import Unusable
from fgo.optimizers.shapes import Shape, modules_shape
from fgo.types import Modules

_MODULE = re.compile(r'<module name="([^"\n]+)">\n?(.*?)\n?</module>', re.DOTALL)
_FENCED = re.compile(r"\s*```\w*\n(.*?)\n?```\s*", re.DOTALL)
_CITATION = re.compile(r"\s*\[(T\d+(?:\s*,\s*T\d+)*)\]")


@dataclass(frozen=True, slots=True)
class ModuleTexts:
    """New texts by module name, citations taken out of them; `evidence` maps each citing line to the labels it cites."""

    texts: Mapping[str, str]
    evidence: Mapping[str, tuple[str, ...]]


@cache
def prompt(name: str) -> str:
    """One of the texts in fgo/optimizers/prompts/, without the file's last newline."""
    return (files("fgo.optimizers") / "prompts" / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def asking_for(name: str, modules: Sequence[str]) -> str:
    """A prompt with its `{modules}` filled in, and what has to be known of helper functions where they are among them."""
    text = prompt(name).replace("{modules}", ", ".join(modules))
    return f"{text}\n\n{prompt('module_tools')}" if HELPERS in modules else text


def render_modules(modules: Modules) -> str:
    """Each module as a `<module>` block."""
    return "\n".join(f'<module name="{name}">\n{text.strip()}\n</module>' for name, text in modules.texts.items())


def without_citations(line: str) -> tuple[str, tuple[str, ...]]:
    """A line without what it cites, and the labels that it cites."""
    labels = tuple(label.strip() for cited in _CITATION.findall(line) for label in cited.split(","))
    return _CITATION.sub("", line).rstrip(), labels


def parse_modules(text: str, wanted: Sequence[str]) -> ModuleTexts:
    """Read the wanted modules from a reply. Raises Unusable, saying what to write, for anything but one full text each."""
    found: dict[str, str] = {}
    for name, body in _MODULE.findall(text):
        if name not in wanted:
            raise Unusable(f"There is no module {name!r} to write; write only: {', '.join(wanted)}.")
        if name in found:
            raise Unusable(f"The module {name!r} stands there twice; write it once.")
        found[name] = _checked_source(body) if name == HELPERS else body.strip()
    missing = [name for name in wanted if not found.get(name) and not (name == HELPERS and name in found)]
    if missing:
        raise Unusable(
            f"There is no full text for {', '.join(missing)}.",
            f'Write each as <module name="{missing[0]}">, a new line, the text, a new line, </module>.',
        )
    if any("<module" in body for body in found.values()):
        raise Unusable("A module's text contains another <module> tag; close each module before the next.")
    evidence: dict[str, tuple[str, ...]] = {}
    texts = {}
    for name, body in found.items():
        if name == HELPERS:
            texts[name] = body
            continue
        lines = []
        for line in body.splitlines():
            clean, labels = without_citations(line)
            if labels:
                evidence[clean.strip()] = labels
            lines.append(clean)
        texts[name] = "\n".join(lines)
    return ModuleTexts(texts, evidence)


def modules_reply(names: Sequence[str]) -> tuple[Callable[[str], ModuleTexts], Shape]:
    """How `Lab.ask` is to read a reply with these modules, and what it may hold it to."""
    return partial(parse_modules, wanted=names), modules_shape(names)


def _checked_source(body: str) -> str:
    """The source of helper functions, out of a fence. Raises Unusable where it can't be offered to an agent."""
    fenced = _FENCED.fullmatch(body)
    source = (fenced[1] if fenced else body).strip("\n").rstrip()
    try:
        parse_helpers(source)
    except BadHelpers as error:
        raise Unusable(f"module {HELPERS}: {error}") from error
    return source
