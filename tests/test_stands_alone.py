"""The project speaks of itself alone: it names no machine, no folder beside it and no package index."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BINARY = {".png", ".pdf", ".gz", ".zip", ".sqlite"}
MACHINE = re.compile(r"(?<![\w.*}~)])/(?:home|root|Users|work|mnt|tmp)/\w[\w/.-]*")
UPWARDS = re.compile(r"(?<![\w/.])(?:\.\./)+\w[\w/.-]*")


def elsewhere(text: str, folder: Path) -> list[str]:
    """The paths in a text that lead out of the project, as read from a file of this folder."""
    out = [path for path in UPWARDS.findall(text) if not (folder / path).resolve().is_relative_to(ROOT)]
    return MACHINE.findall(text) + out


def files() -> list[Path]:
    """The files under version control; outside a checkout all of the project's."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    ).stdout.split("\0")
    found = [ROOT / name for name in listed if name]
    own = ("fgo", "envs", "experiments", "conf", "tests", "requirements")
    found = found or [path for folder in own for path in (ROOT / folder).rglob("*")]
    return [
        path
        for path in found
        if path.is_file() and path.suffix not in BINARY and not {"__pycache__", ".ci"} & set(path.parts)
    ]


def test_what_is_looked_for_would_be_found() -> None:
    for line in ("see /" + "home/me/x", 'open("/' + 'tmp/y")', "cd ." + "./other/data"):
        assert elsewhere(line, ROOT), line
    for line in ("cd ../..", "a/../b", "$HOME/tmp/x", "https://x.org/home/y", "..."):
        assert elsewhere(line, ROOT) == [], line
    assert elsewhere("[see](." + "./envs/base.py)", ROOT / "docs") == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = files()
    assert len(found) > 50
    for path in found:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert elsewhere(text, path.parent) == [], path


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_pinned_requirements_name_no_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "index-url" not in text
    assert "://" not in text


def test_pinned_requirements_are_pinned_by_hash() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        entries = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())
        pinned = [entry for entry in entries if not entry.startswith("#")]
        assert pinned
        assert all("==" in entry and "--hash=sha256:" in entry for entry in pinned), path
