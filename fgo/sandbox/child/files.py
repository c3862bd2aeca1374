"""The working folder: filled at the start, measured, removed whatever the model's code did to it."""

# pathlib is slow to import
# ruff: noqa: PTH101, PTH106, PTH123

from __future__ import annotations

import os

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def fill(folder: str, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        fd = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with open(fd, "wb") as file:
            file.write(data)


def occupied(folder: str) -> float:
    """Bytes on the disk of all that stands below a folder; infinite where it was made impossible to measure."""
    total = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:  # removed by the code that is measured
            continue
        except OSError:  # closed, or nested deeper than a path can name
            return float("inf")
    return total


def remove(folder: str) -> None:
    """Remove a folder with all below it: closed folders too, and of any depth. No error where it is gone.

    Walks from folder to folder, so that no path grows long. Symbolic links are not followed.
    """
    try:
        os.chmod(folder, 0o700)
        here = os.open(folder, _FOLDER)
    except FileNotFoundError:
        return
    way: list[str] = []
    while True:
        inner = _unlink_files(here)
        if inner is not None:
            os.chmod(inner, 0o700, dir_fd=here)
            deeper = os.open(inner, _FOLDER, dir_fd=here)
            way.append(inner)
        elif way:
            deeper = os.open("..", _FOLDER, dir_fd=here)
            os.rmdir(way.pop(), dir_fd=deeper)
        else:
            os.close(here)
            os.rmdir(folder)
            return
        os.close(here)
        here = deeper


def _unlink_files(here: int) -> str | None:
    """Remove the files of an open folder; the first folder found in it ends that."""
    with os.scandir(here) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                return entry.name
            os.unlink(entry.name, dir_fd=here)
    return None
