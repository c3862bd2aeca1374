"""What a template makes: one task with its files, its pages of the web and the actions that solve it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from envs.gaia.embedded.names import Names
from fgo.types import Json


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the embedded web. body: HTML, or the bytes of a PDF. date: YYYY-MM-DD."""

    url: str
    title: str
    date: str
    body: str | bytes
    content_type: str = "text/html"

    @property
    def listed(self) -> bool:
        """Whether searches find it: the archive's pages are reached by their addresses alone."""
        return not self.url.startswith("https://archive.example/")


@dataclass(frozen=True, slots=True)
class Draft:
    """A task. names: the proper names it invents. solution: its actions but the last, which `answered` adds."""

    question: str
    answer: str
    names: tuple[str, ...]
    solution: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    pages: tuple[Page, ...] = ()

    @property
    def answered(self) -> tuple[str, ...]:
        return (*self.solution, call("final_answer", answer=self.answer))


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of task. make: draws one; the same generator state and names, the same task."""

    name: str
    level: int
    make: Callable[[random.Random, Names], Draft]


def call(tool: str, **arguments: Json) -> str:
    """A tool's call as a text action."""
    return f"{tool} {json.dumps(arguments, ensure_ascii=False)}"


def read(path: str) -> str:
    return call("read_file", path=path)


def python(*lines: str) -> str:
    return call("python", code="\n".join(lines))


def search(query: str) -> str:
    return call("web_search", query=query)


def visit(url: str) -> str:
    return call("visit", url=url)
