"""A synchronous engine beside the event loop: it runs in a thread of its own, and what it asks of us runs in the loop.

Engines catch exceptions and go on. So nothing of ours is raised through them but `Halt`, a BaseException that says only
"end": what really happened is kept here and raised once the engine has ended.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Halt(BaseException):
    """Ends an engine from within. A BaseException, so that no engine's `except Exception` swallows it."""


class Bridge:
    """Use from a running event loop, one a run of an engine: `await bridge.drive(engine)`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()  # threads begin with none
        self._under_way: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._over = False

    async def drive(self, engine: Callable[[], None]) -> None:
        """Run the engine to its end, in a thread that is gone on return.

        Raises what one of our calls or the engine failed with; CancelledError after the engine was stopped for it.
        """
        ended: asyncio.Future[BaseException | None] = self._loop.create_future()

        def body() -> None:
            outcome: BaseException | None = None
            try:
                engine()
            except Halt:
                pass
            except BaseException as error:
                outcome = error
            self._loop.call_soon_threadsafe(ended.set_result, outcome)

        context = self._context.copy()
        thread = threading.Thread(target=context.run, args=(body,), name="optimizer-engine", daemon=True)
        thread.start()
        cancelled = False
        while not ended.done():
            try:
                await asyncio.shield(ended)
            except asyncio.CancelledError:
                cancelled = True
                self._stop()
        thread.join()
        self._stop()
        if self._under_way:
            await asyncio.wait(self._under_way)
        if cancelled:
            raise asyncio.CancelledError
        outcome = self._failure or ended.result()
        if outcome is not None:
            raise outcome

    def call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """From the engine's thread: the result of a coroutine that runs in the loop. Raises Halt where it fails, and
        ever after."""
        if self._over:
            raise Halt
        result: Future[T] = Future()
        self._loop.call_soon_threadsafe(self._start, work, result)
        return result.result()

    @contextmanager
    def ours(self) -> Iterator[None]:
        """Code of ours that an engine calls back: its errors end the engine instead of being taken for a bad score."""
        try:
            yield
        except Halt:
            raise
        except BaseException as error:
            self._end(error)
            raise Halt from error

    def _start(self, work: Callable[[], Coroutine[Any, Any, T]], result: Future[T]) -> None:
        task = self._loop.create_task(self._carry(work, result), context=self._context.copy())
        self._under_way.add(task)

        def settle(done: asyncio.Task[None]) -> None:
            self._under_way.discard(done)
            if not result.done():  # cancelled before it began
                result.set_exception(Halt())

        task.add_done_callback(settle)

    async def _carry(self, work: Callable[[], Coroutine[Any, Any, T]], result: Future[T]) -> None:
        try:
            if self._over:  # stopped while this was on its way
                raise Halt
            value = await work()
        except BaseException as error:
            self._end(error)
            result.set_exception(Halt())
        else:
            result.set_result(value)

    def _end(self, error: BaseException) -> None:
        self._over = True
        if self._failure is None and not isinstance(error, Halt | asyncio.CancelledError):
            self._failure = error

    def _stop(self) -> None:
        self._over = True
        for task in self._under_way:
            task.cancel()
