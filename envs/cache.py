"""Where benchmarks keep what they can make again (generated games, indexes), and how to put it there safely."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

_DRAFT = ".draft-"  # what names of unfinished files and folders begin with
_ABANDONED = 24 * 3600.0  # seconds after which nobody works on a draft any more


def cache_folder(override: str | None, benchmark: str) -> Path:
    """A benchmark's cache folder (perhaps not made yet): below `override`, else $FGO_CACHE, else ~/.cache/fgo.

    `XDG_CACHE_HOME` moves ~/.cache, as everywhere.
    """
    chosen = override or os.environ.get("FGO_CACHE")
    root = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "fgo")
    return root.expanduser() / benchmark


def build_once(folder: Path, build: Callable[[Path], None]) -> bool:
    """Make `folder` whole or not at all: `build` fills a temporary one beside it, which is then renamed.

    Does nothing where the folder exists. Several processes may try at once: one wins, the others drop theirs.
    Returns whether this call made it.
    """
    if folder.exists():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder.parent)
    draft = _draft(folder)
    draft.mkdir()
    try:
        build(draft)
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was quicker, and made the same
            raise
        return False
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file so that readers see the old bytes or the new ones, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path)
    try:
        with draft.open("xb") as file:
            file.write(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _draft(path: Path) -> Path:
    """A new name beside `path`. Made without `tempfile`, whose modes would lock colleagues out of a shared cache."""
    return path.with_name(f"{_DRAFT}{path.name}-{uuid4().hex}")


def _remove_abandoned(folder: Path) -> None:
    """Remove the folders that processes which were killed left unfinished, as far as that is allowed."""
    for draft in folder.glob(f"{_DRAFT}*"):
        with contextlib.suppress(OSError):  # Somebody else's, or somebody else was quicker: it costs only room.
            if time.time() - draft.stat().st_mtime > _ABANDONED:
                shutil.rmtree(draft)
