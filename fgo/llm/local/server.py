"""Starts a model's server, watches its health, starts it again where it ended, and ends it."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import fgo

PROGRAM = (sys.executable, "-m", "fgo.llm.local.serve")
"""What serves; takes the arguments of `serve.main`, writes a line `serving ... on URL`, and ends with its standard input."""

_ADDRESS = re.compile(rb"^serving .* on (http://127\.0\.0\.1:\d+)$", re.MULTILINE)
_HEALTH_SECONDS = 10.0  # within which a server that is alive answers, busy or not
_POLL_SECONDS = 0.1
_TAIL_LINES = 6
_log = logging.getLogger(__name__)


class ServerDown(Exception):
    """The server can't be started (again). Says why, and where its log is."""


class LocalServer:
    """One server process, started when it is first needed.

    arguments: of PROGRAM. log: a file that its output is appended to. report: takes, by name, the facts of each start and loss.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        start_seconds: float,
        restarts: int,
        report: Callable[..., None],
    ) -> None:
        self._arguments, self._log, self._start_seconds = tuple(arguments), log, start_seconds
        self._restarts_left = self._restarts = restarts
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""
        self._suspect = False
        self._gave_up = ""
        self._lock = asyncio.Lock()

    async def ready(self) -> str:
        """The address of the running server. Raises ServerDown, and again at once ever after."""
        async with self._lock:
            if self._gave_up:
                raise ServerDown(self._gave_up)
            try:
                if self._process is None:
                    await self._start()
                elif not await self._alive(self._process):
                    await self._start_again(self._process)
            except ServerDown as error:
                self._gave_up = str(error)
                raise
            return self._url

    def suspect(self) -> None:
        """A request failed in a way that a dead or hung server may explain: look before the next."""
        self._suspect = True

    async def stop(self) -> None:
        """End the process, if there is one. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(_end, process)

    async def _alive(self, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            return False
        if self._suspect:
            self._suspect = not await _healthy(self._url, _HEALTH_SECONDS)
        return not self._suspect

    async def _start_again(self, dead: subprocess.Popen[bytes]) -> None:
        status = dead.poll()
        how = "does not answer" if status is None else f"ended with status {status}"
        self._report(what="lost", pid=dead.pid, how=how)
        await self.stop()
        if self._restarts_left == 0:
            raise ServerDown(
                f"the model's server {how}, after {self._restarts} restarts (model.server.restarts); its log is {self._log}. "
                f"The same command goes on where it stopped.{self._tail()}"
            )
        self._restarts_left -= 1
        _log.warning("the model's server %s; it is started again, its log is %s", how, self._log)
        await self._start()

    async def _start(self) -> None:
        began = time.monotonic()
        process, offset = self._spawn()
        try:
            self._url = await self._answering(process, offset, began + self._start_seconds)
        except BaseException:
            await asyncio.to_thread(_end, process)
            raise
        self._process, self._suspect = process, False
        seconds = round(time.monotonic() - began, 3)
        self._report(what="started", pid=process.pid, seconds=seconds, log=self._log.name)

    def _spawn(self) -> tuple[subprocess.Popen[bytes], int]:
        """The process, and where its part of the log begins."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            offset = log.tell()
            process = subprocess.Popen(
                [*PROGRAM, *self._arguments], stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
                env=_environment(), start_new_session=True,  # Ctrl-C is the run's affair, which then ends this one
            )  # fmt: skip
        return process, offset

    async def _answering(self, process: subprocess.Popen[bytes], offset: int, deadline: float) -> str:
        """The address, once the server says that it is healthy."""
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerDown(
                    f"the model's server ended with status {process.returncode} before it was ready; its log is "
                    f"{self._log}.{self._tail()}"
                )
            with self._log.open("rb") as log:
                log.seek(offset)
                found = _ADDRESS.search(log.read())
            if found and await _healthy(url := found[1].decode(), max(0.1, deadline - time.monotonic())):
                return url
            await asyncio.sleep(_POLL_SECONDS)
        raise ServerDown(
            f"the model's server was not ready within {self._start_seconds:g} s (model.server.start_seconds); its log is "
            f"{self._log}.{self._tail()}"
        )

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
        return "".join(f"\n  {line}" for line in lines)


def _environment() -> dict[str, str]:
    """This process' own, with the package where the server's process finds it."""
    root = str(Path(fgo.__file__).parent.parent)
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{path}" if path else root}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, by the end of its input; then make it."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _healthy(url: str, seconds: float) -> bool:
    """Whether GET URL/health answers 200 within some seconds."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200" in status
