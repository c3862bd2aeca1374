"""The working folder: filled at the start, measured, removed whatever the model's code did to it."""

# pathlib is slow to import
# ruff: noqa: PTH101, PTH104, PTH106, PTH108, PTH123, PTH208

from __future__ import annotations

import os
import stat


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

    Folders are moved to the top one by one, so that no path grows long. Symbolic links are not followed.
    """
    moved = 0
    while True:
        try:
            os.chmod(folder, 0o700)
            entries = os.listdir(folder)
        except FileNotFoundError:
            return
        if not entries:
            os.rmdir(folder)
            return
        for name in entries:
            path = f"{folder}/{name}"
            if not _is_folder(path):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            for inner in os.listdir(path):
                if _is_folder(f"{path}/{inner}"):
                    os.chmod(f"{path}/{inner}", 0o700)
                    moved += 1
                    os.rename(f"{path}/{inner}", f"{folder}/{moved}.moved.{os.getpid()}")
                else:
                    os.unlink(f"{path}/{inner}")
            os.rmdir(path)


def _is_folder(path: str) -> bool:
    return stat.S_ISDIR(os.lstat(path).st_mode)
