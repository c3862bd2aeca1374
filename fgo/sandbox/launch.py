"""Starts a sandbox, talks to it, and makes sure that nothing of it is left. Knows processes and pipes, not Python sessions."""

from __future__ import annotations

import asyncio
import contextlib
import marshal
import os
import platform
import re
import secrets
import signal
import tempfile
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from fgo.sandbox import bubblewrap
from fgo.sandbox.child.files import remove
from fgo.sandbox.child.frames import BadFrame, framed, unpack
from fgo.sandbox.identity import draw_user, hidden
from fgo.sandbox.isolation import isolation
from fgo.sandbox.payload import BOOT, FLAGS, payload
from fgo.sandbox.types import Limit, Refused, SandboxConfig, SandboxError

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds that the supervisor may be late, on a busy machine, before it is killed."""

START_PATIENCE = 60.0
_MARK = "FGO_SANDBOX"
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """How a block went: the limit that ended it ("": none), a message ("": well), both ends of its output, bytes between."""

    limit: Limit
    message: str
    head: bytes
    tail: bytes
    dropped: int

    @staticmethod
    def of(body: bytes) -> Answer:
        """Raises BadFrame: code that got at the supervisor must not get further."""
        parts = unpack(body)
        if len(parts) != 5:
            raise BadFrame(f"an answer of {len(parts)} parts")
        limit = parts[0].decode(errors="replace")
        if limit not in get_args(Limit) or not parts[4].isdigit():
            raise BadFrame(f"an answer of limit {limit[:20]!r} and length {parts[4][:20]!r}")
        message = parts[1].decode("utf-8", "backslashreplace")
        return Answer(cast(Limit, limit), message, parts[2], parts[3], int(parts[4][:18]))


class Child:
    """A running sandbox. Each request has one answer; after an error or a cancellation it must be killed."""

    def __init__(
        self, process: asyncio.subprocess.Process, config: SandboxConfig, scratch: str | None, mark: str
    ) -> None:
        """`scratch`: the working folder on this machine, where there is one (without bubblewrap)."""
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._input, self._output, self._errors = process.stdin, process.stdout, process.stderr
        self._config = config
        self._scratch = scratch
        self._mark = mark
        self._ready = False

    async def answer(self, patience: float) -> Answer | None:
        """The next answer; None where none comes within `patience` seconds.

        Raises SandboxError where the sandbox ended without one.
        """
        try:
            async with asyncio.timeout(patience):
                size = int.from_bytes(await self._output.readexactly(8), "big")
                if size > 10 * self._config.output_chars + (1 << 22):
                    raise BadFrame(f"an answer of {size} bytes")
                return Answer.of(await self._output.readexactly(size))
        except TimeoutError:
            return None
        except asyncio.IncompleteReadError as error:
            if self._scratch is not None and self._ready:  # without bubblewrap, code can do that
                return Answer("exit", "The code, or the machine, ended the sandbox's processes", b"", b"", 0)
            raise SandboxError(f"the sandbox ended without an answer: {await self._said()}") from error
        except BadFrame as error:
            raise SandboxError(f"the sandbox does not keep to its protocol: {error}") from error

    def ask(self, body: bytes) -> None:
        self._input.write(framed(body))

    async def _said(self) -> str:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                said = (await self._errors.read(10_000)).decode(errors="replace").strip()
                return said[-1000:] or f"status {await self._process.wait()}, no message"
        return "no message"

    async def kill(self) -> None:
        """End everything inside and take away what it left. May be called again, and goes on to the end if cancelled."""
        _, cancelled = await _to_the_end(self._kill())
        if cancelled is not None:
            raise cancelled

    async def _kill(self) -> None:
        process = self._process
        self._input.close()
        # Without bubblewrap the supervisor knows best whom to kill. With it, a kill is sure, but not while it sets itself up:
        # its first child would wait for it for ever. At the end of its input a sandbox ends by itself.
        if process.returncode is None and (self._scratch is not None or not self._ready):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(
                    process.pid, signal.SIGKILL
                )  # (Popen.kill would reap, and asyncio too) with bubblewrap, the kernel then ends all of its processes
        await process.wait()
        if self._scratch is not None:  # where its supervisor was killed, others may be left
            await asyncio.to_thread(_clean, self._scratch, self._mark)
        for reader in (self._output, self._errors):  # to its end, or its descriptor would stay open
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    while await reader.read(1 << 16):
                        pass


async def launch(files: Mapping[str, bytes], config: SandboxConfig) -> Child:
    """A new sandbox with these files (checked names) in its working folder, ready for requests.

    Raises Refused without isolation unless the configuration allows it, and SandboxError where it does not start.
    """
    safe = await asyncio.to_thread(isolation)
    if not safe.guarded and config.unguarded == "refuse":
        raise Refused(
            f"Model-written code is not run unprotected: {safe.why} "
            "Or set sandbox.unguarded=allow to run it as your user, without protection of your files."
        )
    mark = secrets.token_hex(16)
    scratch = None if safe.guarded else tempfile.mkdtemp(prefix="sandbox-")
    try:  # asyncio hangs where the start of a process is cancelled
        process, cancelled = await _to_the_end(_start(scratch, config, mark))
    except BaseException:
        if scratch is not None:
            remove(scratch)
        raise
    child = Child(process, config, scratch, mark)
    try:
        if cancelled is not None:
            raise cancelled
        child._input.write(payload())
        child.ask(marshal.dumps(_settings(scratch, config, files)))
        ready = await child.answer(START_PATIENCE)
        if ready is None:
            raise SandboxError(f"the sandbox did not start within {START_PATIENCE:g} s")
        if ready.limit:
            raise SandboxError(f"the sandbox did not start: {ready.message}: {ready.head.decode(errors='replace')}")
        child._ready = True
    except BaseException:
        await child.kill()
        raise
    return child


async def _to_the_end(work: Coroutine[Any, Any, T]) -> tuple[T, asyncio.CancelledError | None]:
    """The result of what must not be left half done; and the cancellation that came meanwhile, for the caller to raise."""
    task = asyncio.ensure_future(work)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    return task.result(), cancelled


async def _start(scratch: str | None, config: SandboxConfig, mark: str) -> asyncio.subprocess.Process:
    program = [str(bubblewrap.interpreter()), *FLAGS, "-c", BOOT]
    environment = {}
    if scratch is None:
        found = bubblewrap.find()
        if found is None:
            raise SandboxError("bubblewrap vanished from the PATH")
        program = bubblewrap.command(found, config.disk_mb * _MB, program)
    else:
        environment = {**bubblewrap.ENVIRONMENT, **bubblewrap.homes(scratch), _MARK: mark}
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            *program, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=scratch or "/", start_new_session=True
        )
    except OSError as error:
        raise SandboxError(f"{program[0]} could not be started: {error}") from error


def _settings(scratch: str | None, config: SandboxConfig, files: Mapping[str, bytes]) -> dict[str, object]:
    user = draw_user()
    python = (str(bubblewrap.interpreter()), *bubblewrap.libraries())
    return {
        "guarded": scratch is None,
        "seconds": float(config.seconds),
        "memory": config.memory_mb * _MB,
        "disk": config.disk_mb * _MB,
        "processes": config.processes,
        "user": user,
        "reading": scratch is not None and any(map(hidden, python)),  # bubblewrap shows it to everybody
        "tasks": _most_tasks(config, user, scratch is None),
        "output": 4 * config.output_chars,  # bytes: UTF-8 needs at most four for a character
        "scratch": scratch or bubblewrap.SCRATCH,
        "libraries": list(bubblewrap.libraries()),
        "files": dict(files),
    }


def _most_tasks(config: SandboxConfig, user: int, guarded: bool) -> int:
    """RLIMIT_NPROC: where the kernel stops what grows faster than the supervisor looks, whose limit is lower.

    The kernel counts all tasks of a user, wherever they are; since Linux 5.14 those of a user namespace apart.
    """
    most = config.processes + 16
    version = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    if user or (guarded and version >= (5, 14)):
        return most
    return most + _tasks_of_this_user() + 144  # room for 64 sessions at once


def _tasks_of_this_user() -> int:
    return sum(len(list(process.glob("task/*"))) for process in Path("/proc").glob("[0-9]*") if _is_ours(process))


def _is_ours(process: Path) -> bool:
    try:
        return process.stat().st_uid == os.getuid()
    except FileNotFoundError:  # it ended
        return False


def _clean(scratch: str, mark: str) -> None:
    """Without bubblewrap, after the code killed its supervisor: find its processes by their environment, and end them."""
    if not Path(scratch).exists():
        return
    wanted = f"{_MARK}={mark}".encode()
    for _ in range(20):
        found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _holds(entry, wanted)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            break
    remove(scratch)


def _holds(process: Path, wanted: bytes) -> bool:
    try:
        return wanted in (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it ended, or belongs to somebody else
        return False
