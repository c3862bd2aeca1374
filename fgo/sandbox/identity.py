"""As whom model-written code runs where this process is root.

The kernel counts the processes of every user but root's, and lets root alone signal all others. So root's sandboxes run
their code as a user whom nobody else is, drawn for each.
"""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path

_LOWEST = 20_000  # below are the system's users, and people
_WIDE = range(1 << 30, (1 << 30) + (1 << 29))  # what no list of users and no container's share reaches


@cache
def _spare_users() -> range:
    """Users and groups of the same number that this root may become; empty where it is no root or has no other."""
    if os.getuid() != 0:
        return range(0)
    spare = _WIDE
    for kind in ("uid", "gid"):
        lines = Path(f"/proc/self/{kind}_map").read_text("ascii").splitlines()
        mapped = [range(int(first), int(first) + int(count)) for first, _, count in map(str.split, lines)]
        if not any(part.start <= spare.start and spare.stop <= part.stop for part in mapped):
            most = max(mapped, key=lambda part: part.stop)
            spare = range(max(_LOWEST, most.start), min(most.stop, spare.stop, 65_534))  # 65534 is nobody
    return spare


def becomes_other() -> bool:
    """Whether this is a root that can be somebody else."""
    return len(_spare_users()) > 0


def draw_user() -> int:
    """A user for one sandbox; 0 where it runs as this process' own."""
    spare = _spare_users()
    return spare[secrets.randbelow(len(spare))] if spare else 0


def counted() -> bool:
    """Whether the kernel limits how many processes model-written code starts: not those of a root without a choice."""
    if becomes_other():
        return True
    lines = Path("/proc/self/uid_map").read_text("ascii").splitlines()
    maps = [tuple(map(int, line.split())) for line in lines]
    outside = [first + os.getuid() - inside for inside, first, count in maps if 0 <= os.getuid() - inside < count]
    return outside != [0]


def hidden(path: str) -> bool:
    """Whether other users can't get to a file or folder."""
    return any(not folder.stat().st_mode & 0o001 for folder in Path(path).parents)
