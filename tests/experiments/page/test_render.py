from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.page.collect import collect
from experiments.page.render import render
from experiments.page.studies import study_data
from experiments.tables import study_table
from tests.experiments.synthetic import Synthetic

HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(
        ["</script><script>boom()</script>", "<!--", '"><img src=x onerror=boom()>', "</title><svg onload=boom()>"]
    ),
)


class Elements(HTMLParser):
    """The elements of a page, as a browser's parser sees them, and the texts of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts.append(data)


def page_of(folder: Path, title: str = "Smoke", said: str = "You see a mug.") -> str:
    events = Synthetic().events()
    for event in events:
        if event["kind"] == "episode":
            event["trajectory"]["goal"] = said
            event["trajectory"]["steps"] = [[said, said, said]]
    run = collect(Synthetic().write(folder, events))
    study = study_data(study_table([run.result], "smoke", title))
    return b"".join(render(title, [study], [run])).decode()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=HOSTILE, said=HOSTILE)
def test_whatever_texts_hold_the_page_has_the_same_elements(tmp_path: Path, title: str, said: str) -> None:
    plain, hostile = Elements(page_of(tmp_path)), Elements(page_of(tmp_path, title, said))

    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert orjson.loads(hostile.scripts[0])["title"] == title


def test_the_policy_allows_this_script_and_style_and_no_network(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    elements = Elements(page)
    policy = next(str(attributes["content"]) for tag, attributes in elements.tags if attributes.get("http-equiv"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    script, style = (re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL) for tag in ("script", "style"))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest(script[-1])}'"
    assert rules["style-src"] == f"'sha256-{digest(style[0])}'"
    assert rules["img-src"] == "data:"
    assert rules["require-trusted-types-for"] == "'script'"


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_nothing_in_the_page_names_another_place(tmp_path: Path) -> None:
    page = page_of(tmp_path).replace("http://www.w3.org/2000/svg", "")  # the name of a language, not a place

    assert not re.findall(r"https?://", page)
    for tag, attributes in Elements(page).tags:
        assert "src" not in attributes, tag
        assert tag != "link"


def test_the_script_turns_no_text_into_markup() -> None:
    from experiments.page.render import _script

    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "eval(",
        "new Function",
        "srcdoc",
    ):
        assert way not in _script()


def test_the_same_journals_make_the_same_bytes(tmp_path: Path) -> None:
    assert page_of(tmp_path / "a" / "run") == page_of(tmp_path / "b" / "run")
