"""web_search and visit: results as a list, pages as markdown, both the same for every kind of web."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from envs.gaia.tools.costs import CallCost
from envs.gaia.tools.pool import ReaderPool, Request
from envs.gaia.tools.readers.source import proper
from envs.gaia.tools.web.types import PER_PAGE, Web, normalised
from envs.toolbox import ToolError, paged
from fgo.types import Json, Tool

_PAGE = {"type": "integer", "minimum": 1, "description": "which page; 1 is the first"}
WEB_SEARCH = Tool(
    "web_search",
    'Search the web: titles, addresses and snippets, ten a page. "words in quotes" must stand together; site:HOST limits it '
    "to one site.",
    {
        "type": "object",
        "properties": {"query": {"type": "string", "description": "what to look for"}, "page": _PAGE},
        "required": ["query"],
        "additionalProperties": False,
    },
)
VISIT = Tool(
    "visit",
    "Open a web page or an online file by its address, as text with its links; long ones come in pages.",
    {
        "type": "object",
        "properties": {"url": {"type": "string", "description": "the address"}, "page": _PAGE},
        "required": ["url"],
        "additionalProperties": False,
    },
)


class SearchTool:
    def __init__(self, web: Web) -> None:
        self._web = web

    async def call(self, arguments: Mapping[str, Json], cost: CallCost) -> str:
        query, page = proper(str(arguments["query"])).strip(), int(arguments.get("page", 1))
        if not query:
            raise ToolError("The query is empty: say what to look for.")
        found = await self._web.search(query, page)
        cost.dollars += self._web.dollars_per_search
        if not found.hits:
            raise ToolError(f"There is no page {page} of results." if page > 1 else f"Nothing was found for {query!r}.")
        lines = [f"Results for {query!r}" + (f", {found.total} in all:" if found.total is not None else ":")]
        for number, hit in enumerate(found.hits, (page - 1) * PER_PAGE + 1):
            lines.append(f"{number}. [{hit.title or hit.url}]({hit.url})" + (f" ({hit.date})" if hit.date else ""))
            if hit.snippet:
                lines.append("   " + " ".join(hit.snippet.split()))
        if found.more:
            lines.append(f"[ask for page {page + 1} to see more]")
        text = "\n".join(lines)
        cost.received += len(text)
        return text

    async def close(self) -> None: ...


class VisitTool:
    """Of one episode. A page is fetched once; its further pages come from memory."""

    def __init__(self, web: Web, pool: ReaderPool, page_chars: int, recognise: bool) -> None:
        self._web = web
        self._pool = pool
        self._page_chars = page_chars
        self._recognise = recognise
        self._texts: dict[str, str] = {}

    async def call(self, arguments: Mapping[str, Json], cost: CallCost) -> str:
        url = normalised(proper(str(arguments["url"])))
        if url not in self._texts:
            self._texts[url] = await self._read(url, cost)
        return paged(self._texts[url], int(arguments.get("page", 1)), self._page_chars)

    async def close(self) -> None:
        self._texts.clear()

    async def _read(self, url: str, cost: CallCost) -> str:
        found = await self._web.visit(url)
        cost.received += len(found.body)
        name = PurePosixPath(urlsplit(found.url).path).name or "page"
        request = Request(name, found.body, url=found.url, media=found.media.strip().lower(), recognise=self._recognise)
        answer = await self._pool.read(request)
        cost.cpu += answer.cpu
        head = f"[{found.url}{', ' + found.date if found.date else ''}]"
        title = f"\n# {found.title}\n" if found.title and found.title not in answer.text[:1000] else ""
        return f"{head}{title}\n{answer.text}"
