"""Whether code can be locked up on this machine, and what holds if not."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache

from fgo.sandbox import bubblewrap
from fgo.sandbox.payload import FLAGS

INSTALL = (
    "Install it with the system's package manager: apt-get install bubblewrap (Debian, Ubuntu), "
    "dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch), apk add bubblewrap (Alpine)."
)

_GUARDED = (
    "bubblewrap: model-written code sees no network, no environment variable, no process and no file of this machine but "
    "Python with its libraries, read-only, and a working folder in memory; limits hold for time, memory, disk, processes."
)
_UNGUARDED = (
    "no bubblewrap: model-written code runs as this user, with limits on time, memory, disk and processes, an empty "
    "environment and its own working folder. NOT guaranteed: it can read and change this user's files and signal this "
    "user's processes; it can get around the limits if it means to; on machines other than x86-64 and ARM it reaches the network."
)


@dataclass(frozen=True, slots=True)
class Isolation:
    """`guarded`: bubblewrap works here. `statement`: what is guaranteed, in a sentence. `why`: why it does not work, or ""."""

    guarded: bool
    statement: str
    why: str = ""


def isolation() -> Isolation:
    """Found out once for each bubblewrap on the PATH, by launching it as sessions do. Takes some 50 ms the first time."""
    return _probe(bubblewrap.find())


@cache
def _probe(program: str | None) -> Isolation:
    if program is None:
        return Isolation(False, _UNGUARDED, f"bubblewrap (bwrap) is not installed. {INSTALL}")
    python = [str(bubblewrap.interpreter()), *FLAGS, "-c", "import ctypes; print('works')"]
    command = bubblewrap.command(program, 1 << 20, python)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Isolation(False, _UNGUARDED, f"{program} does not start: {error}")
    if done.stdout.strip() == b"works":
        return Isolation(True, _GUARDED)
    said = done.stderr.decode(errors="replace").strip()[-500:] or f"status {done.returncode}"
    return Isolation(
        False,
        _UNGUARDED,
        f"{program} is installed but does not work here: {said}. It has to be version 0.8 or newer, and the system has to "
        "allow user namespaces (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; "
        "in a container: its seccomp profile).",
    )
