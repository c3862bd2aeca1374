"""Why points of a sweep failed, kept from the process that ran a point for the one that ends the sweep.

One small file a failed point below `RUNS/.sweeps/failed/`, on the disk that the runs share, until the point is tried again.
"""

from __future__ import annotations

from pathlib import Path

from experiments.settings import Settings

_LINE = 300  # characters of a reason that the summary shows; it was printed whole when it happened


def note(settings: Settings, message: str) -> None:
    """Keep why this point failed."""
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(message, encoding="utf-8")


def forget(settings: Settings) -> None:
    """The point is about to be tried (again)."""
    _path(settings).unlink(missing_ok=True)


def told(settings: Settings) -> str:
    """`FOLDER: reason` in one line, "" where the point did not fail."""
    path = _path(settings)
    if not path.exists():
        return ""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    reason = lines[-1] if lines and lines[0].startswith("Traceback") else " ".join(lines)
    return f"{settings.folder}: {reason if len(reason) <= _LINE else reason[:_LINE] + '...'}"


def _path(settings: Settings) -> Path:
    name = f"{settings.plain.study.name}-{settings.folder.name}-{settings.fingerprint[:8]}.txt"
    return Path(settings.plain.runs) / ".sweeps" / "failed" / name
