"""The embedded web: what is found, in which order, and what a visit shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.gaia.tools.kit import ToolSession, ToolSettings, make_kit
from envs.gaia.tools.web.corpus import CorpusWeb
from envs.gaia.tools.web.types import normalised
from envs.gaia.tools.web.writer import Page, write_corpus
from envs.toolbox import ToolError
from tests.envs.gaia.tools.kits import FAST, refused, with_session
from tests.envs.gaia.tools.samples import sample

PAGES = [
    Page(
        "https://trees.example/oak",
        "Oak",
        "<html><title>Oak</title><body><nav><a href='/'>home</a></nav><p>The oak of Caf\u00e9 Street is 300 years old.</p>"
        "<table><tr><th>year</th><th>girth</th></tr><tr><td>1990</td><td>4.1 m</td></tr></table></body></html>",
        "2021-05-04",
    ),
    Page(
        "https://trees.example/", "Trees of the town", "<p>All <a href='oak'>oaks</a> and <a href='elm'>elms</a>.</p>"
    ),
    Page("https://trees.example/elm", "Elm", "<p>" + "An elm stands by the old mill. " * 200 + "The last word.</p>"),
    Page(
        "https://archive.example/2019/https://trees.example/oak", "Oak", "<p>It was 298 then.</p>", "2019", listed=False
    ),
    Page("http://www.news.example/a%20b?x=1", "News of oaks", "Old oak felled\nin storm", "2020-01-01", "text/plain"),
    Page("https://files.example/report.pdf", "Report", sample("report.pdf"), media="application/pdf"),
    Page("https://files.example/plots.xlsx", "Plots", sample("plots.xlsx"), media="application/vnd.ms-excel"),
    *(Page(f"https://many.example/{number:02}", "Same", "<p>twin words</p>") for number in range(25)),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "web.sqlite"
    write_corpus(path, PAGES)
    return path


def found(corpus: Path, query: str, page: int = 1) -> Sequence[str]:
    async def search() -> Sequence[str]:
        web = CorpusWeb(corpus)
        try:
            return [hit.url for hit in (await web.search(query, page)).hits]
        finally:
            await web.close()

    return asyncio.run(search())


def test_pages_are_found_by_words_in_any_form_and_titles_weigh_more(corpus: Path) -> None:
    oaks = ["http://www.news.example/a%20b?x=1", "https://trees.example/oak", "https://trees.example/"]
    assert found(corpus, "oak") == oaks  # in the title and in a short text, in the title and a longer text, in the text
    assert found(corpus, "elm") == ["https://trees.example/elm", "https://trees.example/"]
    assert found(corpus, "OAKS") == found(corpus, "oak")
    assert found(corpus, "cafe street") == ["https://trees.example/oak"]
    assert found(corpus, "species counted 21")[0] == "https://files.example/report.pdf"
    assert found(corpus, "quince")[0] == "https://files.example/plots.xlsx"


def test_phrases_must_stand_together_and_a_site_limits_the_search(corpus: Path) -> None:
    assert found(corpus, '"oak felled" anything') == ["http://www.news.example/a%20b?x=1"]
    assert found(corpus, '"felled oak"') == []
    assert found(corpus, "oak site:news.example") == ["http://www.news.example/a%20b?x=1"]
    assert found(corpus, "site:https://www.trees.example/x oak elm")[0].startswith("https://trees.example/")


def test_pages_that_are_not_listed_are_visited_and_never_found(corpus: Path) -> None:
    assert found(corpus, "298 then") == []


def test_equal_pages_are_ordered_by_address_over_all_pages_of_results(corpus: Path) -> None:
    pages = [found(corpus, "twin", page) for page in (1, 2, 3, 4)]

    assert [url for page in pages for url in page] == [f"https://many.example/{number:02}" for number in range(25)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]


@settings(max_examples=150, deadline=None)
@given(query=st.text(max_size=60) | st.from_regex(r'(AND|OR|NOT|NEAR|"|\*|\^|\(|\)|:|-|oak| ){1,12}', fullmatch=True))
def test_no_query_breaks_the_search(corpus: Path, query: str) -> None:
    try:
        assert isinstance(found(corpus, query), list)
    except ToolError as error:
        assert "no word to look for" in str(error)  # noqa: PT017 (either is right)


def test_the_same_pages_give_the_same_corpus_in_whatever_order(tmp_path: Path, corpus: Path) -> None:
    write_corpus(tmp_path / "again.sqlite", reversed(PAGES))

    assert CorpusWeb(tmp_path / "again.sqlite").fingerprint() == CorpusWeb(corpus).fingerprint()
    assert (tmp_path / "again.sqlite").read_bytes() == corpus.read_bytes()
    write_corpus(tmp_path / "other.sqlite", PAGES[1:])
    assert CorpusWeb(tmp_path / "other.sqlite").fingerprint() != CorpusWeb(corpus).fingerprint()


def test_pages_with_one_address_or_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two pages have the address"):
        write_corpus(tmp_path / "x", [PAGES[0], PAGES[0]])
    with pytest.raises(ValueError, match=r"write it as https://a\.example/B"):
        write_corpus(tmp_path / "x", [Page("HTTPS://A.example/B#c", "", "")])
    assert not (tmp_path / "x").exists()


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no web corpus"):
        CorpusWeb(tmp_path / "none").fingerprint()
    (tmp_path / "text").write_text("hello")
    with pytest.raises(ValueError, match="is no web corpus"):
        CorpusWeb(tmp_path / "text").fingerprint()


def test_an_agent_searches_and_visits(corpus: Path) -> None:
    async def do(session: ToolSession) -> None:
        listed = await session.call("web_search", {"query": "oak girth"})
        assert listed.splitlines()[:2] == [
            "Results for 'oak girth', 3 in all:",
            "1. [Oak](https://trees.example/oak) (2021-05-04)",
        ]
        assert "300 years old" in listed.splitlines()[2]
        assert "[ask for page 2 to see more]" in await session.call("web_search", {"query": "twin"})
        assert await refused(session, "web_search", query="twin", page=4) == "There is no page 4 of results."
        assert await refused(session, "web_search", query="zebra") == "Nothing was found for 'zebra'."
        assert "empty" in await refused(session, "web_search", query="  ")

        page = await session.call("visit", {"url": "https://trees.example/oak"})
        assert page.startswith("[https://trees.example/oak, 2021-05-04]\n")
        assert "[home](https://trees.example/)" in page
        assert "| 1990 | 4.1 m |" in page
        assert "It was 298 then." in await session.call(
            "visit", {"url": "https://archive.example/2019/https://trees.example/oak"}
        )
        assert "[oaks](https://trees.example/oak)" in await session.call("visit", {"url": "trees.example"})
        assert "Old oak felled\nin storm" in await session.call("visit", {"url": "https://news.example/a b?x=1#top"})
        assert "--- page 3 of 3 ---" in await session.call("visit", {"url": "https://files.example/report.pdf"})
        assert "| 1 | {#00B050} |" in await session.call("visit", {"url": "https://files.example/plots.xlsx"})

        first = await session.call("visit", {"url": "https://trees.example/elm/"})
        assert first.endswith("ask for page 2 to go on]")
        assert "The last word." in await session.call("visit", {"url": "https://trees.example/elm/", "page": 4})

        gone = await refused(session, "visit", url="https://trees.example/oaks")
        assert gone.startswith("404: there is no page https://trees.example/oaks. Pages with addresses like it: ")
        assert "https://trees.example/oak," in gone
        assert "https://trees.example/oak" in await refused(session, "visit", url="https://tree.example/oak")
        assert await refused(session, "visit", url="https://zzz.example/q") == (
            "404: there is no page https://zzz.example/q. Find pages with web_search."
        )
        assert "Nothing was found" in await refused(session, "web_search", query="\ud800zz")
        assert "404" in await refused(session, "visit", url="https://trees.example/\ud800")
        assert "Only http and https" in await refused(session, "visit", url="file:///etc/passwd")
        assert session.costs.counts()["calls_by_tool"] == {"visit": 13, "web_search": 6}

    chosen = ToolSettings(("web_search", "visit"), page_chars=2000, limits=FAST)
    with_session(do, None, chosen, lambda given: make_kit(given, corpus))


@pytest.mark.parametrize(
    ("url", "proper"),
    [
        (" HTTPS://Host.Example ", "https://host.example/"),
        ("host.example/A?b=C#d", "https://host.example/A?b=C"),
        ("http://h.example:80/a b", "http://h.example:80/a%20b"),
        ("<https://h.example/x>", "https://h.example/x"),
    ],
)
def test_addresses_are_understood_as_agents_write_them(url: str, proper: str) -> None:
    assert normalised(url) == proper


@settings(max_examples=200, deadline=None)
@given(url=st.text(max_size=80) | st.from_regex(r"(https?|ftp|):?/{0,3}[a-z.:@\[\]0-9#?%]{0,30}", fullmatch=True))
def test_any_text_is_an_address_or_is_refused(url: str) -> None:
    try:
        assert normalised(url).startswith(("http://", "https://"))
    except ToolError as error:
        assert str(error)  # noqa: PT017 (either is right)
