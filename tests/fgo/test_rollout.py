from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fgo.journal import read_events
from fgo.llm.types import BadRequest, BudgetExceeded, Caller, ProviderUnavailable, Reply, Request
from fgo.rollout import EpisodesFailed, seed_of
from fgo.sandbox import Refused, SandboxError
from fgo.types import Modules, Status, Usage
from tests.fakes import SEED, WordWorld, make_rollouts, obey, say, word_tasks
from tests.fgo.agents.vault import TASK, Vault

TAUGHT = Modules({"instructions": "- word: apple\n- word: pear", "demonstrations": ""})


def test_trajectories_come_in_the_order_of_the_tasks_whatever_the_concurrency(tmp_path: Path) -> None:
    def run(concurrency: int) -> list[tuple[str, Status, int]]:
        rollouts, _ = make_rollouts(tmp_path / str(concurrency), obey, concurrency=concurrency)
        trajectories = asyncio.run(rollouts.run(TAUGHT, word_tasks(6), "explore", {}))
        return [(t.task_id, t.status, len(t.steps)) for t in trajectories]

    assert run(1) == run(8)
    assert run(1)[:3] == [("task-0", Status.WON, 1), ("task-1", Status.WON, 2), ("task-2", Status.STEP_LIMIT, 4)]


def test_the_step_limit_is_no_success_even_if_the_last_step_was_right_about_something(tmp_path: Path) -> None:
    rollouts, _ = make_rollouts(tmp_path, lambda request, caller: say("nothing"))
    (trajectory,) = asyncio.run(rollouts.run(SEED, word_tasks(1), "test", {}))
    assert trajectory.status is Status.STEP_LIMIT
    assert not trajectory.success


def test_finished_episodes_are_read_from_the_journal_and_cost_nothing_again(tmp_path: Path) -> None:
    first, _ = make_rollouts(tmp_path, obey)
    before = asyncio.run(first.run(TAUGHT, word_tasks(5), "explore", {"epoch": 0}))
    first.journal.close()
    second, door = make_rollouts(tmp_path, obey)
    after = asyncio.run(second.run(TAUGHT, word_tasks(5), "explore", {"epoch": 0}))
    assert after == before
    assert door.asked == []


def test_a_broken_world_is_tried_again_and_then_counts_as_if_nothing_had_happened(tmp_path: Path) -> None:
    world = WordWorld(failures=1)
    rollouts, _ = make_rollouts(tmp_path, obey, world)
    (trajectory,) = asyncio.run(rollouts.run(TAUGHT, word_tasks(1), "explore", {}))
    assert trajectory.status is Status.WON
    assert all(episode.closed for episode in world.opened)
    kinds = [event["kind"] for event in read_events(tmp_path / "journal.jsonl")]
    assert kinds == ["failure", "episode"]


def test_a_world_that_stays_broken_is_reported_never_scored_and_tried_again_by_the_next_run(tmp_path: Path) -> None:
    rollouts, _ = make_rollouts(tmp_path, obey, WordWorld(failures=99), concurrency=1)
    with pytest.raises(EpisodesFailed, match="neither won nor lost") as raised:
        asyncio.run(rollouts.run(TAUGHT, word_tasks(3), "test", {}))
    assert [failure.status for failure in raised.value.failures] == [Status.ENVIRONMENT_ERROR] * 3
    rollouts.journal.close()
    assert not [event for event in read_events(tmp_path / "journal.jsonl") if event["kind"] == "episode"]
    again, _ = make_rollouts(tmp_path, obey)
    assert len(asyncio.run(again.run(TAUGHT, word_tasks(3), "test", {}))) == 3


def test_one_failing_episode_does_not_keep_the_others_from_finishing(tmp_path: Path) -> None:
    def answer(request: Request, caller: Caller) -> str | BaseException:
        opening = str(request.messages[1]["content"])
        assert opening
        return ProviderUnavailable("down") if caller.scope["episode"] == bad else obey(request, caller)

    rollouts, _ = make_rollouts(tmp_path, obey)
    bad = asyncio.run(rollouts.run(TAUGHT, word_tasks(1), "test", {}))[0].episode
    rollouts, _ = make_rollouts(tmp_path / "again", answer)
    with pytest.raises(EpisodesFailed, match="provider error"):
        asyncio.run(rollouts.run(TAUGHT, word_tasks(4), "test", {}))
    finished = [e for e in read_events(tmp_path / "again" / "journal.jsonl") if e["kind"] == "episode"]
    assert len(finished) == 3


@pytest.mark.parametrize("error", [BudgetExceeded("spent"), BadRequest("no such model")])
def test_what_no_retry_mends_stops_the_run_at_once(tmp_path: Path, error: BaseException) -> None:
    rollouts, door = make_rollouts(tmp_path, lambda request, caller: error, concurrency=2)
    with pytest.raises(type(error)):
        asyncio.run(rollouts.run(TAUGHT, word_tasks(50), "explore", {}))
    assert len(door.asked) <= 2


def test_an_independent_repeat_asks_with_another_seed(tmp_path: Path) -> None:
    rollouts, door = make_rollouts(tmp_path, obey)
    for repeat in (0, 1):
        asyncio.run(rollouts.run(TAUGHT, word_tasks(1), "explore", {}, repeat))
    assert len({request.seed for request, _ in door.asked}) == 2
    assert all(request.sample == request.seed for request, _ in door.asked)


def test_usage_of_an_episode_is_the_sum_of_its_calls(tmp_path: Path) -> None:
    rollouts, _ = make_rollouts(tmp_path, lambda request, caller: Reply(say("x"), "stop", Usage(10, 4, 5, 1, 0.5)))
    (trajectory,) = asyncio.run(rollouts.run(SEED, word_tasks(1), "explore", {}))
    assert trajectory.usage == Usage(40, 16, 20, 4, 2.0)


def test_seeds_are_named_and_stable() -> None:
    assert seed_of("episode", 0, "task", 1) == seed_of("episode", 0, "task", 1)
    assert len({seed_of("episode", seed, "task", repeat) for seed in range(10) for repeat in range(10)}) == 100
    assert 0 <= seed_of("x") < 2**31


HELPED = Modules({**SEED.texts, "tools": 'def look() -> str:\n    """Looks."""\n    return "seen"'})


def test_without_isolation_helper_functions_stop_the_run_and_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    rollouts, _ = make_rollouts(tmp_path, lambda request, caller: "Action: look {}", world=Vault())  # type: ignore[arg-type]
    with pytest.raises(Refused, match="unguarded"):
        asyncio.run(rollouts.run(HELPED, [TASK], "explore", {}))


def test_a_broken_sandbox_is_a_failure_of_the_machinery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise SandboxError("no room for a process")

    monkeypatch.setattr("fgo.agents.helped.call_function", broken)
    rollouts, _ = make_rollouts(tmp_path, lambda request, caller: "Action: look {}", world=Vault())  # type: ignore[arg-type]
    with pytest.raises(EpisodesFailed, match="no room for a process"):
        asyncio.run(rollouts.run(HELPED, [TASK], "explore", {}))
