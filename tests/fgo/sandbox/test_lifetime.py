"""Nothing of a sandbox is left: not after a cancellation, not after the harness itself was killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fgo.sandbox import PythonSession
from tests.fgo.sandbox.conftest import Place
from tests.fgo.sandbox.test_escapes import alive, daemons


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> list[str]:
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended in between
            found += (task / "children").read_text().split()
    return found


def wait_until_gone(mark: str, seconds: float = 10) -> list[str]:
    end = time.monotonic() + seconds
    while (found := alive(mark)) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_sessions_leave_no_process_no_descriptor_and_no_folder(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir(mode=0o711)
    for folder in [scratch, *scratch.parents][:4]:  # pytest's own are closed to others
        with contextlib.suppress(PermissionError):
            folder.chmod(folder.stat().st_mode | 0o011)
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    others = set(children())  # of other tests in this process

    async def go() -> tuple[int, int]:
        async with PythonSession(place.config) as session:  # the first opens what the loop keeps
            await session.start()
        before = descriptors()
        for code in (
            "1",
            "import os; os._exit(1)",
            "import os; os.mkdir('closed', 0); os.mkdir('x'); os.symlink('/', 'x/y')",
        ):
            async with PythonSession(place.config) as session:
                await session.start({"a": b"1"})
                await session.run(code)
        await asyncio.sleep(0.05)
        return before, descriptors()

    before, after = asyncio.run(go())
    assert after <= before
    assert set(children()) <= others
    assert list(scratch.iterdir()) == []


def test_a_cancelled_call_kills_what_it_started_and_the_next_one_starts_anew(place: Place) -> None:
    mark = f"daemon-{os.urandom(6).hex()}"

    async def go() -> str:
        async with PythonSession(place.config) as session:
            await session.start()
            call = asyncio.create_task(session.run(daemons(mark) + "\nimport time\ntime.sleep(60)"))
            while not alive(mark):
                await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert wait_until_gone(mark, 1) == []
            return (await session.run("'again'")).output

    assert asyncio.run(go()).splitlines()[1] == "'again'"


@pytest.mark.parametrize("milliseconds", [0, 1, 4, 10, 25])
def test_a_start_can_be_cancelled_at_any_moment(place: Place, milliseconds: float) -> None:
    async def go() -> None:
        session = PythonSession(place.config)
        start = asyncio.create_task(session.start())
        await asyncio.sleep(milliseconds / 1000)
        start.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await start
        await session.close()
        assert set(children()) <= others

    others = set(children())  # of other tests in this process
    before = descriptors()
    asyncio.run(go())
    assert descriptors() <= before


def test_sixty_four_sessions_run_at_once_while_the_loop_goes_on(place: Place) -> None:
    async def one(number: int) -> str:
        async with PythonSession(place.config) as session:
            await session.start({"n": str(number).encode()})
            await session.run("x = int(open('n').read())")
            return (await session.run("x * 2")).output

    async def go() -> tuple[list[str], float]:
        slowest = 0.0

        async def watch() -> None:
            nonlocal slowest
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.005)
                slowest = max(slowest, time.monotonic() - before)

        watcher = asyncio.create_task(watch())
        outputs = await asyncio.gather(*(one(number) for number in range(64)))
        watcher.cancel()
        return list(outputs), slowest

    outputs, slowest = asyncio.run(go())
    assert outputs == [str(2 * number) for number in range(64)]
    assert slowest < 5  # on a busy machine; no call waits for a child


HARNESS = """
import asyncio, sys
from fgo.sandbox import PythonSession, SandboxConfig
async def go():
    async with PythonSession(SandboxConfig(unguarded="allow", seconds=50)) as session:
        await session.start({"a": b"1"})
        print((await session.run("import os; os.getcwd()")).output, flush=True)
        await session.run(sys.stdin.read())
asyncio.run(go())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_harness_is_killed_its_sandboxes_end(place: Place, how: signal.Signals) -> None:
    mark = f"daemon-{os.urandom(6).hex()}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", HARNESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as harness:
        assert harness.stdin is not None
        assert harness.stdout is not None
        folder = harness.stdout.readline().strip().strip("'")
        harness.stdin.write(daemons(mark) + "\ntime.sleep(50)")
        harness.stdin.close()
        end = time.monotonic() + 20
        while not alive(mark) and time.monotonic() < end:
            time.sleep(0.02)
        assert len(alive(mark)) == 1
        harness.send_signal(how)
    assert wait_until_gone(mark) == []
    if not place.guarded:
        assert folder.startswith("/")
        end = time.monotonic() + 5
        while Path(folder).exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert not Path(folder).exists()
