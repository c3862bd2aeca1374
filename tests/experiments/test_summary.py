from __future__ import annotations

import tracemalloc
from pathlib import Path

import orjson
import pytest

from experiments.summary import Point, PromptSizes, Verdicts, not_run, summarize
from fgo.journal import DamagedJournal
from fgo.types import Status
from tests.experiments.synthetic import Event, Synthetic, attempt, shuffled, without


def test_a_finished_run_is_told_in_full(tmp_path: Path) -> None:
    result = summarize(Synthetic().write(tmp_path))

    assert result.point == Point("alfworld", "fgo", "sim-base", 4, 0, "smoke")
    assert (result.state, result.reason, result.simulated) == ("complete", "", True)
    assert result.success == 0.75
    assert [outcome.success for outcome in result.outcomes.values()] == [True, False, True, True]
    assert result.statuses == {Status.WON: 3, Status.STEP_LIMIT: 1}
    assert sum(n for _, n in result.by_category.values()) == 4
    assert sum(won for won, _ in result.by_category.values()) == 3
    assert result.outcomes["test-00"].malformed == 1
    assert result.outcomes["test-00"].steps == 2
    assert result.training_episodes == 6
    assert result.optimizer_prompts == PromptSizes(calls=3, total=3100, largest=1500)
    assert [validated.mean for validated in result.curve] == [0.5, 1.0, 1.0]
    assert (result.decisions, result.merges) == (Verdicts(1, 1), Verdicts(1, 0))
    assert result.folder == str(tmp_path)


def test_tokens_and_dollars_are_split_by_role_and_phase(tmp_path: Path) -> None:
    result = summarize(Synthetic().write(tmp_path))

    assert set(result.ledger) == {
        ("agent", "explore"), ("agent", "validate"), ("agent", "test"),
        ("evaluator", "optimize"), ("optimizer", "optimize"), ("merger", "merge"),
    }  # fmt: skip
    test = result.ledger["agent", "test"]
    assert (test.calls, test.cached) == (4, 0)
    assert (test.usage.prompt_tokens, test.usage.completion_tokens) == (800, 200)
    assert result.by_phase["optimize"].usage.prompt_tokens == 2 * 400 + 2500
    assert result.total.usage.dollars == pytest.approx(5900 * 1.5e-7 + 15 * 50 * 6e-7)
    assert result.total.usage.tokens == sum(account.usage.tokens for account in result.ledger.values())


def test_a_cache_hit_is_counted_apart_and_hides_no_cost(tmp_path: Path) -> None:
    paid, cached = (summarize(Synthetic(cached=hit).write(tmp_path / str(hit))) for hit in (False, True))

    assert cached.total.usage == paid.total.usage == paid.total.paid
    assert cached.total.paid.dollars == 0
    assert cached.total.cached == cached.total.calls == 15


def test_a_failed_attempt_is_paid_but_is_no_cost_of_the_method(tmp_path: Path) -> None:
    events = Synthetic().events()
    result = summarize(Synthetic().write(tmp_path, [*events[:5], attempt(), *events[5:]]))

    account = result.ledger["agent", "test"]
    assert account.failed_attempts == 1
    assert account.calls == 4
    assert account.paid.prompt_tokens == account.usage.prompt_tokens + 10


def test_the_order_in_which_work_ended_changes_nothing(tmp_path: Path) -> None:
    events = Synthetic(optimizer="all_at_once", train_size=12).events()
    results = [summarize(Synthetic().write(tmp_path / str(i), shuffled(events, i))) for i in range(5)]

    for result in results[1:]:
        assert result.ledger == results[0].ledger
        assert list(result.outcomes.items()) == list(results[0].outcomes.items())
        assert result.total.usage.dollars == results[0].total.usage.dollars


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("provider_error", "1 provider error"),
        ("environment_error", "1 environment error"),
        ("", "1 test episode missing"),
    ],
)
def test_a_test_task_without_a_result_makes_the_point_incomplete(tmp_path: Path, failure: str, reason: str) -> None:
    result = summarize(Synthetic().write(tmp_path, without(Synthetic().events(), "test-01", failure)))

    assert (result.state, result.reason) == ("incomplete", reason)
    with pytest.raises(ValueError, match=f"incomplete.*{reason}"):
        _ = result.success


def test_an_episode_journalled_with_an_infrastructure_status_is_no_result(tmp_path: Path) -> None:
    events = Synthetic().events()
    for event in events:
        if event["kind"] == "episode" and event["trajectory"]["task_id"] in ("test-00", "test-02"):
            event["trajectory"]["status"] = "provider_error"
    result = summarize(Synthetic().write(tmp_path, events))

    assert (result.state, result.reason) == ("incomplete", "2 provider errors")
    assert set(result.outcomes) == {"test-01", "test-03"}


def test_a_failure_that_a_later_try_made_good_is_forgotten(tmp_path: Path) -> None:
    events = Synthetic().events()
    failed = [event for event in without(events, "test-01", "provider_error") if event["kind"] == "failure"]
    result = summarize(Synthetic().write(tmp_path, [*events[:3], *failed, *events[3:]]))

    assert result.complete
    assert result.failures == {}


def test_a_run_cut_off_before_its_end_is_incomplete(tmp_path: Path) -> None:
    events = Synthetic().events()
    tested = summarize(Synthetic().write(tmp_path / "tested", events[:-1]))
    begun = summarize(Synthetic().write(tmp_path / "begun", events[:2]))
    stop: Event = {"kind": "stopped", "at": 0.0, "why": "budget of 1 dollar"}
    stopped = summarize(Synthetic().write(tmp_path / "stopped", [*events[:-1], stop]))

    assert (tested.state, tested.reason) == ("incomplete", "not finished")
    assert (begun.state, begun.reason) == ("incomplete", "the test has not begun")
    assert stopped.reason == "stopped: budget of 1 dollar"


def test_a_session_that_goes_on_forgets_the_stop_and_counts_no_time_before_it(tmp_path: Path) -> None:
    events = Synthetic(pace=1.0).events()
    middle = len(events) // 2
    gap = 1e6
    later: list[Event] = [{**event, "at": event["at"] + gap} for event in events[middle:]]
    stop: Event = {"kind": "stopped", "at": events[middle]["at"], "why": "Ctrl-C"}
    session: Event = {"kind": "session", "at": later[0]["at"], "pid": 2, "dropped": 0}
    result = summarize(Synthetic().write(tmp_path, [*events[:middle], stop, session, *later]))

    assert result.complete
    assert result.seconds == pytest.approx(len(events) - 2)


def test_two_results_for_one_task_are_damage(tmp_path: Path) -> None:
    events = Synthetic().events()
    result = summarize(Synthetic().write(tmp_path, [*events, events[-2]]))

    assert (result.state, result.reason) == ("damaged", "test task test-03 has two results")


def test_a_result_for_a_task_that_is_not_in_the_test_set_is_damage(tmp_path: Path) -> None:
    events = Synthetic().events()
    events[2]["tasks"].remove("test-02")

    assert "test-02" in (result := summarize(Synthetic().write(tmp_path, events))).reason
    assert result.state == "damaged"


def test_a_broken_line_is_damage_and_a_cut_off_last_one_is_not(tmp_path: Path) -> None:
    path = Synthetic().write(tmp_path / "broken")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:9], b'{"kind": "ca\n', *lines[10:]]))
    cut = Synthetic().write(tmp_path / "cut")
    cut.write_bytes(cut.read_bytes() + b'{"kind": "se')

    broken = summarize(path)
    assert broken.state == "damaged"
    assert "line 10" in broken.reason
    assert summarize(cut).complete


def test_a_journal_that_does_not_say_what_it_is_of_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "broken.jsonl").write_bytes(b"{\n{}\n")

    with pytest.raises(ValueError, match="no header"):
        summarize(tmp_path / "empty.jsonl")
    with pytest.raises(DamagedJournal, match="line 1"):
        summarize(tmp_path / "broken.jsonl")


def test_metrics_are_json_and_hold_no_success_before_the_end(tmp_path: Path) -> None:
    done = summarize(Synthetic().write(tmp_path)).to_json()

    assert orjson.loads(orjson.dumps(done)) == done
    assert done["success"] == 0.75
    assert done["ledger"]["merger/merge"]["calls"] == 1
    assert not_run(Point("alfworld", "fgo", "sim-base", 4, 0), simulated=True).to_json()["success"] is None


def test_memory_stays_flat_over_many_episodes(tmp_path: Path) -> None:
    def peak(n: int) -> int:
        run = Synthetic(optimizer="none", solved=[True])
        path = run.write(tmp_path / str(n))
        long = orjson.loads(path.read_bytes().splitlines()[-2])
        long["phase"], long["trajectory"]["opening"] = "explore", "x" * 5000
        line = orjson.dumps(long) + b"\n"
        with path.open("ab") as file:
            for _ in range(n):
                file.write(line)
        tracemalloc.start()
        summarize(path)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(2000) < peak(20) + 100_000
