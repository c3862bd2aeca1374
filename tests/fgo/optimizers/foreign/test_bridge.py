from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable

import pytest

from fgo.optimizers.foreign.bridge import Bridge, Halt

NAME = contextvars.ContextVar("NAME", default="nobody")


async def answer() -> str:
    await asyncio.sleep(0)
    return NAME.get()


async def fail() -> str:
    raise OSError("the disk is full")


def drive(engine: Callable[[Bridge], None]) -> None:
    async def main() -> None:
        NAME.set("the run")
        bridge = Bridge()
        await bridge.drive(lambda: engine(bridge))

    before = set(threading.enumerate())
    asyncio.run(main())
    assert set(threading.enumerate()) == before


def test_what_an_engine_asks_for_runs_in_the_loop_with_the_runs_context() -> None:
    heard: list[object] = []

    def engine(bridge: Bridge) -> None:
        heard.extend([bridge.call(answer), NAME.get(), threading.current_thread() is threading.main_thread()])

    drive(engine)
    assert heard == ["the run", "the run", False]


def test_an_engine_that_swallows_everything_is_told_again_and_the_error_is_raised_after_it() -> None:
    told: list[type[BaseException]] = []

    def engine(bridge: Bridge) -> None:
        for work in (fail, answer, answer):
            try:
                bridge.call(work)
            except BaseException as error:
                told.append(type(error))

    with pytest.raises(OSError, match="the disk is full"):
        drive(engine)
    assert told == [Halt, Halt, Halt]


def test_an_error_in_code_that_an_engine_calls_back_is_no_error_of_the_engine() -> None:
    def engine(bridge: Bridge) -> None:
        try:
            with bridge.ours():
                raise KeyError("a bug of ours")
        except Exception:
            pytest.fail("an engine could swallow it")

    with pytest.raises(KeyError, match="a bug of ours"):
        drive(engine)


def test_what_an_engine_itself_fails_with_is_raised() -> None:
    def engine(bridge: Bridge) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drive(engine)


def test_an_engine_may_end_itself() -> None:
    def engine(bridge: Bridge) -> None:
        raise Halt

    drive(engine)


@pytest.mark.parametrize("waits", [True, False])
def test_cancelled_the_engine_is_stopped_whether_it_waits_or_computes(waits: bool) -> None:
    began, ended = threading.Event(), threading.Event()

    async def forever() -> None:
        began.set()
        await asyncio.sleep(1000)

    def engine(bridge: Bridge) -> None:
        try:
            if waits:
                bridge.call(forever)
            began.set()
            while True:
                time.sleep(0.01)
                bridge.call(answer)
        finally:
            ended.set()

    async def main() -> None:
        bridge = Bridge()
        work = asyncio.create_task(bridge.drive(lambda: engine(bridge)))
        await asyncio.to_thread(began.wait)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert ended.is_set()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
