"""Writes a web corpus (corpus.py reads it) from pages."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from envs.cache import write_atomically
from envs.gaia.tools.readers.kinds import kind_of, read
from envs.gaia.tools.readers.source import Source
from envs.gaia.tools.web.corpus import SCHEMA, VERSION
from envs.gaia.tools.web.types import normalised
from fgo.types import digest

_MUTE = ("picture", "recording", "archive", "unknown")  # kinds found by their titles alone


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a corpus. media: its content type. date: as a reader sees it. listed: whether searches find it; pages of an
    archive, say, are only reached by links and addresses."""

    url: str
    title: str
    body: str | bytes
    date: str = ""
    media: str = "text/html"
    listed: bool = True

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


def write_corpus(path: Path, pages: Iterable[Page]) -> None:
    """Write all pages into one file, replaced as a whole. The same pages give the same corpus, in whatever order they come.

    Raises ValueError for two pages of one address, or an address that is none.
    """
    ordered = sorted(pages, key=lambda page: page.url)
    _check(ordered)
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        database.executemany(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?)",
            ((page.url, page.title, page.date, page.media, page.data) for page in ordered),
        )
        database.executemany(
            "INSERT INTO search VALUES (?, ?, ?, ?)",
            ((page.title, _searched(page), page.url, page.date) for page in ordered if page.listed),
        )
        about = {"version": VERSION, "pages": len(ordered), "digest": _digest(ordered)}
        database.executemany(
            "INSERT INTO about VALUES (?, ?)", ((key, json.dumps(value)) for key, value in about.items())
        )
        database.commit()
        database.execute("INSERT INTO search(search) VALUES ('optimize')")
        database.commit()
        write_atomically(path, database.serialize())


def _check(pages: list[Page]) -> None:
    from envs.toolbox import ToolError

    for before, page in zip([None, *pages], pages, strict=False):
        if before is not None and before.url == page.url:
            raise ValueError(f"two pages have the address {page.url}")
        try:
            proper = normalised(page.url)
        except ToolError as error:
            raise ValueError(str(error)) from error
        if proper not in (page.url, page.url + "/"):
            raise ValueError(f"a page has the address {page.url}; write it as {proper}")


def _searched(page: Page) -> str:
    """A page's text as searches see it: without the addresses of its links."""
    source = Source(PurePosixPath(urlsplit(page.url).path).name or "page", page.data, url=page.url, media=page.media)
    if kind_of(source) in _MUTE:
        return ""
    _, reading = read(source)
    return re.sub(r"\]\([^()\s]*\)", "]", reading.text)


def _digest(pages: list[Page]) -> str:
    fields = ([page.url, page.title, page.date, page.media, str(page.listed), page.data.hex()] for page in pages)
    return digest(*(part for page in fields for part in page))
