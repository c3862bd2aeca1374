from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.behaviour import behaviour_markdown, behaviours, main
from experiments.point import run_point
from experiments.summary import Outcome, Verdicts
from fgo.llm.ledger import Line
from fgo.types import Status, Usage
from tests.experiments.made_up import point
from tests.experiments.words import Teacher, settings

WON, LOST = np.array([1.0, 1.0]), np.array([0.0, 0.0])


def cells(markdown: str, row: str) -> list[str]:
    line = next(line for line in markdown.splitlines() if line.startswith(f"| {row}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_endings_replies_and_tokens_a_call_are_those_of_all_the_runs_of_a_method() -> None:
    agent = Line(calls=4, truncated=1, usage=Usage(prompt_tokens=400, completion_tokens=40))
    first = point("fgo", 8, 0, WON, ledger={("agent", "test"): agent}, decisions=Verdicts(1, 2))
    unread = {
        "a": Outcome(False, 0.0, "clean", Status.MALFORMED, 3, 3),
        "b": Outcome(False, 0.0, "clean", Status.LOST, 1, 0),
    }
    second = point("fgo", 8, 1, LOST, outcomes=unread, ledger={("agent", "explore"): agent}, decisions=Verdicts(0, 1))

    (row,) = behaviours([first, second])
    assert (row.runs, row.episodes, row.steps, row.unreadable) == (2, 4, 10, 3)
    assert row.endings == {Status.WON: 2, Status.LOST: 1, Status.MALFORMED: 1}
    shown = cells(behaviour_markdown([row]), "fgo")
    assert shown == [
        "fgo", "model", "2", "4", "50.0", "25.0", "0.0", "25.0", "0.0", "2.5", "30.0", "100 + 10", "–", "–", "–", "25.0",
        "1 of 4", "–",
    ]  # fmt: skip


def test_real_and_simulated_stand_under_each_other_and_the_simulated_is_marked() -> None:
    rows = behaviours([point("fgo", 8, 0, WON, simulated=True), point("fgo", 8, 0, WON), point("none", 8, 0, WON)])
    assert [(row.optimizer, row.simulated) for row in rows] == [("fgo", False), ("fgo", True), ("none", False)]
    assert behaviour_markdown(rows).count("model (SIMULATED)") == 1
    assert "SIMULATED: made with a model of a model" in behaviour_markdown(rows)


def test_a_run_that_has_not_ended_is_in_no_row() -> None:
    begun = replace(point("fgo", 8, 1, WON), state="incomplete")
    assert [row.runs for row in behaviours([begun, point("fgo", 8, 0, WON)])] == [1]


def test_folders_without_runs_are_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 2
    assert f"{tmp_path} holds no journal.jsonl" in capsys.readouterr().err


def test_a_run_below_two_of_the_folders_counts_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(run_point(settings(tmp_path, "optimizer=none"), ["fgo"], Teacher()))
    assert main([str(tmp_path), str(tmp_path / "single")]) == 0
    assert cells(capsys.readouterr().out, "none")[2:4] == ["1", "4"]


def test_a_run_that_can_not_be_told_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "journal.jsonl").touch()
    assert main([str(tmp_path)]) == 2
    assert f"{tmp_path / 'journal.jsonl'} has no header yet" in capsys.readouterr().err
