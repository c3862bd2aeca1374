"""Plays many games at once in a few worker processes, behind an async interface.

    async with GamePool(workers=2) as pool:
        game = await pool.open(path)
        state = await game.reset()
        state = await game.step("look")
        await game.close()

Every worker has many games open and answers in the order it was asked. Workers start when they are needed, are replaced
when they have opened `recycle_after` games, and end with their parent, however that ends. A replaced worker lives on until
its last game is closed, so for that time there may be more processes than `workers`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections import deque
from pathlib import Path
from typing import Any

import orjson

import envs
from envs.alfworld.engine.game import GameState
from envs.base import EnvironmentFailure

_LONGEST_ANSWER = 1 << 26  # bytes; asyncio's own limit for a line is 64 KiB
_LONGEST_WAIT = 60  # seconds; answers take milliseconds, and wait for those of the worker's other games


class GamePool:
    """Belongs to the event loop it is first used in. `close` it, or use it as an async context."""

    def __init__(self, workers: int, recycle_after: int = 1000) -> None:
        """workers: processes at most that new games are opened in. recycle_after: games opened in one before it is replaced."""
        if workers < 1 or recycle_after < 1:
            raise ValueError(f"workers and recycle_after must be at least 1, got {workers} and {recycle_after}")
        self._most = workers
        self._recycle_after = recycle_after
        self._workers: list[_Worker] = []
        self._retired: list[_Worker] = []
        self._numbers = itertools.count()
        self._starting = asyncio.Lock()
        self._closed = False

    async def open(self, game_file: Path) -> Game:
        """Load a game in the least loaded worker. Raises EnvironmentFailure, naming the file if it can't be played."""
        worker = await self._least_loaded()
        number = next(self._numbers)
        worker.open_games += 1
        worker.opened += 1
        try:
            await worker.ask("open", number, _absolute(game_file))
        except BaseException:
            self._release(worker, number)
            raise
        return Game(self, worker, number)

    async def close(self) -> None:
        """End the workers. Games still open fail from then on. Safe to call twice."""
        self._closed = True
        workers, self._workers, self._retired = self._workers + self._retired, [], []
        await asyncio.gather(*(worker.kill() for worker in workers))

    async def __aenter__(self) -> GamePool:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _least_loaded(self) -> _Worker:
        async with self._starting:
            if self._closed:
                raise EnvironmentFailure("the ALFWorld game pool is closed")
            for worker in [
                worker for worker in self._workers if not worker.alive or worker.opened >= self._recycle_after
            ]:
                self._workers.remove(worker)
                self._retired.append(worker)
            await self._bury()
            best = min(self._workers, key=lambda worker: worker.open_games, default=None)
            if best is None or (best.open_games and len(self._workers) < self._most):
                best = await _Worker.start()
                self._workers.append(best)
            return best

    async def _bury(self) -> None:
        done = [worker for worker in self._retired if not worker.alive or not worker.open_games]
        for worker in done:
            self._retired.remove(worker)
            await worker.kill()

    def _release(self, worker: _Worker, number: int) -> None:
        worker.open_games -= 1
        worker.tell("close", number)


class Game:
    """One open game. Used by one coroutine at a time; raises EnvironmentFailure where its worker is gone."""

    def __init__(self, pool: GamePool, worker: _Worker, number: int) -> None:
        self._pool = pool
        self._worker = worker
        self._number = number
        self._closed = False
        self.admissible: tuple[str, ...] = ()  # in the state that was answered last

    async def reset(self) -> GameState:
        """Start from the beginning."""
        return self._seen(_state(await self._ask("reset")))

    async def step(self, command: str) -> GameState:
        """Carry a command out. Any text is allowed: what is not admissible is answered with "Nothing happens."."""
        return self._seen(_state(await self._ask("step", command.encode("utf-8", "replace").decode())))

    async def close(self) -> None:
        """Give its worker's memory back. Safe to call twice, and where the worker is gone."""
        if not self._closed:
            self._closed = True
            self._pool._release(self._worker, self._number)

    def _seen(self, state: GameState) -> GameState:
        self.admissible = state.admissible_commands
        return state

    async def _ask(self, kind: str, *arguments: str) -> Any:
        if self._closed:
            raise EnvironmentFailure("this ALFWorld game is closed")
        return await self._worker.ask(kind, self._number, *arguments)


class _Worker:
    """A worker process (envs/alfworld/engine/worker.py) and the answers it owes, in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.open_games = 0
        self.opened = 0
        self._process = process
        self._owed: deque[asyncio.Future[Any]] = deque()
        self._failure = ""
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls) -> _Worker:
        root = str(Path(envs.__path__[0]).parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # else a json.py in the folder that the user works in would be imported instead of Python's
            "-m",
            "envs.alfworld.engine.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            limit=_LONGEST_ANSWER,
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        return not self._failure

    async def ask(self, kind: str, number: int, *arguments: str) -> Any:
        """The answer. Raises EnvironmentFailure where the request fails, or the worker ends or takes too long."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._send(answer, kind, number, *arguments)
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                return await answer
        except TimeoutError:
            self._end(f"there was no answer for {_LONGEST_WAIT} s to {kind!r}")
            raise self._ended() from None

    def tell(self, kind: str, number: int, *arguments: str) -> None:
        """Ask without waiting for the answer, or caring for it."""
        if self.alive:
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            answer.cancel()
            self._send(answer, kind, number, *arguments)

    async def kill(self) -> None:
        self._end("its game pool was closed")
        await self._process.wait()
        await self._reading

    def _send(self, answer: asyncio.Future[Any], *request: str | int) -> None:
        if self._failure:
            raise self._ended()
        assert self._process.stdin is not None
        try:
            line = orjson.dumps(request) + b"\n"
        except TypeError as error:  # A path that is no UTF-8, say.
            raise EnvironmentFailure(f"ALFWorld workers can't be asked {request!r}: {error}") from error
        self._owed.append(answer)  # Only now: an answer that is owed must be one that was asked for.
        self._process.stdin.write(line)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        reason = ""
        try:
            while line := await self._process.stdout.readline():
                succeeded, value = orjson.loads(line)  # Where this fails, whoever asked is still owed, and told below.
                answer = self._owed.popleft()
                if answer.done():
                    continue  # Whoever asked was cancelled.
                if succeeded:
                    answer.set_result(value)
                else:
                    answer.set_exception(EnvironmentFailure(f"ALFWorld game: {value}"))
        except Exception as error:
            reason = f", {type(error).__name__}: {error}"
        if reason and self._process.returncode is None:
            self._process.kill()
        status = await self._process.wait()
        self._fail(f"exit status {status}{reason}")

    def _end(self, reason: str) -> None:
        self._fail(reason)
        if self._process.returncode is None:
            self._process.kill()

    def _fail(self, reason: str) -> None:
        self._failure = self._failure or reason
        while self._owed:
            answer = self._owed.popleft()
            if not answer.done():
                answer.set_exception(self._ended())

    def _ended(self) -> EnvironmentFailure:
        return EnvironmentFailure(f"ALFWorld worker {self._process.pid} has ended: {self._failure}")


def _absolute(path: Path) -> str:
    return str(Path.cwd() / path)  # Workers stay in the folder they were started in.


def _state(fields: list[Any]) -> GameState:
    observation, won, done, score, commands = fields
    return GameState(observation, won, done, score, tuple(commands))
