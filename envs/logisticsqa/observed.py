"""What the simulated player has seen of a document: the answers of its queries, read back from the conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from fgo.types import Json

_ACTION = re.compile(r"^Action: xpath (\{.*\})\s*$", re.MULTILINE)
_MORE = re.compile(r"\n\[page \d+ of \d+; ask for page (\d+) to go on\]\s*$")
_PAGE = re.compile(r"\n\[page \d+ of \d+[^\n]*\]\s*$")
_BLOCK = re.compile(r"^\[([^\]\n]+(?:\[\d+\][^\]\n]*)*)\]$", re.MULTILINE)
_LEAF = re.compile(r'\s*<(?:\w+:)?(\w+)((?: [\w:]+="[^"]*")*)>(.*)</(?:\w+:)?\1>')
_OPEN = re.compile(r"\s*<(?:\w+:)?(\w+)(?: [^>]*)?>[^<]*")
_CLOSE = re.compile(r"\s*</(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Found:
    """One element that a query found: its path's last name, and (path below it, attributes, value) of its leaves."""

    name: str
    leaves: tuple[tuple[str, str, str], ...]

    def values(self, path: str) -> list[str]:
        """Values of the leaves at a path below the element; its own at ""."""
        return [value for place, _, value in self.leaves if place == path]

    def first(self, path: str) -> str:
        return next(iter(self.values(path)), "")


def answered(turns: Sequence[Mapping[str, Json]]) -> dict[tuple[str, int], str]:
    """(query, page) -> what was observed, for each query that got an answer."""
    seen = {}
    for asked, told in pairwise(turns):
        found = _ACTION.search(str(asked.get("content", ""))) if asked.get("role") == "assistant" else None
        if found and told.get("role") == "user":
            call = _call(found[1])
            seen[str(call.get("query")), int(call.get("page", 1))] = str(told.get("content", ""))
    return seen


def next_page(observation: str) -> int | None:
    """The page to ask for next, if the observation is not the last one."""
    more = _MORE.search(observation)
    return int(more[1]) if more else None


def elements(pages: Sequence[str]) -> Iterator[Found]:
    """The elements that the pages of an answer show. What can't be read in them is passed over."""
    text = "\n".join(_PAGE.sub("", page.removeprefix("Observation: ")) for page in pages)
    marks = list(_BLOCK.finditer(text))
    for mark, following in zip_longest(marks, marks[1:]):
        path = re.sub(r"\[\d+\]", "", mark[1])
        yield Found(path, tuple(_leaves(text[mark.end() : following and following.start()].strip("\n").splitlines())))


def _leaves(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    above: list[str] = []
    for line in lines:
        if leaf := _LEAF.fullmatch(line):
            yield "/".join([*above, leaf[1]][1:]), leaf[2].strip(), leaf[3]
        elif _CLOSE.fullmatch(line):
            above = above[:-1]
        elif opened := _OPEN.fullmatch(line):
            above.append(opened[1])


def _call(text: str) -> dict[str, Json]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
