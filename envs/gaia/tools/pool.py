"""Reads files in a few worker processes that are started when needed, kept, and ended when a file takes too much of them.

What a file yields must not depend on what was read before it: where a used worker runs out of memory or dies, the file is
read once more in a fresh one.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import envs
from envs.base import EnvironmentFailure
from envs.toolbox import ToolError
from fgo.types import Json

_LONGEST_ANSWER = 1 << 28  # bytes; asyncio's own limit for a line is 64 KiB
_PATIENCE = 6  # wall time over CPU time after which a worker is given up: other processes may have the cores
_RECYCLE_AFTER = 200  # readings in one process, which bounds what libraries leak
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")  # no keys


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """Of one reading. seconds: CPU time; recognition_seconds: more of it for the writing in a picture; memory_mb: address
    space of the process."""

    seconds: float = 10.0
    recognition_seconds: float = 60.0
    memory_mb: int = 2048

    def __post_init__(self) -> None:
        if self.seconds <= 0 or self.recognition_seconds <= 0 or self.memory_mb < 512:
            raise ValueError(f"{self}: expected positive seconds and at least 512 MB of memory")


@dataclass(frozen=True, slots=True)
class Request:
    """A file to read. See `readers.source.Source`; `member` is one in an archive, with "!" between nested ones."""

    name: str
    data: bytes
    member: str = ""
    sheet: str = ""
    url: str = ""
    media: str = ""
    recognise: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """text: what the agent sees. kind: the reader's. cpu: seconds that it took, all tries together."""

    text: str
    kind: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    cpu: float = 0.0


class _Breach(Exception):
    """A reading needed more than it may have. `fresh`: whether its worker had read nothing before; `timed`: too much time."""

    def __init__(self, message: str, fresh: bool, cpu: float = 0.0, timed: bool = False) -> None:
        super().__init__(message)
        self.fresh, self.cpu, self.timed = fresh, cpu, timed


class ReaderPool:
    """Belongs to the event loop it is first used in. `close` it, or use it as an async context."""

    def __init__(self, workers: int = 2, limits: ReaderLimits = ReaderLimits()) -> None:
        if workers < 1:
            raise ValueError(f"workers={workers}: expected at least 1")
        self._slots = asyncio.Semaphore(workers)
        self._limits = limits
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False

    async def read(self, request: Request) -> Answer:
        """The file as text. Raises ToolError, which says why, for one that can't be read within the limits."""
        answer = await self._ask("read", request)
        return Answer(answer["text"], answer["kind"], answer["facts"], answer["cpu"])

    async def extract(self, request: Request) -> bytes:
        """A member's bytes. Raises ToolError."""
        return base64.b64decode((await self._ask("extract", request))["data"])

    async def close(self) -> None:
        """End the workers. Safe to call twice."""
        self._closed = True
        self._idle.clear()
        await asyncio.gather(*(worker.kill() for worker in list(self._all)))
        self._all.clear()

    async def __aenter__(self) -> ReaderPool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ask(self, operation: str, request: Request) -> dict[str, Any]:
        async with self._slots:
            spent = 0.0
            try:
                answer = await self._try(operation, request)
            except _Breach as breach:
                if breach.fresh or breach.timed:
                    raise ToolError(f"{request.name} could not be read: {breach}") from breach
                spent = breach.cpu
                try:
                    answer = await self._try(operation, request, fresh=True)
                except _Breach as again:
                    raise ToolError(f"{request.name} could not be read: {again}") from again
        answer["cpu"] += spent
        if "problem" in answer:
            raise ToolError(f"{request.name} could not be read: {answer['problem']}")
        return answer

    async def _try(self, operation: str, request: Request, fresh: bool = False) -> dict[str, Any]:
        if self._closed:
            raise EnvironmentFailure("the pool of file readers is closed")
        worker = self._idle.pop() if self._idle and not fresh else await _Worker.start(self._limits)
        self._all.add(worker)
        try:
            answer = await worker.ask(operation, request)
            if "memory" in answer:
                raise _Breach(
                    f"it takes more than {self._limits.memory_mb} MB of memory", worker.readings == 1, answer["cpu"]
                )
        except BaseException:  # Cancelled too: the worker is still reading.
            await self._end(worker)
            raise
        if worker.readings >= _RECYCLE_AFTER or self._closed:
            await self._end(worker)
        else:
            self._idle.append(worker)
        return answer

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.kill()


class _Worker:
    """A worker process (envs/gaia/tools/worker.py), asked one thing at a time."""

    def __init__(self, process: asyncio.subprocess.Process, limits: ReaderLimits) -> None:
        self.readings = 0
        self._process = process
        self._limits = limits

    @classmethod
    async def start(cls, limits: ReaderLimits) -> _Worker:
        root = str(Path(envs.__path__[0]).parent)
        paths = [root, *(str(Path.cwd() / path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # else a json.py in the folder that the user works in would be imported instead of Python's
            "-m",
            "envs.gaia.tools.worker",
            str(limits.memory_mb),
            str(limits.seconds),
            str(limits.recognition_seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # what native libraries complain of in files is in the answers
            env={**kept, **one_thread, "PYTHONPATH": os.pathsep.join(paths)},
            cwd=tempfile.gettempdir(),
            limit=_LONGEST_ANSWER,
        )
        return cls(process, limits)

    async def ask(self, operation: str, request: Request) -> dict[str, Any]:
        """The answer. Raises _Breach where the worker ends or takes too long over it."""
        self.readings += 1
        fresh = self.readings == 1
        longest = _PATIENCE * max(self._limits.seconds, self._limits.recognition_seconds)
        header = {"operation": operation, "size": len(request.data)}
        header |= {name: getattr(request, name) for name in ("name", "member", "sheet", "url", "media", "recognise")}
        started = time.monotonic()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(longest):
                self._process.stdin.write(json.dumps(header).encode() + b"\n" + request.data)
                await self._process.stdin.drain()
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise _Breach(f"it takes more than {longest:.0f} s", fresh, timed=True) from None
        except (ConnectionError, ValueError):
            line = b""
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        status = await self._process.wait()
        if status == -signal.SIGPROF:
            raise _Breach(
                f"it takes more than {self._limits.seconds:g} s of computing", fresh, self._limits.seconds, True
            )
        raise _Breach(
            f"the program that reads such files failed on it (status {status})", fresh, time.monotonic() - started
        )

    async def kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.communicate()  # So that its pipes are closed before their event loop is.
