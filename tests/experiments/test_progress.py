from __future__ import annotations

import io
import os
import pty

from experiments.progress import Progress
from tests.experiments.synthetic import Synthetic, attempt


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_without_a_terminal_a_plain_line_comes_at_most_every_ten_seconds() -> None:
    run, out = Synthetic(pace=1.0), io.StringIO()
    clock = Clock(run.started)
    with Progress("alfworld fgo", simulated=True, stream=out, clock=clock) as progress:
        progress.expect(10)
        for event in run.events():
            clock.now = event["at"]
            progress.observe(event)
    lines = out.getvalue().splitlines()
    seconds = len(run.events()) - 1

    assert len(lines) == seconds // 10 + 1
    assert all(line.startswith("alfworld fgo SIMULATED: ") for line in lines)
    assert "\x1b" not in out.getvalue()


def test_the_line_tells_episodes_success_by_phase_tokens_and_dollars() -> None:
    run, out = Synthetic(cached=True), io.StringIO()
    with Progress("p", simulated=False, stream=out, clock=Clock(run.started)) as progress:
        progress.expect(10)
        for event in [*run.events(), attempt()]:
            progress.observe(event)
    line = out.getvalue().splitlines()[-1]

    assert line.startswith("p: test | 10/10 episodes | explore 1/4 won | validate 2/2 won | test 3/4 won | ")
    assert "6,650 tokens | $0.0013 (paid $0.0100)" in line
    assert "left" not in line


def test_time_left_is_told_by_the_pace_of_this_session_alone() -> None:
    earlier, later = Synthetic(optimizer="none", pace=0.0), Synthetic(optimizer="none", started=1_700_009_000.0)
    clock = Clock(later.started)
    progress = Progress("p", simulated=False, stream=io.StringIO(), clock=clock)
    progress.expect(4 + 4 + 8)
    for event in earlier.events():
        progress.observe(event)
    assert "left" not in progress.line()

    for event in later.events():
        progress.observe(event)
    clock.now = later.started + 40.0
    assert progress.line().endswith("1:20 left")


def test_more_episodes_than_announced_are_simply_counted() -> None:
    progress = Progress("p", simulated=False, stream=io.StringIO(), clock=Clock(0.0))
    progress.expect(2)
    for event in Synthetic(optimizer="none").events():
        progress.observe(event)

    assert "| 4 episodes |" in progress.line()
    assert "left" not in progress.line()


def test_failed_tries_are_told_and_are_no_episodes() -> None:
    progress = Progress("p", simulated=False, stream=io.StringIO(), clock=Clock(0.0))
    failure = {
        "kind": "failure",
        "at": 0.0,
        "episode": "e",
        "phase": "test",
        "task_id": "t",
        "status": "provider_error",
    }
    progress.observe({**failure, "error": "503"})

    assert "0/0 episodes" in progress.line()
    assert "1 failed tries" in progress.line()


def test_on_a_terminal_one_line_is_kept_up_to_date() -> None:
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as terminal:
        clock = Clock(1_700_000_000.0)
        with Progress("p", simulated=False, stream=terminal, clock=clock) as progress:
            for event in Synthetic(optimizer="none").events():
                clock.now += 1.0
                progress.observe(event)
        terminal.flush()
        shown = os.read(reader, 1 << 16).decode()
    os.close(reader)

    assert "4 episodes" in shown
    assert "\x1b[2K" in shown  # the line before was erased
