"""The first process inside a sandbox: starts the worker, hands it blocks of code, and watches that all keep to the limits.

In bubblewrap it is process 1 of its own process namespace: the model's code can't signal it, and when it ends the kernel
ends everything. Elsewhere it is a "subreaper" that finds and kills its descendants itself. It ends with the harness: the
pipe from there breaks.
"""

# contextlib is slow to import
# ruff: noqa: SIM105

from __future__ import annotations

import marshal
import os
import select
import sys
import time

from fgo.sandbox.child.capture import Capture
from fgo.sandbox.child.files import occupied, remove
from fgo.sandbox.child.frames import BadFrame, framed, pack, read_frame, unpack, write_all
from fgo.sandbox.child.kernel import adopt_orphans, hide_memory
from fgo.sandbox.child.processes import (
    SIGCONT,
    descendants,
    end_all,
    memory,
    reap,
    signal,
)
from fgo.sandbox.child.worker import work

TICK = 0.02  # seconds between looks at what the processes use
HURRY = 0.001  # seconds between looks at what the code prints
DISK_TICKS = 10  # files are looked at more rarely: a walk through folders costs
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Supervisor:
    """Serves one worker until it or the harness ends."""

    def __init__(self, settings: dict, requests: int, answers: int) -> None:  # type: ignore[type-arg]
        self.settings = settings
        self.requests = requests
        self.answers = answers
        self.own = os.getpid()
        self.nonce = os.urandom(16)
        self.status: int | None = None
        self.reaped_cpu = 0.0
        self.received = bytearray()
        self.capture = Capture(4000)  # of the start
        self.worker, self.commands, self.results, self.output = self._fork()

    def _fork(self) -> tuple[int, int, int, int]:
        commands, results, output = os.pipe(), os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            for fd in (self.requests, self.answers, commands[1], results[0], output[0]):
                os.close(fd)
            os.dup2(output[1], 1)
            os.dup2(output[1], 2)
            os.close(output[1])
            work(self.settings, commands[0], results[1], self.nonce)
        for fd in (commands[0], results[1], output[1]):
            os.close(fd)
        for fd in (commands[1], results[0], output[0]):
            os.set_blocking(fd, False)
        return pid, commands[1], results[0], output[0]

    def serve(self) -> None:
        """Answer requests until the harness closes the pipe or the worker is gone."""
        first = self._until_result(b"", self.settings["seconds"] + 10)  # the worker's "ready"
        alive = self._answer(*first)
        while alive and (request := read_frame(self.requests)) is not None:
            self.capture = Capture(self.settings["output"])
            signal(self.worker, SIGCONT)
            alive = self._answer(*self._until_result(framed(request), self.settings["seconds"]))

    def _answer(self, limit: str, message: str) -> bool:
        """Tell the harness how a block ended; whether the worker can take another."""
        alone, status = end_all(self.own, spare=self.worker if not limit else 0)
        self._drain()
        if not limit and status is not None:
            limit, message = _farewell(status)
        if not limit and not alone:
            limit, message = "processes", "A process that the code started can't be ended"
        if not limit and self._too_many_files():
            limit, message = self._disk_limit()
        kept = self.capture
        parts = [limit.encode(), message.encode(), kept.head, kept.tail, str(kept.dropped).encode()]
        write_all(self.answers, framed(pack(parts)))
        return not limit

    def _until_result(self, command: bytes, seconds: float) -> tuple[str, str]:
        """Send a command and watch until it is done: ("", problem), or the limit that was hit and a sentence on it."""
        pending = memoryview(command)
        began = time.monotonic()
        cpu = self._cpu() if command else 0.0
        poll = select.poll()
        poll.register(self.requests, 0)
        poll.register(self.results, select.POLLIN)
        poll.register(self.output, select.POLLIN)
        if pending:
            poll.register(self.commands, select.POLLOUT)
        next_look, looks = began + TICK, 0
        drained = 0.0
        while True:
            events = poll.poll(max(0.0, next_look - time.monotonic()) * 1000)
            for fd, event in events:
                if fd == self.requests and event & _GONE:
                    self.end()
                elif fd == self.output:
                    if (
                        time.monotonic() - drained < HURRY
                    ):  # let the pipe fill: to wake for each line costs more than the line
                        time.sleep(HURRY)
                    if not self._drain():
                        poll.unregister(fd)
                    drained = time.monotonic()
                elif fd == self.results:
                    done = self._receive()
                    if done is not None:
                        return done
                elif fd == self.commands:
                    pending = self._send(pending)
                    if not pending:
                        poll.unregister(fd)
            if self.capture.total > self._most_output():
                return "output", "The code printed without end and was stopped"
            now = time.monotonic()
            if now >= next_look:
                looks += 1
                hit = self._look(now - began, cpu, seconds, looks % DISK_TICKS == 0)
                if hit is not None:
                    return hit
                next_look = max(now, next_look) + TICK

    def _most_output(self) -> int:
        return max(16 << 20, 20 * int(self.settings["output"]))

    def _send(self, pending: memoryview) -> memoryview:
        try:
            return pending[os.write(self.commands, pending[: 1 << 16]) :]
        except BlockingIOError:
            return pending
        except BrokenPipeError:  # the worker is gone; the next look says so
            return pending[:0]

    def _drain(self) -> bool:
        """Take what the pipe of outputs holds; False at its end."""
        for _ in range(64):  # then others get their turn
            try:
                data = os.read(self.output, 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.capture.add(data)
        return True

    def _receive(self) -> tuple[str, str] | None:
        """Read the channel of results; None while a frame is not complete. Whatever is no frame ends the worker."""
        try:
            data = os.read(self.results, 1 << 16)
        except BlockingIOError:
            return None
        if not data:
            return self._hung_up()
        self.received += data
        got = self.received
        if not got.startswith(self.nonce[: len(got)]):
            return "channel", "The code wrote to a file descriptor that belongs to the sandbox"
        if len(got) < 24:
            return None
        size = int.from_bytes(got[16:24], "big")
        if size > 1 << 20 or len(got) > 24 + size:
            return "channel", "The code wrote to a file descriptor that belongs to the sandbox"
        if len(got) < 24 + size:
            return None
        try:
            parts = unpack(bytes(got[24:]))
            problem = parts[0].decode() if parts else ""
        except (BadFrame, UnicodeDecodeError):
            return "channel", "The code wrote to a file descriptor that belongs to the sandbox"
        self.received = bytearray()
        return "", problem

    def _hung_up(self) -> tuple[str, str]:
        """The channel is closed: by the worker's end, or by its code."""
        for _ in range(100):
            status, _cpu = reap(self.worker)
            if status is not None:
                return _farewell(status)
            time.sleep(0.002)
        return "channel", "The code closed a file descriptor that belongs to the sandbox"

    def _cpu(self) -> float:
        return self.reaped_cpu + sum(stat.cpu for stat in descendants(self.own).values())

    def _look(self, wall: float, cpu: float, seconds: float, disk: bool) -> tuple[str, str] | None:
        """Which limit is passed, if any."""
        status, ended_cpu = reap(self.worker)
        self.reaped_cpu += ended_cpu
        if status is not None:
            return _farewell(status)
        found = descendants(self.own)
        settings = self.settings
        tasks = sum(stat.tasks for stat in found.values())
        if tasks > settings["processes"]:
            return (
                "processes",
                f"The code had {tasks} processes and threads at one time (limit {settings['processes']})",
            )
        used = memory(found, settings["memory"])
        if used > settings["memory"]:  # what ends during a count leaves its share to others, and may count twice
            used = memory(descendants(self.own), settings["memory"])
        if used > settings["memory"]:
            most = settings["memory"] / 1e6
            return "memory", f"The code's processes used {used / 1e6:.0f} MB of memory (limit {most:.0f})"
        if wall > seconds:
            return "time", f"The code ran longer than {seconds:g} s"
        if self.reaped_cpu + sum(stat.cpu for stat in found.values()) - cpu > seconds:
            return "time", f"The code's processes and threads used more than {seconds:g} s of CPU time together"
        return self._disk_limit() if disk and self._too_many_files() else None

    def _too_many_files(self) -> bool:
        """In bubblewrap the folder itself has a size."""
        return not self.settings["guarded"] and occupied(self.settings["scratch"]) > self.settings["disk"]

    def _disk_limit(self) -> tuple[str, str]:
        return "disk", f"The code's files took more than {self.settings['disk'] / 1e6:.0f} MB"

    def end(self) -> None:
        """Kill everybody below and leave, with no trace."""
        end_all(self.own)
        if not self.settings["guarded"]:
            remove(self.settings["scratch"])
        os._exit(0)


def _farewell(status: int) -> tuple[str, str]:
    """How the worker itself ended."""
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return (
            "exit",
            f"The Python process ended itself (status {code}), as os._exit does, or closing all file descriptors",
        )
    number = os.WTERMSIG(status)
    if number == 24:  # SIGXCPU
        return "time", "The code used more CPU time than it may"
    names = {4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}
    crash = ": a crash in native code, or too deep recursion" if number in (4, 6, 7, 8, 11) else ""
    return "exit", f"The Python process was ended by {names.get(number, f'signal {number}')}{crash}"


def main() -> None:
    """Take over the pipes that are standard input and output here; the settings are the first request."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    first = read_frame(requests)
    if first is None:
        sys.exit(0)
    settings = marshal.loads(first)
    hide_memory(True)
    if not settings["guarded"]:
        adopt_orphans()
        if settings["user"]:
            os.chown(settings["scratch"], settings["user"], settings["user"])
    supervisor = Supervisor(settings, requests, answers)
    del settings["files"]  # the worker has put them down
    try:
        supervisor.serve()
    except BrokenPipeError:  # the harness is gone
        pass
    supervisor.end()
