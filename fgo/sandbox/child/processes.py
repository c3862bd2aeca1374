"""All processes below this one, wherever they hid: how many, what they use, and how to end them.

This process is the first of its process namespace or a "subreaper": whoever loses his parent becomes its child, so a walk
down the tree of children finds him, daemon or not.
"""

# pathlib and contextlib are slow to import
# ruff: noqa: PTH110, PTH208, SIM105

from __future__ import annotations

import os
import time

SIGKILL, SIGCONT, SIGSTOP = 9, 18, 19  # `signal` would double the time to start; the numbers hold on x86, ARM, RISC-V
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_KERNEL_LISTS_CHILDREN = os.path.exists("/proc/thread-self/children")


class Stat:
    """One process: state letter, tasks (threads), CPU seconds with its reaped children's, resident bytes."""

    __slots__ = ("cpu", "parent", "resident", "state", "tasks")

    def __init__(self, line: bytes) -> None:
        fields = line[line.rindex(b")") + 2 :].split()  # the name before may hold anything
        self.state = fields[0]
        self.parent = int(fields[1])
        self.cpu = (int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])) / _TICKS
        self.tasks = int(fields[17])
        self.resident = int(fields[21]) * _PAGE


def read_stat(pid: int) -> Stat | None:
    """None where there is no such process (any more)."""
    data = _read(f"/proc/{pid}/stat")
    return Stat(data) if data else None


def descendants(root: int) -> dict[int, Stat]:
    """Every process below `root`, without it."""
    if not _KERNEL_LISTS_CHILDREN:
        return _descendants_by_parent(root)
    found: dict[int, Stat] = {}
    waiting = _children(root)
    while waiting:
        pid = waiting.pop()
        stat = read_stat(pid)
        if stat is not None and pid not in found:
            found[pid] = stat
            waiting += _children(pid)
    return found


def _descendants_by_parent(root: int) -> dict[int, Stat]:
    """The same from all of /proc, for kernels without lists of children."""
    everybody = {pid: stat for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if (stat := read_stat(pid))}
    found: dict[int, Stat] = {}
    news = [root]
    while news:
        news = [pid for pid, stat in everybody.items() if stat.parent in news and pid not in found]
        found.update((pid, everybody[pid]) for pid in news)
    return found


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # it ended
        return []
    children: list[int] = []
    for thread in threads:
        children += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    return children


def _read(path: str) -> bytes:
    """A file of /proc; b"" where its process has ended."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(fd, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(fd)


def memory(found: dict[int, Stat], limit: int) -> int:
    """Bytes that these processes use together; exact (shared pages once) only where a quick sum exceeds `limit`."""
    resident = sum(stat.resident for stat in found.values())
    if resident <= limit or len(found) == 1:
        return resident
    return sum(_proportional(pid, stat.resident) for pid, stat in found.items())


def _proportional(pid: int, resident: int) -> int:
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    now = read_stat(pid)  # it ended meanwhile, or hides
    return 0 if now is None or now.state in b"ZX" else resident


def signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it was quicker


def end_all(root: int, spare: int = 0) -> tuple[bool, int | None]:
    """Kill every process below `root` but `spare`, which is stopped instead.

    All are stopped before any is killed, so that a fork bomb can't outrun the walk. Gives up on the unkillable after
    some seconds. Returns whether nobody else is left, and `spare`'s wait status if it had ended.
    """
    stopped: set[int] = set()
    status = None
    for _ in range(200):
        found = descendants(root)
        news = {pid for pid, stat in found.items() if pid not in stopped and stat.state not in b"ZX"}
        for pid in news:
            signal(pid, SIGSTOP)
        stopped |= news
        if not news and (spare not in found or found[spare].state in b"TtZX"):
            break
        if not news:
            time.sleep(0.0005)
    for _ in range(2000):
        others = [pid for pid, stat in descendants(root).items() if pid != spare and not _is_spares(stat, spare)]
        if not others:
            ended, _ = reap(spare)
            return True, status if ended is None else ended
        for pid in others:
            signal(pid, SIGKILL)
        ended, _ = reap(spare)
        status = status if ended is None else ended
        time.sleep(0.0005)
    return False, status


def _is_spares(stat: Stat, spare: int) -> bool:
    """Whether it is dead and waits for the spared process to notice."""
    return stat.state in b"ZX" and stat.parent == spare


def reap(spare: int = 0) -> tuple[int | None, float]:
    """Take leave of ended children. Returns `spare`'s wait status if it is among them, and their CPU seconds."""
    status = None
    cpu = 0.0
    while True:
        try:
            pid, ended, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return status, cpu
        if pid == 0:
            return status, cpu
        cpu += usage.ru_utime + usage.ru_stime
        if pid == spare:
            status = ended
