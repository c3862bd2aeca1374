"""A web in one SQLite file: the pages that a set of tasks is about, searched by FTS5's bm25, visited by address.

The same query always gives the same results: equal ranks are ordered by address. Older versions of a page are pages of
their own, under an archive's addresses such as https://archive.example/2019/https://host/path.
"""

from __future__ import annotations

import difflib
import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from envs.gaia.tools.web.types import PER_PAGE, Fetched, Hit, Hits
from envs.toolbox import ToolError
from fgo.types import Json

VERSION = 1  # of the file's layout
SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE pages (url TEXT PRIMARY KEY, title TEXT NOT NULL, date TEXT NOT NULL, media TEXT NOT NULL, body BLOB NOT NULL);
CREATE VIRTUAL TABLE search USING fts5(
    title, text, url UNINDEXED, date UNINDEXED, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""
_MOST_WORDS = 32  # of a query
_MOST_HITS = 50  # that can be paged to
_MOST_NEAR = 5000  # addresses compared with one that is not there
_SNIPPET_WORDS = 30
_QUERY = """
SELECT url, title, snippet(search, 1, '', '', ' ... ', ?), date FROM search
WHERE search MATCH ? AND (? = '' OR url LIKE ? ESCAPE '\\' OR url LIKE ? ESCAPE '\\')
ORDER BY round(bm25(search, 4.0, 1.0), 9), url LIMIT ?
"""


class CorpusWeb:
    """Opened when it is first used. Raises FileNotFoundError / ValueError then for a file that is missing or no corpus."""

    dollars_per_search = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path

    async def search(self, query: str, page: int) -> Hits:
        match, site = _match(query)
        if not match:
            raise ToolError(f"The query {query[:200]!r} holds no word to look for.")
        host = site.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        patterns = (site, f"%://{host}/%", f"%://%.{host}/%")
        with closing(self._database.cursor()) as cursor:
            rows = cursor.execute(_QUERY, (_SNIPPET_WORDS, match, *patterns, _MOST_HITS + 1)).fetchall()
        start = (page - 1) * PER_PAGE
        shown = rows[:_MOST_HITS][start : start + PER_PAGE]
        hits = [Hit(url, title, snippet, date) for url, title, snippet, date in shown]
        total = len(rows) if len(rows) <= _MOST_HITS else None
        return Hits(hits, more=min(len(rows), _MOST_HITS) > start + PER_PAGE, total=total)

    async def visit(self, url: str) -> Fetched:
        with closing(self._database.cursor()) as cursor:
            for candidate in _spellings(url):
                row = cursor.execute(
                    "SELECT url, title, date, media, body FROM pages WHERE url = ?", (candidate,)
                ).fetchone()
                if row is not None:
                    return Fetched(row[0], bytes(row[4]), row[3], row[1], row[2])
        near = self._near(url)
        hint = f" Pages with addresses like it: {', '.join(near)}" if near else " Find pages with web_search."
        raise ToolError(f"404: there is no page {url[:300]}.{hint}")

    def fingerprint(self) -> Mapping[str, Json]:
        """The count and a digest of the pages."""
        return {"pages": self._about["pages"], "digest": self._about["digest"], "layout": VERSION}

    async def close(self) -> None:
        if "_database" in self.__dict__:
            self._database.close()
            del self.__dict__["_database"]

    @cached_property
    def _database(self) -> sqlite3.Connection:
        if not self._path.is_file():
            raise FileNotFoundError(f"there is no web corpus {self._path}: write one with write_corpus()")
        address = f"file:{quote(str(self._path.resolve()))}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True, check_same_thread=False)

    @cached_property
    def _about(self) -> Mapping[str, Json]:
        try:
            with closing(self._database.cursor()) as cursor:
                about = {key: json.loads(value) for key, value in cursor.execute("SELECT key, value FROM about")}
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{self._path} is no web corpus ({error}): write one with write_corpus()") from error
        if about.get("version") != VERSION:
            raise ValueError(f"{self._path} has layout {about.get('version')}, not {VERSION}: write it anew")
        return about

    def _near(self, url: str) -> list[str]:
        """Addresses like this one, nearest first: of the same host, or of one with a name like it."""
        with closing(self._database.cursor()) as cursor:
            every = [row[0] for row in cursor.execute("SELECT url FROM pages ORDER BY url LIMIT ?", (_MOST_NEAR,))]
        by_host: dict[str, list[str]] = {}
        for other in every:
            by_host.setdefault(_host(other), []).append(other)
        hosts = difflib.get_close_matches(_host(url), by_host, n=3, cutoff=0.75)
        hosts = hosts[:1] if hosts[:1] == [_host(url)] else hosts
        return difflib.get_close_matches(url, [other for host in hosts for other in by_host[host]], n=5, cutoff=0.3)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _match(query: str) -> tuple[str, str]:
    """(an FTS5 expression, site) for what an agent writes: any of its words, all of its "phrases". Operators are words."""
    site = ""
    if found := re.search(r"(?i)\bsite:\s*(?:https?://)?(?:www\.)?([\w.-]+)\S*", query):
        site = found[1].lower().strip(".")
        query = query.replace(found[0], " ")
    phrases = [words for phrase in re.findall(r'"([^"]*)"', query) if (words := re.findall(r"\w+", phrase))]
    words = re.findall(r"\w+", re.sub(r'"[^"]*"', " ", query))[:_MOST_WORDS]
    needed = [f'"{" ".join(phrase[:_MOST_WORDS])}"' for phrase in phrases]
    wanted = " OR ".join(f'"{word}"' for word in dict.fromkeys(words))
    if needed:
        return " AND ".join(needed), site
    return wanted, site


def _spellings(url: str) -> list[str]:
    """The addresses that mean the same page, as written first: http or https, www. or not, a last slash or not."""
    found = []
    for text in dict.fromkeys((url, unquote(url), quote(unquote(url), safe=":/?&=#%+,;@!$'()*~"))):
        scheme, _, rest = text.partition("://")
        bare = rest.removeprefix("www.")
        for head in dict.fromkeys((scheme, "https", "http")):
            for body in dict.fromkeys((rest, bare, f"www.{bare}")):
                found += [f"{head}://{body}", f"{head}://{body.rstrip('/')}", f"{head}://{body.rstrip('/')}/"]
    return list(dict.fromkeys(found))
