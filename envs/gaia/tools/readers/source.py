"""What a reader gets and gives back. A reader turns one file's bytes into text, and knows of no other file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fgo.types import Json

_MOST_TEXT = 2_000_000  # characters that a reading holds: a few hundred of an agent's pages
_ADDRESS = re.compile(r"<[^<>]* at 0x[0-9a-fA-F]+>")
_PATH = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]*")
_NO_MEMORY = re.compile(r"bad[_ ]alloc|allocate memory|insufficient memory|out of memory", re.IGNORECASE)


class Unreadable(Exception):
    """The file can't be read, or not so. The message is for the agent: what is wrong, and what can be asked instead."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its name, its bytes and what of it was asked for ("" where all of it was).

    `url` is where it came from, against which its links are resolved; `media` the type that its server named; `recognise`:
    whether the writing in a picture is to be read.
    """

    name: str
    data: bytes
    sheet: str = ""
    url: str = ""
    media: str = ""
    recognise: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as text. `facts` are for the harness, not for the agent: {"audio_seconds": 12.5} of a recording."""

    text: str
    facts: Mapping[str, Json] = field(default_factory=dict)

    def bounded(self) -> Reading:
        """The same with no more text than any agent would page through."""
        if len(self.text) <= _MOST_TEXT:
            return self
        return Reading(
            f"{self.text[:_MOST_TEXT]}\n[cut: only the first {_MOST_TEXT:,} characters are shown]", self.facts
        )


Reader = Callable[[Source], Reading]


def proper(text: str) -> str:
    """Lone surrogates, which broken files hold and no journal can, become replacement characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def explain(error: BaseException) -> str:
    """An error of a library in one line that tells nothing of the host: no paths, no addresses of objects."""
    lines = _PATH.sub("...", _ADDRESS.sub("the file", str(error))).strip().splitlines() or [""]
    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    said = f": {line.strip()}" if line.strip() else ""
    return f"{type(error).__name__}{said}"[:200]


def lacks_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out; native libraries have their own words for it."""
    return isinstance(error, MemoryError) or bool(_NO_MEMORY.search(str(error)))


def one_line(value: object) -> str:
    """A cell's text on one line, so that a table's row stays a row."""
    return re.sub(r"\s*\n\s*", " / ", str(value).strip()).replace("|", "\\|")


def table(rows: Sequence[Sequence[object]]) -> str:
    """Rows in markdown, the first as heading. Short rows are filled up."""
    if not rows:
        return "(empty table)"
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join([*(one_line(cell) for cell in row), *[""] * (width - len(row))]) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def size_of(count: int) -> str:
    return f"{count:,} byte{'' if count == 1 else 's'}"
