"""What a caller of the sandbox hands in and gets back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Limit = Literal["", "time", "memory", "processes", "disk", "output", "exit", "channel"]
"""What ended a Python process before its time: a limit, its own exit or crash, or writing into the sandbox's channel."""

Unguarded = Literal["refuse", "allow"]


class SandboxError(Exception):
    """The sandbox itself failed, through no fault of the code that it was given: a matter of the machine."""


class Refused(SandboxError):
    """There is no isolation on this machine and the configuration does not allow to go without. Says what to do."""


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Limits of one Python process with all that it starts. Code never sees more of the machine because a limit is high.

    seconds: wall time, and CPU time of all its processes together, for each block of code.
    memory_mb: address space of each process, and memory in use by all together. Files add at most `disk_mb`.
    disk_mb: all files of the working folder. processes: processes and threads at one time.
    output_chars: what is kept of a block's output. unguarded: whether to run code where bubblewrap does not work.
    """

    seconds: float = 10
    memory_mb: int = 512
    disk_mb: int = 64
    processes: int = 32
    output_chars: int = 20_000
    unguarded: Unguarded = "refuse"

    def __post_init__(self) -> None:
        if isinstance(self.seconds, bool) or not isinstance(self.seconds, int | float):
            raise ValueError(f"sandbox.seconds={self.seconds!r}: expected a number of seconds")
        if not (math.isfinite(self.seconds) and 0.05 <= self.seconds <= 86_400):
            raise ValueError(f"sandbox.seconds={self.seconds}: expected 0.05 to 86400")
        for name, least, most in (
            ("memory_mb", 64, 1 << 20),
            ("disk_mb", 1, 1 << 20),
            ("processes", 1, 4096),
            ("output_chars", 200, 10_000_000),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise ValueError(f"sandbox.{name}={value!r}: expected a whole number from {least} to {most}")
        if self.unguarded not in get_args(Unguarded):
            raise ValueError(f"sandbox.unguarded={self.unguarded!r}: expected refuse or allow")


DEFAULTS = SandboxConfig()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a block of code gave. Both texts are for the agent's eyes.

    `output`: what it printed, then its value; cut in the middle where longer than `output_chars`, and says so.
    `error`: "" where all went well; else a traceback of the code's own lines, or a sentence that names the limit.
    `limit`: what ended the process, and with it all variables; "" where it lives on (or ended as it should).
    """

    output: str
    error: str = ""
    limit: Limit = ""


def checked_files(files: Mapping[str, bytes], config: SandboxConfig) -> dict[str, bytes]:
    """The files to put into the working folder. Raises ValueError for a name that is not plain, or too much data."""
    total = 0
    for name, data in files.items():
        if not name or name in (".", "..") or "/" in name or "\0" in name or len(name.encode(errors="replace")) > 255:
            raise ValueError(f"file name {name[:300]!r}: expected a plain name of at most 255 bytes, without a folder")
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"file name {name!r}: expected text that UTF-8 can hold") from error
        total += len(data) + 4096  # what a small file takes, at least
    if total > config.disk_mb * 1_000_000:
        raise ValueError(
            f"the {len(files)} files of the working folder need {total / 1e6:.1f} MB: "
            f"raise sandbox.disk_mb={config.disk_mb} above that"
        )
    return {name: bytes(data) for name, data in files.items()}
