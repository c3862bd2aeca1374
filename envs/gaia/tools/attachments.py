"""The files that a task comes with: known by name, and nothing else of the machine's disk can be named."""

from __future__ import annotations

import difflib
import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from envs.base import EnvironmentFailure
from envs.toolbox import ToolError

MOST_BYTES = 100 * 2**20


class Attachments:
    """Agents name a file by its plain name; "./name" is understood too."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(files)

    def read(self, name: str) -> tuple[str, bytes]:
        """(plain name, bytes). Raises ToolError for a file that the task does not have, or that is no plain file."""
        plain = name.removeprefix("./")
        path = self._files.get(plain)
        if path is None:
            raise ToolError(self._unknown(name))
        return plain, _bytes(plain, path)

    def contents(self) -> dict[str, bytes]:
        """All files. Raises ToolError as `read`."""
        return {name: _bytes(name, path) for name, path in self._files.items()}

    def _unknown(self, name: str) -> str:
        if not self._files:
            return f"There is no file {name[:200]!r}: this task has no files."
        near = difflib.get_close_matches(name, self._files, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"There is no file {name[:200]!r}.{hint} The task's files: {', '.join(map(repr, self._files))}."


def _bytes(name: str, path: Path) -> bytes:
    """A plain file's bytes; links and devices are refused, whatever they are swapped for meanwhile.

    Raises EnvironmentFailure where the file has vanished: that is no fault of the agent's.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ToolError(f"{name} is a link, which is not followed.") from error
        raise EnvironmentFailure(f"the attached file {path} can't be opened: {error.strerror}") from error
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise ToolError(f"{name} is no plain file.")
        if about.st_size > MOST_BYTES:
            raise ToolError(f"{name} has {about.st_size:,} bytes; no more than {MOST_BYTES:,} are read.")
        with open(handle, "rb", closefd=False) as file:
            return file.read(MOST_BYTES)
    finally:
        os.close(handle)
