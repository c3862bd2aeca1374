"""Whether code can be locked up on this machine, and what holds if not."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache

from fgo.sandbox import bubblewrap
from fgo.sandbox.child.kernel import FILTERED
from fgo.sandbox.identity import becomes_other, counted, draw_user
from fgo.sandbox.payload import FLAGS

INSTALL = (
    "Install it with the system's package manager: apt-get install bubblewrap (Debian, Ubuntu), "
    "dnf install bubblewrap (Fedora), pacman -S bubblewrap (Arch), apk add bubblewrap (Alpine)."
)

_GUARDED = (
    "bubblewrap: model-written code sees no network, no environment variable, no process and no file of this machine but "
    "Python with its libraries, read-only, and a working folder in memory; limits hold for time, memory, disk, processes."
)
_WATCHED = " The kernel does not count this root's processes: a fork bomb may slow the machine down before it is ended."

_TRIAL = """
import os
user = {user}
if user:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
import json  # can this user read the library?
print("works")
"""


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
        return Isolation(False, _unguarded(), f"bubblewrap (bwrap) is not installed. {INSTALL}")
    python = [str(bubblewrap.interpreter()), *FLAGS, "-c", _TRIAL.format(user=draw_user())]
    command = bubblewrap.command(program, 1 << 20, python)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Isolation(False, _unguarded(), f"{program} does not start: {error}")
    if done.stdout.strip() == b"works":
        return Isolation(True, _GUARDED + _WATCHED * (not counted()))
    said = done.stderr.decode(errors="replace").strip()[-500:] or f"status {done.returncode}"
    return Isolation(
        False,
        _unguarded(),
        f"{program} is installed but does not work here: {said}. It has to be version 0.8 or newer, and the system has to "
        "allow user namespaces (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; "
        "in a container: its seccomp profile). Used by root, the files of Python have to be readable by others.",
    )


def _unguarded() -> str:
    if becomes_other():
        who = "as a user of its own"
        not_guaranteed = (
            "it can read this machine's files, root's too where Python lies in root's home, and write where all may"
        )
    else:
        who = "as this user"
        not_guaranteed = (
            "it can read and change this user's files, end this user's processes, and outlive its limits at will"
        )
    network = "it can open no socket" if FILTERED else "it reaches the network"
    return (
        f"no bubblewrap: model-written code runs {who}, with an empty environment, its own working folder and limits on time, "
        f"memory, disk and processes; {network}. NOT guaranteed: {not_guaranteed}." + _WATCHED * (not counted())
    )
