from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envs.gaia.submission import main
from fgo.types import Score, Status, Step, Trajectory

HEADER = {"kind": "run", "environment": {"benchmark": "gaia"}}


def played(task: str, answer: str | None, phase: str = "test") -> dict[str, Any]:
    steps = (
        Step("Thought: I look.\nAction: look {}", "look {}", "A number."),
        Step("Action: FINAL ANSWER: 4", "x", "Recorded."),
    )
    score = Score(False, 0.0, {"answered": answer is not None, "unparsable": 0, "answer": answer, "hidden": True})
    trajectory = Trajectory(task, "level 1", "What?", "d", "Question: What?", steps, Status.LOST, score)
    return {"kind": "episode", "phase": phase, "trajectory": trajectory.to_json()}


def write(folder: Path, *events: dict[str, Any], tail: str = "") -> str:
    folder.mkdir(exist_ok=True)
    (folder / "journal.jsonl").write_text(
        "".join(json.dumps(event) + "\n" for event in events) + tail, encoding="utf-8"
    )
    return str(folder)


TASKS = {"kind": "tasks", "use": "test", "tasks": ["b", "a"]}


def test_a_run_becomes_a_line_a_test_task_in_their_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write(
        tmp_path / "run", HEADER, TASKS, played("t", "9", "explore"), played("a", "4"), played("b", None), tail='{"ki'
    )
    out = tmp_path / "out.jsonl"

    assert main([run, str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    trace = "Thought: I look.\nAction: look {}\nObservation: A number.\nAction: FINAL ANSWER: 4\nObservation: Recorded."
    assert lines == [
        {"task_id": "b", "model_answer": "", "reasoning_trace": trace},
        {"task_id": "a", "model_answer": "4", "reasoning_trace": trace},
    ]
    told = capsys.readouterr().out
    assert "2 tasks, 1 answered" in told
    assert "Observation" not in told

    assert main([run, str(out)]) == 1
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([{"kind": "run", "environment": {"benchmark": "alfworld"}}, TASKS], "a run of alfworld, not of gaia"),
        ([HEADER], "none of the test tasks have a result"),
        ([HEADER, TASKS, played("a", "4")], "1 of 2 of the test tasks have a result: finish the run"),
        ([], "an unknown environment"),
    ],
)
def test_what_is_no_finished_run_of_gaia_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], events: list[dict[str, Any]], problem: str
) -> None:
    assert main([write(tmp_path / "run", *events), str(tmp_path / "out.jsonl")]) == 1
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_damaged_journal_and_wrong_usage_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write(tmp_path / "run", HEADER, tail="nonsense\n")

    assert main([run, str(tmp_path / "out.jsonl")]) == 1
    assert "line 2 is no JSON" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere"), str(tmp_path / "out.jsonl")]) == 1
    assert main([]) == 2
