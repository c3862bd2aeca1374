from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import orjson
import pytest

from experiments.composition import settings_of, sweep
from experiments.errors import UsageError
from experiments.plan import Plan, confirm, plan_of
from experiments.plan_format import plan_markdown
from experiments.point import run_point
from experiments.rates import Range, rates_for, stated
from experiments.samples import Sample, samples
from experiments.settings import telling
from fgo.types import Usage
from tests.experiments.words import Teacher, overrides, settings


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with one finished point of none and one of all_at_once."""
    folder = tmp_path_factory.mktemp("runs")
    for optimizer in ("none", "all_at_once"):
        asyncio.run(run_point(settings(folder, f"optimizer={optimizer}", "seed=7"), ["fgo"], Teacher()))
    return folder


def planned(folder: Path, *more: str) -> Plan:
    return plan_of(sweep(overrides(folder, *more)))


def test_without_anything_measured_a_plan_rests_on_stated_assumptions_and_says_so(tmp_path: Path) -> None:
    plan = planned(tmp_path, "optimizer=none,all_at_once", "seed=0,1")
    text = plan_markdown(plan)
    none, learning = plan.points[0], plan.points[2]

    assert [point.settings.point.optimizer for point in plan.points] == ["none", "none", "all_at_once", "all_at_once"]
    assert none.training == Range(0, 0)
    assert none.test == learning.test == 4
    assert learning.training == Range(7, 14)  # 2 epochs of 4 + 2 episodes, after 2: half to all
    assert none.work.calls == Range(16, 16)  # four a episode at least, and no more than max_steps
    assert none.work.prompt.low == 16 * stated("agent", "other", "prompt").low
    assert 0 < plan.billed.low < plan.billed.high
    assert "words, the agent's calls and tokens: assumed" in text
    assert "4 points, 0 of them done" in text
    assert not list(tmp_path.iterdir())


def test_calls_to_a_model_file_share_the_processor_whatever_runs_at_once(tmp_path: Path) -> None:
    model = ["model=local", "model.name=local/small", f"model.sha256={'0' * 64}", "model.max_concurrency=4"]
    rates = rates_for(settings_of([*model, f"runs={tmp_path}", "executor.episodes=4"]), [])

    assert rates.seconds == stated("seconds", "local")
    assert "alfworld, time: assumed (experiments/assumptions.yaml)" in rates.grounds


def test_what_finished_runs_took_comes_before_assumptions_and_is_named(done: Path, tmp_path: Path) -> None:
    (point,) = planned(done, "optimizer=all_at_once", "seed=3").points
    (finished,) = (one for one in samples(done, tmp_path) if one.optimizer == "all_at_once")
    calls, usage = finished.ledger["agent/test"]
    assert (finished.episodes["test"], calls) == (4, finished.ledger["agent/test"][0])
    rates = rates_for(point.settings, samples(done, tmp_path))

    assert rates.test.prompt.low <= usage.prompt_tokens / 4 <= rates.test.prompt.high
    assert any(f"measured (2 runs with test/teacher in {done / 'single'})" in ground for ground in point.grounds)
    assert any("all_at_once's own calls: those of all_at_once, measured" in ground for ground in point.grounds)
    assert any("time: measured" in ground for ground in point.grounds)


def test_a_done_point_costs_nothing_and_is_listed_as_done(done: Path) -> None:
    plan = planned(done, "optimizer=none,all_at_once", "seed=7,8")
    text = plan_markdown(plan)

    assert [point.done for point in plan.points] == [True, False, True, False]
    assert plan.points[0].billed == plan.points[0].work.calls == Range(0, 0)
    assert "4 points, 2 of them done" in text


def test_a_point_whose_folder_holds_a_run_of_other_data_is_neither_done_nor_begun_and_is_said_to_be_in_the_way(
    done: Path, tmp_path: Path
) -> None:
    shutil.copytree(done / "single", tmp_path / "single")
    for journal in tmp_path.glob("single/*/journal.jsonl"):
        first, _, rest = journal.read_bytes().partition(b"\n")
        header = {**orjson.loads(first), "prompts": "others"}
        journal.write_bytes(orjson.dumps(header) + b"\n" + rest)
    plan = planned(tmp_path, "optimizer=none", "seed=7,8")

    assert [(point.done, point.begun, point.blocked) for point in plan.points] == [
        (False, False, True), (False, False, False),
    ]  # fmt: skip
    assert "1 point can't run as things are" in plan_markdown(plan)


def test_a_point_that_was_stopped_is_begun(done: Path, tmp_path: Path) -> None:
    shutil.copytree(done / "single", tmp_path / "single")
    for journal in tmp_path.glob("single/*/journal.jsonl"):
        journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    plan = planned(tmp_path, "optimizer=none,all_at_once", "seed=7")

    assert [(point.done, point.begun) for point in plan.points] == [(False, True), (False, True)]
    assert "2 points begun before" in plan_markdown(plan)


def test_another_model_or_other_settings_of_the_agent_make_the_range_wider(done: Path, tmp_path: Path) -> None:
    known = samples(done, tmp_path)
    same = rates_for(settings(done, "optimizer=none"), known)
    other = rates_for(settings(done, "optimizer=none", "model.name=test/other"), known)
    steps = rates_for(settings(done, "optimizer=none", "agent.max_steps=9"), known)

    assert other.test.prompt.low == pytest.approx(same.test.prompt.low / 2)
    assert "measured with another model, so halved to doubled" in other.grounds[0]
    assert "measured with other settings of the agent" in steps.grounds[0]
    assert steps.test.prompt.low == pytest.approx(same.test.prompt.low / 2)


def test_an_allowance_bounds_the_episodes_and_a_budget_the_bill(tmp_path: Path) -> None:
    more = ["optimizer=all_at_once", "epochs=50", "patience=50"]
    (free,) = planned(tmp_path, *more).points
    (bound,) = planned(tmp_path, *more, "allowance.unit=episodes", "allowance.amount=20", "budget.dollars=0.001").points

    assert free.training.high == 2 + 50 * 6
    assert bound.training.high == 20
    assert bound.billed.high == 0.001


def test_the_simulated_model_costs_nothing_on_a_bill_and_is_shown_at_the_list_s_prices(tmp_path: Path) -> None:
    given = [
        "env.source=generated",
        "optimizer=none",
        f"runs={tmp_path}",
        "test_size=2",
        "train_size=1",
        "validation_size=1",
    ]
    plan = plan_of([settings_of(given)])

    assert plan.billed == Range(0, 0)
    assert plan.points[0].shown.high > 0
    assert "gpt-4o-mini's prices (litellm" in plan_markdown(plan)


def test_committed_results_are_grounds_too_and_broken_runs_are_none(done: Path, tmp_path: Path) -> None:
    config = telling(settings(tmp_path).resolved)
    ledger = {"agent/test": {"calls": 8, "prompt_tokens": 800, "cached_tokens": 80, "completion_tokens": 40}}
    point = {
        "env": "words",
        "optimizer": "none",
        "config": {},
        "state": "complete",
        "episodes": {"test": 4},
        "ledger": ledger,
    }
    folder = tmp_path / "results" / "main"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(orjson.dumps({"config": config, "points": [point, {"env": "words"}]}))
    shutil.copytree(done / "single", tmp_path / "runs" / "single")
    for path in (tmp_path / "runs").glob("*/*/run.json"):
        path.write_text("{")

    assert samples(tmp_path / "runs", tmp_path / "results") == [
        Sample("words", {key: value for key, value in config.items() if key.startswith("agent.")}, "test/teacher", "none",
               {"test": 4}, {"agent/test": (8, Usage(800, 80, 40))}, None, str(folder))
    ]  # fmt: skip


@pytest.mark.parametrize(("answer", "goes_on"), [("y", True), ("n", False), ("", False)])
def test_a_dear_sweep_asks_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str, goes_on: bool
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    points = sweep(overrides(tmp_path, "optimizer=none,all_at_once", "plan.ask_above_dollars=0"))
    if goes_on:
        confirm(points)
    else:
        with pytest.raises(UsageError, match="not confirmed"):
            confirm(points)
    assert "# Plan" in capsys.readouterr().out


def test_without_a_terminal_it_is_refused_saying_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    dear = overrides(tmp_path, "optimizer=none,all_at_once", "plan.ask_above_dollars=0")
    with pytest.raises(UsageError, match=r"may cost up to \$0\.\d\d.*plan\.yes=true"):
        confirm(sweep(dear))

    confirm(sweep([*dear, "plan.yes=true"]))
    confirm(sweep([*dear, "plan.ask_above_dollars=1000"]))
    confirm(sweep([*dear, "replay=recording.jsonl"]))
    confirm(sweep([*dear, "model.prices={input: 0, output: 0}"]))
