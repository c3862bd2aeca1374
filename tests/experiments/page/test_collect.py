from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from experiments.page.collect import RunData, collect
from experiments.page.pack import unpacked
from experiments.page.render import render
from fgo.types import Modules
from tests.experiments.synthetic import FINAL, Event, Synthetic, without

SECRETS = ("solve test-00", "You see a mug", "You are in a room", "Rule 0", "Open closed receptacles", "503 from the")


def collected(
    tmp_path: Path, events: Sequence[Event] | None = None, text: bool = False
) -> tuple[RunData, Any, list[Any]]:
    """A run, its details and its trajectories."""
    run = collect(Synthetic().write(tmp_path, events), text)
    return run, unpacked(run.details), [item for block in run.blocks for item in unpacked(block)]


def of(details: Any, index: int) -> dict[str, Any]:
    """An episode's line by its columns' names, as far as they are names."""
    columns = ("task", "goal", "category", "phase", "status", "modules", "scope")
    row = details["rows"][index]
    return {name: details["names"][name][row[i]] for i, name in enumerate(columns)}


def nodes(details: Any) -> dict[str, Any]:
    return {node["digest"]: node for node in details["tree"]}


def test_every_episode_has_a_line_and_a_trajectory(tmp_path: Path) -> None:
    run, details, trajectories = collected(tmp_path)
    episodes = [event for event in Synthetic().events() if event["kind"] == "episode"]

    assert run.episodes == len(episodes) == len(details["rows"]) == len(trajectories)
    for index, event in enumerate(episodes):
        expected = event["trajectory"]
        line = of(details, index)
        assert details["ids"][index] == event["id"]
        assert (line["task"], line["goal"]) == (expected["task_id"], expected["goal"])
        assert (line["phase"], line["status"]) == (event["phase"], expected["status"])
        assert details["rows"][index][7:] == [expected["score"]["success"], 2, 1, 250, 0]
        assert trajectories[index]["steps"] == expected["steps"]
        assert trajectories[index]["opening"] == expected["opening"]


def test_the_tree_goes_from_the_seed_over_proposals_to_the_merge(tmp_path: Path) -> None:
    _, details, _ = collected(tmp_path)
    first, second = (Modules({"instructions": f"Act.\n- Rule {s}."}).digest for s in (0, 1))
    result = Modules({"instructions": FINAL}).digest
    tree = nodes(details)

    assert details["final"] == result
    assert set(tree) == {"seed", first, second, result}
    assert [tree[digest]["layer"] for digest in ("seed", first, second, result)] == [0, 1, 1, 2]
    assert tree[result]["parents"] == [first, second]
    assert tree[first]["accepted"] is False
    assert tree[first]["why"] == "not better on validation"
    assert tree[second]["mean"] == 1.0
    assert tree[second]["evidence"] == [["Rule 1.", ["T1"]]]
    assert details["ids"][3] == tree[second]["shown"]["T1"] == "explore-train-1"


def test_modules_that_come_back_to_the_seeds_texts_make_no_circle(tmp_path: Path) -> None:
    seed = Modules({"instructions": "Act."})
    other = Modules({"instructions": "Act well."})
    events = Synthetic().events()
    proposal = {"kind": "proposal", "at": 0.0, "scope": {}, "problem": "", "shown": {}, "evidence": {}}
    there = {**proposal, "id": "a", "parent": seed.digest, "modules": other.to_json()}
    back = {**proposal, "id": "b", "parent": other.digest, "modules": seed.to_json()}
    _, details, _ = collected(tmp_path, [*events[:3], there, back, *events[-1:]])

    assert nodes(details)[seed.digest]["parents"] == []
    assert nodes(details)[other.digest]["layer"] == 1


def test_the_curve_says_what_had_been_spent_by_then_and_leaves_the_test_out(tmp_path: Path) -> None:
    run, _, _ = collected(tmp_path)

    assert [point["mean"] for point in run.curve] == [0.5, 1.0, 1.0]
    assert [point["episodes"] for point in run.curve] == [3, 6, 6]
    agent, evaluator, optimizer = 250, 450, 1050
    assert run.curve[0]["tokens"] == 3 * agent + evaluator + optimizer
    assert run.curve[2]["tokens"] == sum(
        line.usage.tokens for phase, line in run.result.by_phase.items() if phase != "test"
    )


def test_a_run_without_optimization_tells_the_seeds_texts(tmp_path: Path) -> None:
    run = collect(Synthetic(optimizer="none").write(tmp_path))
    digest = Modules({"instructions": FINAL}).digest

    assert run.seeds == {digest: {"instructions": FINAL}}


def test_failures_of_the_machinery_are_told_apart_from_episodes(tmp_path: Path) -> None:
    _, details, _ = collected(tmp_path, without(Synthetic().events(), "test-01", "provider_error"))

    assert details["failures"] == [
        {"phase": "test", "task_id": "test-01", "status": "provider_error", "error": "503 from the provider"}
    ]


def test_a_damaged_journal_is_told_up_to_its_damage(tmp_path: Path) -> None:
    journal = Synthetic().write(tmp_path)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:-4], b"{broken\n", *lines[-4:]]))
    run = collect(journal)

    assert run.result.state == "damaged"
    assert "not JSON" in run.result.reason
    assert 0 < run.episodes < 10


def test_a_journal_without_a_header_tells_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no header yet"):
        collected(tmp_path, [{"kind": "session", "at": 0.0, "pid": 1, "dropped": 0}])


def restricted(text: bool, tmp_path: Path) -> tuple[str, Any]:
    """All that a page of a run with restricted tasks holds, unpacked, and the run's details."""
    events = without(Synthetic().events(), "test-01", "provider_error")
    events[0]["environment"] = {"source": "official", "restricted": True}
    run, details, trajectories = collected(tmp_path, events, text)
    page = b"".join(render("Title", [], [run])).decode()
    return page + repr(details) + repr(trajectories), details


def test_restricted_tasks_leave_no_text_in_a_page(tmp_path: Path) -> None:
    page, details = restricted(False, tmp_path)

    for secret in SECRETS:
        assert secret not in page
    assert of(details, 0)["task"] == "train-0"
    assert of(details, 0)["goal"] == ""
    assert nodes(details)[details["final"]]["lines"] == {"instructions": 2}


def test_restricted_tasks_are_told_where_somebody_asks_for_the_text(tmp_path: Path) -> None:
    page, _ = restricted(True, tmp_path)

    for secret in SECRETS:
        assert secret in page
