"""The life of a model's server, with a fake in its place."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from fgo.llm.local import server as server_module
from fgo.llm.local.provider import LocalProvider
from fgo.llm.local.server import LocalServer, ServerDown
from fgo.llm.provider import AttemptFailed, Completion
from fgo.llm.types import ProviderUnavailable, Request
from fgo.types import Json, Usage


def in_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        async def whole() -> None:
            await test(*args, **kwargs)

        asyncio.run(whole())

    return run


REAL = server_module.PROGRAM
FAKE = (sys.executable, "-m", "tests.fgo.llm.local.fake_server")


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "PROGRAM", FAKE)


def _server(folder: Path, seconds: float = 30, restarts: int = 2) -> tuple[LocalServer, list[dict[str, Json]]]:
    events: list[dict[str, Json]] = []
    log = folder / "run" / "server.log"
    return LocalServer(["model.gguf"], log, seconds, restarts, lambda **facts: events.append(facts)), events


def _gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
        except FileNotFoundError:
            return True
        if state == "Z" and threads <= 1:  # ended with all its threads, its parent has not looked yet
            return True
        time.sleep(0.05)
    return False


@in_a_loop
async def test_it_starts_once_for_all_who_ask_and_ends_when_stopped(tmp_path: Path) -> None:
    server, events = _server(tmp_path)
    urls = await asyncio.gather(*(server.ready() for _ in range(5)))
    assert len(set(urls)) == 1
    assert [event["what"] for event in events] == ["started"]
    assert "serving model.gguf on" in (tmp_path / "run" / "server.log").read_text()
    await server.stop()
    await server.stop()
    assert _gone(events[0]["pid"])


@in_a_loop
async def test_one_that_ended_is_started_again_and_both_are_reported(tmp_path: Path) -> None:
    server, events = _server(tmp_path)
    await server.ready()
    os.kill(events[0]["pid"], signal.SIGKILL)
    assert _gone(events[0]["pid"])
    await server.ready()
    assert [event["what"] for event in events] == ["started", "lost", "started"]
    assert events[1]["how"] == "ended with status -9"
    await server.stop()


@in_a_loop
async def test_one_that_hangs_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_HEALTH_SECONDS", 0.3)
    server, events = _server(tmp_path)
    await server.ready()
    os.kill(events[0]["pid"], signal.SIGSTOP)
    server.suspect()
    await server.ready()
    assert events[1] == {"what": "lost", "pid": events[0]["pid"], "how": "does not answer"}
    assert _gone(events[0]["pid"])
    await server.stop()


@in_a_loop
async def test_a_suspect_that_is_well_goes_on(tmp_path: Path) -> None:
    server, events = _server(tmp_path)
    url = await server.ready()
    server.suspect()
    assert await server.ready() == url
    assert len(events) == 1
    await server.stop()


@in_a_loop
async def test_it_is_not_started_again_for_ever(tmp_path: Path) -> None:
    server, events = _server(tmp_path, restarts=1)
    for _ in range(2):
        await server.ready()
        pid = [event["pid"] for event in events if event["what"] == "started"][-1]
        os.kill(pid, signal.SIGKILL)
        assert _gone(pid)
    for _ in range(2):  # and says so at once ever after
        with pytest.raises(ServerDown, match=r"after 1 restarts .*server\.log"):
            await server.ready()
    assert [event["what"] for event in events] == ["started", "lost", "started", "lost"]


@in_a_loop
async def test_one_that_ends_before_it_is_ready_is_an_error_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SERVER", "exits")
    server, _ = _server(tmp_path)
    with pytest.raises(ServerDown, match=r"ended with status 1 before it was ready(.|\n)*this file is no model"):
        await server.ready()


@in_a_loop
async def test_one_that_is_not_ready_in_time_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SERVER", "never ready")
    monkeypatch.setenv("FAKE_SERVER_PIDS", str(tmp_path / "pids"))
    server, _ = _server(tmp_path, seconds=3)
    with pytest.raises(ServerDown, match=r"not ready within 3 s \(model\.server\.start_seconds\)"):
        await server.ready()
    assert _gone(int((tmp_path / "pids").read_text()))


def test_it_ends_with_its_parent_even_if_that_is_killed(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import asyncio, sys, time
        from pathlib import Path
        from fgo.llm.local import server
        server.PROGRAM = (sys.executable, "-m", "tests.fgo.llm.local.fake_server")
        started = server.LocalServer(["m"], Path(sys.argv[1]), 30, 0, lambda **facts: print(facts["pid"], flush=True))
        asyncio.run(started.ready())
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "log")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.kill()
    assert _gone(pid)


class _Inner:
    def __init__(self, *outcomes: Completion | AttemptFailed) -> None:
        self.outcomes, self.asked, self.closed = list(outcomes), list[Request](), False

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        self.asked.append(request)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, AttemptFailed):
            raise outcome
        return outcome

    async def close(self) -> None:
        self.closed = True


REQUEST = Request(
    "local/tiny", ({"role": "user", "content": "Go."},), extra={"extra_body": {"served_file": "abc", "min_p": 0.1}}
)


@in_a_loop
async def test_requests_go_to_the_server_and_come_back_under_the_models_own_name(tmp_path: Path) -> None:
    server, events = _server(tmp_path)
    inner = _Inner(Completion("hi", "stop", Usage(3, 1, 2), model="folder/m.gguf"), Completion("ho", "stop", Usage()))
    provider = LocalProvider(inner, {"local/tiny": server})
    assert (await provider.complete(REQUEST, 5)).model == "local/tiny"
    sent = inner.asked[0]
    assert sent.model == "hosted_vllm/tiny"
    assert sent.extra == {"extra_body": {"min_p": 0.1}, "api_base": f"{await server.ready()}/v1"}
    other = Request("openai/x", REQUEST.messages)
    await provider.complete(other, 5)
    assert inner.asked[1] is other
    await provider.close()
    assert inner.closed
    assert _gone(events[0]["pid"])


@in_a_loop
async def test_a_server_that_can_not_be_had_is_an_infrastructure_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SERVER", "exits")
    provider = LocalProvider(_Inner(), {"local/tiny": _server(tmp_path)[0]})
    with pytest.raises(AttemptFailed) as caught:
        await provider.complete(REQUEST, 5)
    assert caught.value.final is ProviderUnavailable
    assert not caught.value.retry


@in_a_loop
async def test_after_a_failed_attempt_the_server_is_looked_at(tmp_path: Path) -> None:
    server, events = _server(tmp_path)
    broken = AttemptFailed("Server disconnected", name="InternalServerError", retry=True)
    provider = LocalProvider(_Inner(broken, Completion("hi", "stop", Usage())), {"local/tiny": server})
    with pytest.raises(AttemptFailed):
        await provider.complete(REQUEST, 5)
    os.kill(events[0]["pid"], signal.SIGKILL)
    assert (await provider.complete(REQUEST, 5)).text == "hi"
    assert [event["what"] for event in events] == ["started", "lost", "started"]
    await provider.close()


@in_a_loop
async def test_a_program_of_the_user_s_own_serves_and_ends_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "PROGRAM", REAL)
    program, pids = tmp_path / "llama-server", tmp_path / "pids"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.fgo.llm.local.fake_program "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("FAKE_SERVER_PIDS", str(pids))
    options = ["--port=0", "--window=100", "--slots=2", "--threads=3", f"--program={program}"]
    server = LocalServer(["model.gguf", *options], tmp_path / "log", 30, 0, lambda **facts: None)
    await server.ready()
    log = (tmp_path / "log").read_text()
    for given in ("--model model.gguf", "--ctx-size 200", "--parallel 2", "--threads 3"):
        assert given in log
    await server.stop()
    assert _gone(int(pids.read_text()))
