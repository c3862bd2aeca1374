from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from experiments.errors import UsageError
from experiments.lineage import Witness, read_lineage
from experiments.show import main, show
from fgo.types import Status
from tests.experiments.synthetic import Synthetic, attempt, without


def shown(folder: Path) -> str:
    out = io.StringIO()
    show(folder, Console(file=out, width=160))
    return out.getvalue()


def test_a_finished_run_is_shown_whole(tmp_path: Path) -> None:
    Synthetic().write(tmp_path)
    text = shown(tmp_path)

    for expected in (
        "alfworld, fgo, sim-base, 4 training tasks, seed 0  SIMULATED",
        "complete",
        "fgo run optimizer=fgo seed=0",
        "3 of 4 test tasks solved: 75.0%",
        "ended: won 3, step limit 1; 4 unreadable replies",
        "proposals: 1 accepted, 1 rejected; merges: 1 accepted, 0 rejected",
        "- Open closed receptacles first.",
        "journal.jsonl",
    ):
        assert expected in text
    ledger = next(line.split() for line in text.splitlines() if line.startswith("optimizer") and "optimize " in line)
    assert ledger == ["optimizer", "optimize", "2", "0", "0", "2,500", "100", "1,500", "0.0004", "0.0004"]


def test_the_tree_leads_from_the_result_through_merges_to_trajectories(tmp_path: Path) -> None:
    Synthetic().write(tmp_path)
    tree = shown(tmp_path).split("Where the result comes from")[1].split("Final instructions")[0]
    order = ["merge at level 1, group 0", "proposal at subset 0, epoch 0", "Rule 0.", "from train-0 (won)", "seed"]
    order += ["proposal at subset 1, epoch 0", "accepted: better on validation", "Rule 1.", "from train-1 (step limit)"]

    places = [tree.index(text) for text in order]
    assert places == sorted(places)


def test_a_rule_is_traced_to_its_trajectories_while_it_stands_as_proposed() -> None:
    events = Synthetic().events()
    proposals = [event for event in events if event["kind"] == "proposal"]
    result = next(event for event in events if event["kind"] == "modules")
    result["modules"] = proposals[0]["modules"] | {"texts": {"instructions": "Act.\nRule 0.\nReworded."}}
    merge = next(event for event in events if event["kind"] == "merge")
    merge["modules"] = result["modules"]
    lineage = read_lineage(events)

    assert lineage.sources("  Rule 0.") == [({"subset": 0, "epoch": 0}, (Witness("train-0", Status.WON),))]
    assert lineage.sources("Reworded.") == []
    assert lineage.subsets == (("train-0", "train-2"), ("train-1", "train-3"))


def test_proposals_that_came_to_nothing_are_told(tmp_path: Path) -> None:
    events = Synthetic().events()
    failed = next(event for event in events if event["kind"] == "proposal")
    failed |= {"modules": None, "problem": "truncated three times"}
    Synthetic().write(tmp_path, events)

    assert "subset 0, epoch 0: no usable proposal: truncated three times" in shown(tmp_path)


def test_measured_runs_are_not_marked_and_a_baseline_has_no_curve_or_tree(tmp_path: Path) -> None:
    Synthetic(optimizer="none", simulated=False).write(tmp_path)
    text = shown(tmp_path)

    for absent in ("SIMULATED", "Validation", "Where the result comes from"):
        assert absent not in text


def test_an_incomplete_run_has_no_rate_and_a_failing_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [*without(Synthetic().events(), "test-01", "provider_error"), attempt()]
    Synthetic().write(tmp_path / "broken", events)
    Synthetic().write(tmp_path / "whole")

    assert main([str(tmp_path / "broken")]) == 1
    text = capsys.readouterr().out
    assert "incomplete (1 provider error)" in text
    assert "no success rate" in text
    assert main([str(tmp_path / "whole" / "journal.jsonl")]) == 0


def test_a_damaged_run_is_shown_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    path = Synthetic().write(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:20], b"nonsense\n", *lines[21:]]))

    assert "damaged" in shown(tmp_path)


def test_what_is_no_run_is_refused_with_a_hint(tmp_path: Path) -> None:
    Synthetic().write(tmp_path / "study" / "point")
    with pytest.raises(UsageError, match=r"holds no journal.jsonl; runs below it: .*study/point"):
        main([str(tmp_path)])
    with pytest.raises(UsageError, match="name one run"):
        main([])
    (tmp_path / "journal.jsonl").write_bytes(b"")
    with pytest.raises(UsageError, match="no header"):
        main([str(tmp_path)])
