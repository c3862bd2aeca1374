"""Where benchmarks keep what they can make again (generated games, indexes), and how to put it there safely."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


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
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        build(draft)
        draft.chmod(0o755)  # mkdtemp's 0700 would lock colleagues out of a shared cache
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
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
