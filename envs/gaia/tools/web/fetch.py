"""Gets a page from the live web, within limits: of size, time, redirects and content types, from public hosts only."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin

from envs.gaia.tools.web.addresses import Resolve, public_address, resolve
from envs.gaia.tools.web.types import Fetched, normalised
from envs.toolbox import ToolError

_READ = (
    "text/", "application/xhtml", "application/pdf", "application/json", "application/ld+json", "application/xml",
    "application/rss+xml", "application/atom+xml", "application/vnd.openxmlformats", "application/zip", "image/", "audio/",
    "application/javascript", "application/x-python",
)  # fmt: skip
_REDIRECTS = (301, 302, 303, 307, 308)
_AGENT = "Mozilla/5.0 (compatible; fgo-harness; research)"


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """most_bytes: of a page, unpacked. seconds: for a page with all its redirects."""

    most_bytes: int = 10 * 2**20
    seconds: float = 20.0
    redirects: int = 5


class Fetcher:
    """transport: an httpx transport; resolver: how hosts become addresses. Both are for tests."""

    def __init__(self, limits: FetchLimits = FetchLimits(), transport: Any = None, resolver: Resolve = resolve) -> None:
        self._limits = limits
        self._transport = transport
        self._resolver = resolver
        self._client: Any = None

    async def get(self, url: str) -> Fetched:
        """The page. Raises ToolError: the web's failures are part of an agent's world."""
        import httpx

        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(normalised(url))
        except TimeoutError as error:
            raise ToolError(f"{url[:300]} did not answer within {self._limits.seconds:g} s.") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # redirects may lead to no address at all
            raise ToolError(f"{url[:300]} can't be reached ({type(error).__name__}).") from error

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _follow(self, url: str) -> Fetched:
        for _ in range(self._limits.redirects + 1):
            found = await self._hop(url)
            if isinstance(found, Fetched):
                return found
            url = normalised(urljoin(url, found))
        raise ToolError(f"{url[:300]} redirects more than {self._limits.redirects} times.")

    async def _hop(self, url: str) -> Fetched | str:
        """The page, or where it redirects to. The host is looked up once, and that very address is connected to."""
        import httpx

        target = httpx.URL(url)
        if target.userinfo:
            raise ToolError("Addresses with a user name or password are not visited.")
        port = target.port or (443 if target.scheme == "https" else 80)
        address = await public_address(target.host, port, self._resolver)
        headers = {"Host": target.netloc.decode("ascii"), "User-Agent": _AGENT, "Accept-Encoding": "gzip"}
        request = self._open().build_request(
            "GET",
            target.copy_with(host=address),
            headers=headers,
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        )
        reply = await self._open().send(request, stream=True)
        try:
            if reply.status_code in _REDIRECTS and "location" in reply.headers:
                return str(reply.headers["location"])
            if not reply.is_success:
                raise ToolError(f"{reply.status_code}: {url[:300]} can't be had.")
            media = reply.headers.get("content-type", "text/html")
            if not media.lower().startswith(_READ):
                raise ToolError(f"{url[:300]} is of the type {media[:100]!r}, which can't be read.")
            return Fetched(url, await self._body(reply, url), media)
        finally:
            await reply.aclose()

    async def _body(self, reply: Any, url: str) -> bytes:
        """Unpacked here, with a limit: httpx would unpack whatever fits a chunk."""
        encoding = reply.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise ToolError(f"{url[:300]} comes packed as {encoding[:50]!r}, which was not asked for.")
        unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
        body = bytearray()
        async for chunk in reply.aiter_raw():
            room = self._limits.most_bytes + 1 - len(body)
            try:
                body += unpack.decompress(chunk, room) if unpack else chunk[:room]
            except zlib.error as error:
                raise ToolError(f"{url[:300]} comes damaged.") from error
            if len(body) > self._limits.most_bytes:
                raise ToolError(f"{url[:300]} is larger than {self._limits.most_bytes:,} bytes.")
        return bytes(body)

    def _open(self) -> Any:
        """One client for all pages. It keeps no cookies, so that no episode sees another's, and uses no proxy."""
        import httpx

        if self._client is None:
            forgetful = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
            self._client = httpx.AsyncClient(
                transport=self._transport,
                trust_env=False,
                follow_redirects=False,
                timeout=self._limits.seconds,
                cookies=forgetful,
            )
        return self._client
