"""The page itself: one HTML file with everything in it, which asks no network for anything and runs no script but its own.

Its policy (CSP) allows our script and style by their digests and nothing else; data stand in elements that are never run,
escaped; and the script puts every text into the page as text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from experiments.page.collect import RunData
from experiments.page.pack import embedded
from experiments.page.studies import run_data
from fgo.types import Json

_SCRIPTS = (
    "dom", "format", "data", "drawer", "charts", "success", "heat", "curve", "flow", "diff", "tree", "node", "list", "episodes",
    "trajectory", "run", "compare", "overview", "main",
)  # fmt: skip


def render(title: str, studies: Sequence[Mapping[str, Json]], runs: Sequence[RunData]) -> Iterator[bytes]:
    """The file's bytes, in parts; a function of the arguments alone."""
    seeds: dict[str, Mapping[str, str]] = {}
    for run in runs:
        seeds |= run.seeds
    core = {
        "title": title,
        "studies": list(studies),
        "runs": [_core(run) for run in runs],
        "seeds": seeds,
    }
    script, style = (part.encode() for part in (_script(), _asset("page.css")))
    head, rest = _asset("page.html").encode().split(b"<!-- style -->")
    body, tail = rest.split(b"<!-- data -->")
    policy = (
        f"default-src 'none'; script-src 'sha256-{_digest(script)}'; style-src 'sha256-{_digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    yield head.replace(b"POLICY", policy.encode()).replace(b"TITLE", _escaped(title).encode())
    yield b"<style>" + style + b"</style>" + body
    yield _block("core", embedded(core))
    for number, run in enumerate(runs):
        yield _block(f"r{number}", run.details.encode())
        for index, block in enumerate(run.blocks):
            yield _block(f"r{number}-{index}", block.encode())
    yield b"<script>" + script + b"</script>\n"
    yield tail


def _core(run: RunData) -> dict[str, Json]:
    return {
        **run_data(run.result, run.header),
        "curve": list(run.curve),
        "starts": list(run.starts),
        "episodes": run.episodes,
        "text": run.has_text,
    }


def _block(name: str, data: bytes) -> bytes:
    return f'<script type="application/octet-stream" id="{name}">'.encode() + data + b"</script>\n"


def _script() -> str:
    """All of the page's scripts as one, so that one digest vouches for them."""
    parts = "\n".join(_asset(f"{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _asset(name: str) -> str:
    return files("experiments.page.web").joinpath(name).read_text(encoding="utf-8")


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def _escaped(text: str) -> str:
    escapes = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    return "".join(escapes.get(character, character) for character in text)
