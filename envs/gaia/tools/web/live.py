"""The live web: searches by a paid service, visits by our own fetcher."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from envs.base import EnvironmentFailure
from envs.gaia.tools.web.fetch import Fetcher
from envs.gaia.tools.web.types import PER_PAGE, Fetched, Hit, Hits
from fgo.types import Json

_AGAIN = (429, 500, 502, 503, 504)
_PAUSES = (1.0, 4.0)  # seconds before the second and the third try


class Provider(Protocol):
    """A search service. `request` gives (url, headers, JSON body) of a search; `hits` reads the reply."""

    @property
    def name(self) -> str: ...

    def request(self, query: str, page: int) -> tuple[str, Mapping[str, str], Mapping[str, Json]]: ...

    def hits(self, reply: Mapping[str, Json], page: int) -> Hits: ...


@dataclass(frozen=True)
class Serper:
    """Google's results, by serper.dev."""

    key: str = field(default_factory=lambda: _key("serper", "SERPER_API_KEY"), repr=False)
    name: str = "serper"

    def request(self, query: str, page: int) -> tuple[str, Mapping[str, str], Mapping[str, Json]]:
        return "https://google.serper.dev/search", {"X-API-KEY": self.key}, {"q": query, "page": page, "num": PER_PAGE}

    def hits(self, reply: Mapping[str, Json], page: int) -> Hits:
        listed: Sequence[Mapping[str, Json]] = reply.get("organic") or ()
        hits = [Hit(one["link"], one.get("title", ""), one.get("snippet", ""), one.get("date", "")) for one in listed]
        return Hits(hits[:PER_PAGE], more=len(hits) >= PER_PAGE)


@dataclass(frozen=True)
class Tavily:
    """Tavily's results. It knows no pages: later ones are the end of a longer list, of 20 results at most."""

    key: str = field(default_factory=lambda: _key("tavily", "TAVILY_API_KEY"), repr=False)
    name: str = "tavily"
    most: int = 20

    def request(self, query: str, page: int) -> tuple[str, Mapping[str, str], Mapping[str, Json]]:
        wanted = {"query": query, "max_results": min(page * PER_PAGE, self.most)}
        return "https://api.tavily.com/search", {"Authorization": f"Bearer {self.key}"}, wanted

    def hits(self, reply: Mapping[str, Json], page: int) -> Hits:
        listed: Sequence[Mapping[str, Json]] = reply.get("results") or ()
        shown = listed[(page - 1) * PER_PAGE : page * PER_PAGE]
        hits = [
            Hit(one["url"], one.get("title", ""), one.get("content", ""), one.get("published_date", ""))
            for one in shown
        ]
        return Hits(hits, more=len(hits) == PER_PAGE and page * PER_PAGE < self.most)


class LiveWeb:
    """transport, pauses: for tests."""

    def __init__(
        self,
        provider: Provider,
        fetcher: Fetcher,
        dollars_per_search: float = 0.0,
        transport: Any = None,
        pauses: Sequence[float] = _PAUSES,
    ) -> None:
        self.dollars_per_search = dollars_per_search
        self._provider = provider
        self._fetcher = fetcher
        self._transport = transport
        self._pauses = pauses
        self._client: Any = None

    async def search(self, query: str, page: int) -> Hits:
        """Raises EnvironmentFailure where the service fails, refuses the key or sends nonsense: no fault of the agent's."""
        url, headers, body = self._provider.request(query, page)
        reply = await self._post(url, headers, body)
        try:
            return self._provider.hits(reply, page)
        except (KeyError, TypeError, AttributeError) as error:
            raise EnvironmentFailure(f"{self._provider.name} sends results that can't be read ({error!r})") from error

    async def visit(self, url: str) -> Fetched:
        return await self._fetcher.get(url)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        await self._fetcher.close()

    async def _post(self, url: str, headers: Mapping[str, str], body: Mapping[str, Json]) -> Mapping[str, Json]:
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(transport=self._transport, timeout=30.0)
        name, problem = self._provider.name, ""
        for pause in (*self._pauses, None):
            try:
                reply = await self._client.post(url, headers=headers, json=body)
            except httpx.HTTPError as error:
                problem = f"it can't be reached ({type(error).__name__})"
            else:
                if reply.is_success:
                    return _object(reply, name)
                problem = f"it answers with status {reply.status_code}: {reply.text[:200]}"
                if reply.status_code not in _AGAIN:
                    break
            if pause is not None:
                await asyncio.sleep(pause)
        raise EnvironmentFailure(f"the search service {name} failed: {problem}")


def _object(reply: Any, name: str) -> Mapping[str, Json]:
    try:
        found = reply.json()
    except ValueError as error:
        raise EnvironmentFailure(f"the search service {name} sends no JSON: {reply.text[:200]}") from error
    if not isinstance(found, dict):
        raise EnvironmentFailure(f"the search service {name} sends no JSON object: {reply.text[:200]}")
    return found


def _key(web: str, variable: str) -> str:
    key = os.environ.get(variable, "")
    if not key:
        raise ValueError(f"env.web={web} needs a key: set {variable}, or choose env.web=corpus")
    return key
