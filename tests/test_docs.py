"""The documentation holds what it says: links lead somewhere, commands compose, examples run as they stand there."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.composition import settings_of, sweep
from experiments.page.command import read_arguments
from experiments.point import run_point
from experiments.reproduce import reproduce
from experiments.summary import PointResult
from fgo.journal import read_events
from tests.envs.conformance import check_conformance

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md"), *ROOT.glob("envs/**/README.md")]
)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^`((?:mine|conf)/[\w./]+)`:\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each `fgo` command line in a page's fenced or indented blocks and table cells, without the variables
    set before it."""
    text = page.read_text(encoding="utf-8")
    lines = [
        line
        for language, block in FENCED.findall(text)
        if language in ("", "sh", "bash", "console")
        for line in block.replace("\\\n", " ").splitlines()
    ]
    for line in FENCED.sub("", text).splitlines():
        lines += [line] if line.startswith("    ") else []
        lines += re.findall(r"`(fgo \w+ [^`]+)`", line) if line.startswith("|") else []
    for line in lines:
        if re.match(r"(\s|\w+=\S*|\$)*(\.venv/bin/)?fgo ", line):
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
            while re.match(r"\w+=", words[0]):
                words = words[1:]
            yield words[1:]


COMMANDS = [(page, words) for page in PAGES for words in commands(page)]


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the examples and all example files of the pages, importable, and the current one."""
    shutil.copytree(ROOT / "examples" / "mine", tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__"))
    for page in PAGES:
        for name, text in EXAMPLE.findall(page.read_text(encoding="utf-8")):
            file = tmp_path / name
            assert not file.exists(), f"{name} stands in the documentation twice"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("FGO_CACHE", str(tmp_path / "cache"))
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "mine"]:
        del sys.modules[name]


def overrides(mine: Path, *more: str) -> list[str]:
    """A tiny point with the example environment."""
    return [
        f"hydra.searchpath=[file://{mine}/mine/conf]", "env=chests", "tracker=none", "agent.max_steps=10", "train_size=8",
        "validation_size=6", "test_size=20", f"runs={mine}/runs", *more,
    ]  # fmt: skip


def play(mine: Path, *more: str) -> PointResult:
    return asyncio.run(run_point(settings_of(overrides(mine, *more)), ["fgo", "run"]))


def kinds(result: PointResult) -> set[str]:
    return {event["kind"] for event in read_events(Path(result.folder) / "journal.jsonl")}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in LINK.findall(text) if not re.match(r"\w+:", target)]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(
    ("page", "words"), COMMANDS, ids=[f"{page.name}: {' '.join(words)}" for page, words in COMMANDS]
)
def test_every_command_line_composes(page: Path, words: list[str], mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command, *arguments = [word.replace("$PWD", str(mine)) for word in words]
    flags = [argument for argument in arguments if argument.startswith("-") and argument != "--plan"]
    if any("submitit" in argument for argument in arguments):
        pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="needs the extra `cluster`")
    given = [argument for argument in arguments if not argument.startswith("-") and argument != "job"]
    match command:
        case "run" if flags in (["-m"], ["--multirun"]):
            assert len(sweep(given)) > 1
        case "run":
            assert flags in ([], ["--cfg"])
            settings_of(given)
        case "oracle":
            settings_of(given)
        case "reproduce":
            asked: list[list[str]] = []
            monkeypatch.setattr("experiments.reproduce.run", lambda words: asked.append(words) or 0)
            monkeypatch.setattr("experiments.check.check", lambda _, words, __: asked.append(words) or 0)
            assert reproduce(arguments) == 0
            assert len(sweep([f"study={given[0]}", *given[1:]])) >= 1
            assert asked
        case "show":
            assert len(given) == 1
        case "report":
            assert read_arguments(arguments)[0]
        case _:
            assert not given, f"fgo has no command {command}"


def test_there_are_commands_to_check() -> None:
    assert {words[0] for _, words in COMMANDS} >= {"run", "reproduce", "show", "oracle"}


def test_the_examples_are_short() -> None:
    lines = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in ROOT.glob("examples/mine/*.py")}
    assert lines["failures_only.py"] < 40
    assert lines["chests.py"] < 80


def test_the_example_environment_meets_the_protocol(mine: Path) -> None:
    environment = settings_of(overrides(mine, "env.size=8", "train_size=1", "validation_size=1", "test_size=1")).env
    asyncio.run(check_conformance(environment, plays=3))


def test_the_example_optimizer_learns_the_lesson_of_the_example_environment(mine: Path) -> None:
    learned = play(mine, "optimizer=failures_only", "experiment=perfect_recall")
    untaught = play(mine, "optimizer=none")

    assert "take the middle" in (Path(learned.folder) / "modules" / "instructions.txt").read_text(encoding="utf-8")
    assert {"proposal", "validation", "modules", "finished"} <= kinds(learned)
    assert learned.success > untaught.success


def test_the_example_optimizer_keeps_to_an_allowance(mine: Path) -> None:
    result = play(mine, "optimizer=failures_only", "allowance.unit=episodes", "allowance.amount=21")
    assert result.training_episodes == 20  # six, then one round of eight and six; another does not fit


def test_the_example_agent_plays(mine: Path) -> None:
    result = play(mine, "agent=terse", "optimizer=none")
    assert result.complete
    assert 0 < result.success < 1


def test_the_example_provider_and_model_are_asked_and_paid_for(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mine.counter as counter

    given = overrides(mine, "model=counter", "optimizer=none", "agent.max_steps=100", "run_dir=counted")
    assert counter.main(given) == 1.0  # whoever counts from 0 to 99 opens every chest
    calls = [event for event in read_events(Path("counted") / "journal.jsonl") if event["kind"] == "call"]
    assert sum(call["usage"]["dollars"] for call in calls) == pytest.approx(len(calls) * (100 * 0.5 + 5 * 1.5) / 1e6)


def test_the_example_tracker_writes_the_curve(mine: Path) -> None:
    result = play(mine, "tracker=curve", "optimizer=failures_only")
    lines = (Path(result.folder) / "curve.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "modules,mean"
    assert len(lines) == 1 + len(result.curve)


def test_the_example_study_composes_to_its_grid(mine: Path) -> None:
    (mine / "mine" / "conf" / "study").mkdir()
    (mine / "conf" / "study" / "splitters.yaml").rename(mine / "mine" / "conf" / "study" / "splitters.yaml")
    search = f"hydra.searchpath=[file://{mine}/mine/conf]"
    study = settings_of([search, "study=splitters"]).plain.study
    grid = [f"{key}={','.join(map(str, values))}" for key, values in study.grid.items()]
    points = sweep([search, "study=splitters", *grid])
    assert len({point.folder for point in points}) == len(points) == 12
    assert {point.point.optimizer for point in points} == {"fgo"}
