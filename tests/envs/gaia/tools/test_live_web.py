"""The live web without a network: what is fetched, what is refused, and whose fault a failure is."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import httpx
import pytest

from envs.base import EnvironmentFailure
from envs.gaia.tools.kit import ToolKit, ToolSession, ToolSettings, make_kit
from envs.gaia.tools.web.addresses import is_public
from envs.gaia.tools.web.fetch import Fetcher, FetchLimits
from envs.gaia.tools.web.live import LiveWeb, Serper, Tavily
from envs.gaia.tools.web.types import Fetched, Hits
from envs.toolbox import ToolError
from tests.envs.gaia.tools.kits import FAST, with_session

PUBLIC = "93.184.215.14"
Serve = Callable[[httpx.Request], httpx.Response]


def fetch(url: str, serve: Serve, *addresses: str, limits: FetchLimits = FetchLimits()) -> Fetched:
    async def resolver(host: str, port: int) -> Sequence[str]:
        return [host] if host[0].isdecimal() or ":" in host else addresses or (PUBLIC,)

    async def get() -> Fetched:
        fetcher = Fetcher(limits, httpx.MockTransport(serve), resolver)
        try:
            return await fetcher.get(url)
        finally:
            await fetcher.close()

    return asyncio.run(get())


def streamed(body: bytes, status: int = 200, **headers: str) -> httpx.Response:
    """A reply that comes in pieces, as from a network; the library would unpack another kind itself."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    named = {name.replace("_", "-"): value for name, value in {"content_type": "text/html", **headers}.items()}
    return httpx.Response(status, headers=named, content=pieces())


def page(request: httpx.Request) -> httpx.Response:
    return streamed(b"<p>hello</p>")


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was connected to")


def test_a_page_is_fetched_from_the_very_address_that_was_checked() -> None:
    seen = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.headers["host"], request.extensions["sni_hostname"]))
        return page(request)

    assert fetch("https://trees.example/oak?x=1#y", serve).body == b"<p>hello</p>"
    assert seen == [(f"https://{PUBLIC}/oak?x=1", "trees.example", "trees.example")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "not an address",
    ],
)  # fmt: skip
def test_hosts_that_are_not_public_are_not_connected_to(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(ToolError, match="not on the public web"):
        fetch("https://inside.example/", never, address)
    with pytest.raises(ToolError, match="not on the public web"):
        fetch("https://mixed.example/", never, PUBLIC, address)


def test_public_addresses_are_told_apart() -> None:
    assert all(map(is_public, (PUBLIC, "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808")))


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/admin",
        "//10.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        "file:///etc/passwd",
        "ftp://h/x",
        "http://[x/",
    ],
)
def test_a_redirect_into_the_machines_own_network_is_not_followed(target: str) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        assert request.url.host == PUBLIC
        return httpx.Response(302, headers={"location": target})

    async def resolver(host: str, port: int) -> Sequence[str]:
        return {"localhost": ["127.0.0.1"], "outside.example": [PUBLIC]}.get(host, [host])

    async def get() -> None:
        fetcher = Fetcher(transport=httpx.MockTransport(serve), resolver=resolver)
        with pytest.raises(ToolError, match=r"not on the public web|Only http and https|can't be reached"):
            await fetcher.get("https://outside.example/")
        await fetcher.close()

    asyncio.run(get())


def test_numeric_hosts_are_looked_up_by_the_system_and_refused() -> None:
    async def get() -> None:
        fetcher = Fetcher(transport=httpx.MockTransport(never))
        for url in ("http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://localhost/"):
            with pytest.raises(ToolError, match=r"not on the public web|can't be found|no address|can't be reached"):
                await fetcher.get(url)
        await fetcher.close()

    asyncio.run(get())


def test_redirects_are_followed_to_a_limit() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        step = int(request.url.path[1:])
        return httpx.Response(301, headers={"location": f"/{step + 1}"}) if step < 4 else page(request)

    assert fetch("https://a.example/0", serve).url == "https://a.example/4"
    with pytest.raises(ToolError, match="redirects more than 2 times"):
        fetch("https://a.example/0", serve, limits=FetchLimits(redirects=2))


def test_large_pages_are_refused_packed_or_not() -> None:
    small = FetchLimits(most_bytes=1000)
    zeros, packed = gzip.compress(bytes(50_000_000)), gzip.compress(b"hello")

    with pytest.raises(ToolError, match="larger than 1,000 bytes"):
        fetch("https://a.example/", lambda request: streamed(bytes(1001)), limits=small)
    with pytest.raises(ToolError, match="larger than 10,485,760 bytes"):
        fetch("https://a.example/", lambda request: streamed(zeros, content_encoding="gzip"))
    assert fetch("https://a.example/", lambda request: streamed(packed, content_encoding="gzip")).body == b"hello"
    with pytest.raises(ToolError, match="comes damaged"):
        fetch("https://a.example/", lambda request: streamed(b"hello", content_encoding="gzip"))
    with pytest.raises(ToolError, match="comes packed as 'br'"):
        fetch("https://a.example/", lambda request: streamed(b"hello", content_encoding="br"))


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        (lambda request: httpx.Response(404), "404: https://a.example/x can't be had"),
        (lambda request: httpx.Response(200, headers={"content-type": "video/mp4"}), "of the type 'video/mp4'"),
    ],
)
def test_pages_that_can_not_be_read_are_the_agents_affair(serve: Serve, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        fetch("https://a.example/x", serve)


def test_a_page_that_takes_too_long_or_breaks_off_is_given_up() -> None:
    async def slow(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(5)
        return [PUBLIC]

    async def get() -> None:
        fetcher = Fetcher(FetchLimits(seconds=0.05), httpx.MockTransport(never), slow)
        with pytest.raises(ToolError, match=r"did not answer within 0.05 s"):
            await fetcher.get("https://a.example/")

    def breaks(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    asyncio.run(get())
    with pytest.raises(ToolError, match=r"can't be reached \(ReadError\)"):
        fetch("https://a.example/", breaks)


@pytest.mark.parametrize(
    "url", ["https://user:pw@a.example/", "gopher://a.example", "https://", "https://a.example:99999/"]
)
def test_addresses_that_are_not_visited(url: str) -> None:
    with pytest.raises(ToolError):
        fetch(url, never)


def test_no_cookie_is_kept() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        assert "cookie" not in request.headers
        return (
            httpx.Response(302, headers={"location": "/b", "set-cookie": "id=7"})
            if request.url.path == "/a"
            else page(request)
        )

    assert fetch("https://a.example/a", serve).url == "https://a.example/b"


def search(provider: Any, serve: Serve, query: str = "oak", number: int = 1) -> Hits:
    async def run() -> Hits:
        web = LiveWeb(provider, Fetcher(), transport=httpx.MockTransport(serve), pauses=(0, 0))
        try:
            return await web.search(query, number)
        finally:
            await web.close()

    return asyncio.run(run())


def test_serper_is_asked_page_by_page() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://google.serper.dev/search"
        assert request.headers["x-api-key"] == "k"
        assert json.loads(request.content) == {"q": "oak", "page": 2, "num": 10}
        return httpx.Response(
            200, json={"organic": [{"title": "Oak", "link": "https://a.example", "snippet": "old", "date": "2020"}]}
        )

    hits = search(Serper("k"), serve, number=2)

    assert (hits.hits[0].url, hits.hits[0].title, hits.hits[0].date, hits.more) == (
        "https://a.example",
        "Oak",
        "2020",
        False,
    )


def test_tavilys_later_pages_are_the_end_of_a_longer_list() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer k"
        asked = json.loads(request.content)["max_results"]
        return httpx.Response(
            200, json={"results": [{"title": str(n), "url": f"https://{n}", "content": ""} for n in range(asked)]}
        )

    assert [hit.title for hit in search(Tavily("k"), serve).hits] == [str(n) for n in range(10)]
    assert [hit.title for hit in search(Tavily("k"), serve, number=2).hits] == [str(n) for n in range(10, 20)]
    assert search(Tavily("k"), serve, number=3).hits == []


def test_a_failing_search_service_is_tried_again_and_never_the_agents_fault() -> None:
    calls = []

    def recovers(request: httpx.Request) -> httpx.Response:
        calls.append(1)
        return httpx.Response(429 if len(calls) < 3 else 200, json={"organic": []})

    assert search(Serper("k"), recovers).hits == []
    assert len(calls) == 3
    for reply, words, tries in (
        (httpx.Response(503), "status 503", 3),
        (httpx.Response(403, text="bad key"), "status 403: bad key", 1),
        (httpx.Response(200, text="<html>"), "sends no JSON", 1),
        (httpx.Response(200, json=[1]), "sends no JSON object", 1),
        (httpx.Response(200, json={"organic": [{"name": 1}]}), "can't be read", 1),
    ):
        calls.clear()

        def fails(request: httpx.Request, reply: httpx.Response = reply) -> httpx.Response:
            calls.append(1)
            return reply

        with pytest.raises(EnvironmentFailure, match=words):
            search(Serper("k"), fails)
        assert len(calls) == tries


def test_keys_are_not_shown() -> None:
    assert "secret" not in repr(Serper("secret")) + repr(Tavily("secret"))


def test_an_agent_uses_the_live_web_and_searches_are_charged() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(
                200, json={"organic": [{"title": "Oak", "link": "https://a.example/", "snippet": "old"}]}
            )
        return streamed(b"<a href='/b'>next</a>", content_type="text/html; charset=utf-8")

    async def resolver(host: str, port: int) -> Sequence[str]:
        return [PUBLIC]

    def kit(settings: ToolSettings) -> ToolKit:
        made = make_kit(ToolSettings(("read_file",), limits=FAST))
        transport = httpx.MockTransport(serve)
        web = LiveWeb(Serper("k"), Fetcher(transport=transport, resolver=resolver), 0.001, transport)
        return ToolKit(settings, made.pool, web, None, made.new_python)

    async def do(session: ToolSession) -> None:
        assert "1. [Oak](https://a.example/)" in await session.call("web_search", {"query": "oak"})
        assert "[next](https://a.example/b)" in await session.call("visit", {"url": "https://a.example/"})
        assert session.costs.measures()["tool_dollars"] == 0.001

    with_session(do, None, ToolSettings(("web_search", "visit"), web="serper"), kit)
