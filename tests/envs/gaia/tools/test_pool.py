"""Reader processes: their limits, that they are used again, and that nothing of one file shows in the next."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from envs.base import EnvironmentFailure
from envs.gaia.tools.pool import Answer, ReaderLimits, ReaderPool, Request
from envs.toolbox import ToolError
from tests.envs.gaia.tools.kits import reading
from tests.envs.gaia.tools.samples import zipped

NOTE = Request("note.txt", b"hello")
HUNGRY = Request("many.json", b"[" + b"{}," * 7_000_000 + b"{}]")  # some 600 MB of dicts
SLOW = Request("links.html", b"<p>" + b"<a href='/x'>y</a> " * 300_000)


def children() -> set[int]:
    """The processes that this one has started and that run."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def test_a_file_that_takes_too_much_computing_is_given_up_and_the_pool_goes_on() -> None:
    started = time.monotonic()  # generous below: the limit is of computing, and the machine may be busy
    slow, note = reading(SLOW, NOTE, limits=ReaderLimits(seconds=0.4))

    assert slow == "links.html could not be read: it takes more than 0.4 s of computing"
    assert isinstance(note, Answer)
    assert note.text == "hello"
    assert time.monotonic() - started < 60


def test_a_file_that_takes_too_much_memory_is_given_up_and_the_pool_goes_on() -> None:
    first, note, again = reading(HUNGRY, NOTE, HUNGRY, limits=ReaderLimits(memory_mb=512))

    assert first == again == "many.json could not be read: it takes more than 512 MB of memory"
    assert isinstance(note, Answer)


def test_reading_reports_its_computing() -> None:
    (answer,) = reading(Request("links.html", SLOW.data[:40_000]))

    assert isinstance(answer, Answer)
    assert 0 < answer.cpu < 10
    assert answer.kind == "page"


def test_one_process_reads_file_after_file_and_ends_with_its_pool() -> None:
    before = children()

    async def read() -> None:
        async with ReaderPool(2) as pool:
            assert children() == before  # none before it is needed
            for _ in range(5):
                await pool.read(NOTE)
            assert len(children() - before) == 1
            await asyncio.gather(*(pool.read(NOTE) for _ in range(8)))
            assert len(children() - before) == 2
        assert children() == before
        await pool.close()
        with pytest.raises(EnvironmentFailure, match="closed"):
            await pool.read(NOTE)

    asyncio.run(read())


def test_a_file_is_read_once_more_where_a_used_process_has_died() -> None:
    before = children()

    async def read() -> None:
        async with ReaderPool(1) as pool:
            await pool.read(NOTE)
            (worker,) = children() - before
            os.kill(worker, signal.SIGKILL)
            assert (await pool.read(NOTE)).text == "hello"
            assert worker not in children()

    asyncio.run(read())


def test_a_process_that_dies_over_a_file_is_the_files_fault() -> None:
    before = children()

    async def read() -> None:
        async with ReaderPool(1) as pool:
            task = asyncio.create_task(pool.read(SLOW))
            while not children() - before:
                await asyncio.sleep(0.01)
            (worker,) = children() - before
            os.kill(worker, signal.SIGSEGV)
            with pytest.raises(
                ToolError, match=r"links.html could not be read: the program .* failed on it \(status -11\)"
            ):
                await task

    asyncio.run(read())


def test_a_cancelled_reading_ends_its_process_and_leaves_the_pool_usable() -> None:
    before = children()

    async def read() -> None:
        async with ReaderPool(1) as pool:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await pool.read(SLOW)
            assert children() == before
            assert (await pool.read(NOTE)).text == "hello"

    asyncio.run(read())


def test_a_reader_process_has_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    before = children()

    async def read() -> None:
        async with ReaderPool(1) as pool:
            await pool.read(NOTE)
            (worker,) = children() - before
            assert "sk-secret" not in environment(worker)

    asyncio.run(read())


def test_a_member_is_handed_out_as_it_is() -> None:
    async def extract() -> bytes:
        async with ReaderPool(1) as pool:
            return await pool.extract(Request("a.zip", zipped({"b.bin": bytes(range(256))}), member="b.bin"))

    assert asyncio.run(extract()) == bytes(range(256))


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"memory_mb": 100}, {"recognition_seconds": -1}])
def test_limits_that_make_no_sense_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected positive seconds"):
        ReaderLimits(**limits)  # type: ignore[arg-type]
