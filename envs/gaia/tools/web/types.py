"""What the web is to an agent, whether it is an embedded corpus or the live one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from envs.toolbox import ToolError

PER_PAGE = 10  # hits on a page of results


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. `date` as its source writes it; "" where it names none."""

    url: str
    title: str
    snippet: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of results. `total`: of all pages, where it is known; `more`: whether there is a next page."""

    hits: Sequence[Hit]
    more: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as its server sends it. `url`: where it was found in the end; `media`: its content type, perhaps with a charset."""

    url: str
    body: bytes
    media: str
    title: str = ""
    date: str = ""


class Web(Protocol):
    """Raises ToolError for what the agent can mend (no such page), EnvironmentFailure where a service is at fault."""

    @property
    def dollars_per_search(self) -> float: ...

    async def search(self, query: str, page: int) -> Hits: ...

    async def visit(self, url: str) -> Fetched: ...

    async def close(self) -> None: ...


def normalised(url: str) -> str:
    """An address with scheme and host in lower case, without fragment. Raises ToolError for what is no web address."""
    text = url.strip().strip("<>").replace(" ", "%20")
    if "://" not in text.split("?", 1)[0][:20]:
        text = "https://" + text.removeprefix("//")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ToolError(f"{url[:200]!r} is no address of a web page: {error}.") from error
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise ToolError(f"Only http and https addresses can be visited, not {scheme!r}.")
    if not parts.hostname or any(ord(letter) < 33 for letter in text):
        raise ToolError(f"{url[:200]!r} is no address of a web page: it should look like https://host/path.")
    return urlunsplit((scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))
