"""The page in a real browser: Debian's chromium, headless, driven by playwright. Skipped, with the reason, without them."""

from __future__ import annotations

import io
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.page.command import write_page
from experiments.runfolder import journals_below
from tests.experiments.page.large import write_large
from tests.experiments.synthetic import Event, Synthetic

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'><svg onload='hacked=1'>"


def hostile(events: list[Event]) -> list[Event]:
    """The same run, with markup that would run a script wherever a model, an environment or an error could put it."""
    for event in events:
        if event["kind"] == "episode":
            trajectory = event["trajectory"]
            trajectory |= {
                "goal": HOSTILE,
                "category": HOSTILE,
                "opening": HOSTILE,
                "error": HOSTILE,
                "task_id": HOSTILE,
            }
            trajectory["steps"] = [
                [f"Thought: {HOSTILE}\nAction: {HOSTILE}", HOSTILE, HOSTILE],
                [HOSTILE, None, HOSTILE],
            ]
            trajectory["score"]["details"] = {HOSTILE: HOSTILE}
        if event["kind"] == "proposal":
            event["modules"]["texts"]["instructions"] = f"Act.\n- {HOSTILE}"
            event["evidence"] = {HOSTILE: ["T1"]}
        if event["kind"] in ("decision", "merge"):
            event["why"] = HOSTILE
        if event["kind"] == "tasks":
            event["tasks"] = [HOSTILE]
    return events


class Pages(dict[str, str]):
    """Addresses of pages, each made when it is first asked for: of a study, of a hostile run, of a large run."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> str:
        runs, page = self.folder / name, self.folder / f"{name}.html"
        if name == "study":
            for optimizer in ("none", "fgo"):
                for seed in (0, 1):
                    solved = (True, seed == 0, optimizer == "fgo", optimizer == "none")
                    Synthetic(optimizer, seed=seed, solved=solved).write(runs / f"{optimizer}-{seed}")
        elif name == "hostile":
            run = Synthetic(simulated=False, study="<b>bad</b>")
            run.write(runs / "run", hostile(run.events()))
        else:
            write_large(runs / "run", 10_000)
        write_page(list(journals_below([runs])), page)
        self[name] = page.as_uri()
        return self[name]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return Pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A tab that fails the test where the page complains or asks the network for anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("request", lambda request: wrong.append(request.url) if request.url.startswith("http") else None)
    tab.set_default_timeout(5_000)
    yield tab
    context.close()
    assert wrong == []


def expect(page: Any, selector: str, number: int) -> None:
    """So many elements are there, or come soon: charts and lists are drawn once they have a width."""
    page.locator(selector).nth(number - 1).wait_for(state="attached")
    assert page.locator(selector).count() == number


def focused(page: Any) -> str:
    """What has the focus: its text, or its label."""
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"))


def test_all_views_are_reached_by_clicks(page: Any, pages: Pages) -> None:
    page.goto(pages["study"])
    page.get_by_role("heading", name="Verdicts on the paper's claims").wait_for()
    assert page.locator(".verdicts .verdict").count() > 2
    page.get_by_text("Differences, tested").click()
    page.get_by_text("p, adjusted").wait_for()
    assert page.locator("h1").inner_text() == "smoke"
    page.locator("figure.chart circle").first.wait_for()
    page.get_by_role("link", name="FGO · 4 tasks · seed 1").first.click()

    page.get_by_role("heading", name="FGO · 4 tasks · seed 1").wait_for()
    page.get_by_role("heading", name="Learning curve").wait_for()
    expect(page, "figure a.mark", 3)
    page.get_by_role("button", name="tokens").click()
    page.get_by_text("tokens used, test apart").wait_for()
    expect(page, ".ribbon", 6)
    page.get_by_role("link", name="Merge tree").click()

    expect(page, ".node", 4)
    page.locator(".node", has_text="s1 e0").click()
    page.get_by_role("heading", name="Proposal: subset 1, epoch 0").wait_for()
    assert page.locator(".sources .chip").first.inner_text().endswith("T1")
    page.locator(".sources .chip").first.click()
    page.locator("dialog[open]").get_by_text("You are in a room.").wait_for()
    page.get_by_role("button", name="Close").click()
    page.locator(".node", has_text="seed").click()
    page.get_by_role("link", name="10 episodes").click()
    page.get_by_text("10 of 10 episodes; 5 won with modules seed").wait_for()
    page.go_back()
    page.locator(".node.final").click()
    assert page.locator(".diff .new").first.inner_text().endswith("- Open closed receptacles first.")
    page.get_by_role("link", name=re.compile("^Episodes")).click()

    page.get_by_text("10 of 10 episodes; 5 won").wait_for()
    page.locator(".option").first.click()
    page.locator("dialog[open]").get_by_text("unreadable", exact=True).wait_for()
    page.go_back()
    page.locator("dialog:not([open])").wait_for(state="attached")
    page.get_by_role("link", name="Compare").click()

    page.get_by_role("heading", name="Two runs side by side").wait_for()
    page.locator("select[name=A]").select_option(label="unoptimized · 4 tasks · seed 0 (simulated)")
    page.locator("select[name=B]").select_option(label="FGO · 4 tasks · seed 0 (simulated)")
    flipped = page.locator(".flips", has_text="B solved, A did not")
    flipped.locator(".option").first.wait_for()
    assert flipped.locator(".option").count() == 1
    flipped.locator(".option").click()
    page.locator("dialog[open] h3").nth(1).wait_for()
    assert [text.split(":")[0] for text in page.locator("dialog[open] h3").all_inner_texts()] == ["A", "B"]
    expect(page, "dialog[open] .turns", 2)


def test_simulated_runs_say_so_in_every_view(page: Any, pages: Pages) -> None:
    for view in ("", "#/run/0", "#/run/0/tree", "#/run/0/episodes", "#/compare/0/1"):
        page.goto("about:blank")
        page.goto(pages["study"] + view)
        page.locator("h1").wait_for()
        assert page.locator(".bar .simulated").is_visible()
        assert page.locator("#banner").inner_text().startswith("SIMULATED.")
    page.goto("about:blank")
    page.goto(pages["study"] + "#/run/0/episodes?e=0")
    assert page.locator("dialog[open] .simulated").is_visible()


def test_a_measured_run_is_not_called_simulated(page: Any, pages: Pages) -> None:
    page.goto(pages["hostile"])
    page.locator("h1").wait_for()
    assert page.locator(".simulated").count() == 0
    assert page.locator("#banner").is_hidden()


def test_nothing_that_models_or_environments_say_runs(page: Any, pages: Pages) -> None:
    views = [
        "",
        "#/run/0",
        "#/run/0/tree",
        "#/run/0/episodes",
        "#/run/0/episodes?e=0",
        "#/run/0/tree?e=1",
        "#/compare/0/0?t=0",
    ]
    for view in views:
        page.goto("about:blank")
        page.goto(pages["hostile"] + view)
        page.locator("h1").wait_for()
        page.wait_for_timeout(100)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 4  # core, details, one block, the program
    assert HOSTILE in page.locator("dialog[open]").inner_text()


def test_a_script_that_got_into_the_page_would_not_run(browser: Any, pages: Pages) -> None:
    page = browser.new_page()
    page.goto(pages["study"])
    refused = """() => {
      const script = document.createElement("script");
      try { script.text = "window.hacked = 1"; } catch (error) { window.refused = error.name; }
      document.body.append(script);
      const image = document.createElement("img");
      try { image.setAttribute("onerror", "window.hacked = 1"); } catch (error) { window.refused += error.name; }
      image.src = "https://example.org/x.png";
      document.body.append(image);
    }"""
    page.evaluate(refused)
    page.wait_for_timeout(200)

    assert page.evaluate("window.refused") == "TypeErrorTypeError"
    assert page.evaluate("window.hacked") is None
    page.close()


def test_ten_thousand_episodes_open_in_less_than_2_seconds(page: Any, pages: Pages) -> None:
    address = pages["large"]
    begun = time.monotonic()
    page.goto(address)
    page.get_by_role("heading", name="Runs", exact=True).wait_for()
    opened = time.monotonic() - begun
    begun = time.monotonic()
    page.goto(address + "#/run/0/episodes")
    page.get_by_text("10,000 of 10,000 episodes").wait_for()
    listed = time.monotonic() - begun

    assert opened < 2
    assert listed < 2
    assert page.locator(".option").count() < 40
    page.locator(".list").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    page.locator("[aria-posinset='10000']").click()
    page.locator("dialog[open] .turns > li").nth(20).wait_for()


def test_filters_narrow_the_list_and_text_is_found_inside_trajectories(page: Any, pages: Pages) -> None:
    page.goto(pages["study"] + "#/run/0/episodes")
    status = page.get_by_role("status")
    status.get_by_text("10 of 10 episodes").wait_for()
    page.get_by_label("Phase").select_option("test")
    status.get_by_text("4 of 10 episodes").wait_for()
    page.get_by_label("Status").select_option("step_limit")
    status.get_by_text("1 of 10 episodes; 0 won").wait_for()
    page.get_by_label("Phase").select_option("")
    page.get_by_label("Status").select_option("")
    page.get_by_label("Text").fill("mug")
    status.get_by_text(re.compile("^0 of 10 episodes")).wait_for()
    page.get_by_label("inside trajectories").check()
    status.get_by_text("10 of 10 episodes").wait_for()
    page.get_by_label("Category").select_option("heat")
    page.reload()
    assert page.get_by_label("Category").input_value() == "heat"
    assert page.get_by_label("Text").input_value() == "mug"


def test_the_keyboard_is_enough(page: Any, pages: Pages) -> None:
    press = page.keyboard.press
    page.goto(pages["study"] + "#/run/0/episodes")
    page.locator(".option").first.wait_for()
    press("Tab")
    assert focused(page) == "Skip to the content"
    page.locator(".list").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End", "ArrowUp"):
        press(key)
    assert page.locator("[aria-selected='true']").get_attribute("aria-posinset") == "9"
    assert page.locator(".list").get_attribute("aria-activedescendant") == page.locator(
        "[aria-selected='true']"
    ).get_attribute("id")
    press("Enter")
    page.locator("dialog[open]").wait_for()
    title = page.locator("#drawer-title").inner_text()
    press("ArrowRight")
    page.locator("#drawer-title").filter(has_not_text=title).wait_for()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    press("Escape")
    page.locator("dialog:not([open])").wait_for(state="attached")
    page.wait_for_url(lambda url: "e=" not in url)
    assert focused(page).startswith("Episodes: arrow keys move")

    page.goto(pages["study"] + "#/run/0/tree")
    page.locator(".node.final").focus()
    press("ArrowLeft")
    assert focused(page).startswith("proposal, subset 0, epoch 0")
    press("ArrowDown")
    assert focused(page).startswith("proposal, subset 1, epoch 0")
    press("Enter")
    page.get_by_role("heading", name="Proposal: subset 1, epoch 0").wait_for()
    press("ArrowLeft")
    assert focused(page).startswith("seed")
    assert page.evaluate("getComputedStyle(document.activeElement.querySelector('.box')).strokeWidth") == "3px"

    page.locator(".tabs a[aria-current]").focus()
    press("ArrowRight")
    press("Enter")
    page.locator(".list").wait_for()
    assert focused(page) == "Episodes 10"


def test_an_open_episode_is_printed_whole_and_marked(page: Any, pages: Pages) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    page.goto(pages["large"] + "#/run/0/episodes?e=3")
    page.locator("dialog[open] .turns > li").nth(20).wait_for()
    last = page.locator("dialog[open] .turns .seen").last.inner_text()
    paper = pypdf.PdfReader(io.BytesIO(page.pdf()))
    text = " ".join("".join(sheet.extract_text() for sheet in paper.pages).split())

    assert len(paper.pages) > 1
    assert last.split(",")[0] in text
    assert "SIMULATED" in text
    assert page.locator("dialog[open]").is_visible()
    page.keyboard.press("Escape")
    page.locator("dialog:not([open])").wait_for(state="attached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(browser: Any, pages: Pages, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    views = [
        "",
        "#/run/0",
        "#/run/0/tree",
        "#/run/0/episodes",
        "#/run/0/episodes?e=0",
        "#/compare/0/2",
        "#/compare/0/2?t=0",
    ]
    for name in ("study", "hostile"):
        for view in views:
            page.goto("about:blank")
            page.goto(pages[name] + view)
            page.locator("h1").wait_for()
            page.wait_for_timeout(60)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, (name, view)
            body = page.locator("dialog[open] .drawer-body")
            if "?" in view and body.count():
                assert body.evaluate("body => body.scrollWidth - body.clientWidth") <= 0, (name, view)
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}[scheme]
    context.close()
