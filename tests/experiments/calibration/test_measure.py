"""The whole measurement, with the simulated model: what it was configured to do must come out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from experiments.calibration import snippets
from experiments.calibration.__main__ import main
from experiments.calibration.judge import Judged, wilson
from experiments.calibration.measure import Plan, calibrate
from experiments.calibration.prompts import Prompt
from experiments.calibration.summary import Answered, cells, repetition, suggested
from experiments.composition import settings_of
from fgo.journal import read_events
from fgo.llm.sim.rulebook import Rulebook

PLAN = Plan(lengths=(600, 4096), times=(1,), prompts=25, lessons=3)


def run(folder: Path, *more: str, plan: Plan = PLAN) -> tuple[list[Answered], list[str]]:
    said: list[str] = []
    settings = settings_of(
        ["env=logisticsqa", "optimizer=none", "tracker=none", "cache=null", f"run_dir={folder}", *more]
    )
    return asyncio.run(calibrate(settings, plan, said.append)), said


@pytest.fixture(autouse=True, scope="module")
def _impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snippets, "_PATIENCE", 4)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Answered], list[str]]:
    folder = tmp_path_factory.mktemp("calibration") / "run"
    return folder, *run(folder, "model=sim_small")


def test_the_simulated_models_curve_is_found_again(whole: tuple[Path, list[Answered], list[str]]) -> None:
    folder, answers, _ = whole
    measured = orjson.loads((folder / "calibration.json").read_bytes())
    once = [cell for cell in measured["cells"] if cell["times"] == 1]

    assert measured["simulated"]
    assert [cell["length"] for cell in once] == [600, 4096]
    for cell in once:
        found = wilson(cell["noticed"], cell["planted_readable"])
        assert found.low <= cell["assumed"]["sim_small"] <= found.high
    assert once[1]["recall"][2] < once[1]["assumed"]["sim_large"]  # and no other preset's
    assert once[1]["noticed"] / once[1]["planted"] < once[0]["noticed"] / once[0]["planted"]
    assert all(cell.unplanted == 0 for cell in cells(answers))
    assert (folder / "recall.svg").is_file()


def test_prompts_show_what_was_planted_and_nothing_else(whole: tuple[Path, list[Answered], list[str]]) -> None:
    book = Rulebook([settings_of(["env=logisticsqa"]).env.simulated()])
    for answer in whole[1]:
        prompt, text = answer.prompt, str(answer.prompt.messages[1]["content"])
        blocks = [set(book.shown(block)) for block in text.split("<trajectory ")[1:]]
        assert prompt.tokens <= prompt.length
        assert set().union(*blocks) == set(prompt.planted)
        for lesson, places in prompt.planted.items():
            assert sum(lesson in block for block in blocks) == len(places) == prompt.times
    longest = [answer.prompt for answer in whole[1] if answer.prompt.length == 4096]
    assert all(prompt.tokens > 3500 for prompt in longest)


def test_the_plan_is_said_first_and_a_second_run_asks_nothing(whole: tuple[Path, list[Answered], list[str]]) -> None:
    folder, answers, said = whole
    plan = next(line for line in said if line.endswith("reply tokens"))
    assert plan.startswith(f"{len(answers)} calls, ")
    assert said.index(plan) < next(index for index, line in enumerate(said) if "| length |" in line)

    calls = sum(event["kind"] == "call" for event in read_events(folder / "journal.jsonl"))
    again, _ = run(folder, "model=sim_small")
    assert [answer.judged for answer in again] == [answer.judged for answer in answers]
    assert sum(event["kind"] == "call" for event in read_events(folder / "journal.jsonl")) == calls == len(answers)


def test_the_command_plans_without_asking_and_refuses_what_makes_no_sense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = [f"run_dir={tmp_path / 'a'}", "--prompts", "2", "--times", "1", "--plan"]
    assert main([*place, "--lengths", "600"]) == 0
    assert "2 calls, " in capsys.readouterr().out
    assert not any(event["kind"] == "call" for event in read_events(tmp_path / "a" / "journal.jsonl"))
    assert main([*place, "--lengths", "300"]) == 2
    assert "no lesson fits" in capsys.readouterr().out
    assert main([*place, "--lessons", "0"]) == 2
    assert "--lessons: expected a whole number" in capsys.readouterr().err


def _answered(times: int, noticed: bool, number: int) -> Answered:
    prompt = Prompt(1000, times, number, (), {"a": (0.5,) * times}, 900)
    return Answered(prompt, Judged(noticed=("a",) if noticed else ()), 950, 10, 0)


@pytest.mark.parametrize(("repeated", "verdict"), [(40, "max"), (78, "independent"), (60, "undecided")])
def test_repetition_is_judged_by_the_recall_of_single_showings(repeated: int, verdict: str) -> None:
    once = [_answered(1, number < 40, number) for number in range(100)]
    thrice = [_answered(3, number < repeated, number) for number in range(100)]
    found = cells([*once, *thrice])
    (line,) = repetition(found)

    assert line["max"] == pytest.approx(0.4)
    assert line["independent"] == pytest.approx(0.784)
    assert line["agrees_with"] == verdict
    assert suggested(found)["occurrences"] == (None if verdict == "undecided" else verdict)
    assert suggested(found)["recall_scores"] == [0.4]
    assert suggested(found)["recall_lengths"] == [950]


def test_unreadable_replies_noticed_nothing_but_are_told_apart() -> None:
    cut = Answered(Prompt(1000, 1, 1, (), {"a": (0.5,)}, 900), Judged(problem="cut off"), 950, 10, 0)
    (cell,) = cells([_answered(1, True, 0), cut])
    assert (cell.recall.estimate, cell.readable.estimate, cell.malformed) == (0.5, 1.0, 1)
    assert cell.problems == {"cut off": 1}
