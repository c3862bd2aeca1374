"""From configuration to the questions of each split: official data (given, or fetched), or the embedded set."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from envs.cache import build_once
from envs.gaia.hub import TOKEN_VARIABLE, fetch
from envs.gaia.official import DATA_VARIABLE, as_expected, read_split
from envs.gaia.records import Record, content_digest, count_levels, divide, ids_digest
from fgo.types import Json, digest

_log = logging.getLogger(__name__)

SOURCES = ("official", "embedded", "auto")
HIDDEN = "hidden_test"
SPLITS = ("test", HIDDEN)


@dataclass(frozen=True, slots=True)
class Library:
    """folder: where the data are. corpus: the embedded set's small web, if that is the source."""

    source: str
    folder: Path
    splits: Mapping[str, Sequence[Record]]
    about: Mapping[str, Json]
    corpus: Path | None = None

    def records(self, split: str) -> Sequence[Record]:
        if split not in self.splits:
            raise ValueError(f"GAIA has no split {split!r} here; there are {', '.join(self.splits)}")
        return self.splits[split]

    def fingerprint(self) -> Mapping[str, Json]:
        """Counts and hashes alone: `restricted` data may not be told, so nothing of their text stands here."""
        return {
            "source": self.source,
            **self.about,
            "splits": {
                name: {
                    "tasks": len(records),
                    "levels": count_levels(records),
                    "ids": ids_digest(records),
                    "content": content_digest(records),
                }
                for name, records in self.splits.items()
            },
        }


def resolve_source(source: str, data: str | None) -> str:
    """What `auto` means on this machine."""
    if source != "auto":
        return source
    return "official" if data or os.environ.get(DATA_VARIABLE) or os.environ.get(TOKEN_VARIABLE) else "embedded"


def official_library(
    data: str | None, split: str, level: int | None, test_share: float, validation_share: float
) -> Library:
    """Raises FileNotFoundError where the data are missing, saying how to get them; ValueError where they are broken."""
    given = data or os.environ.get(DATA_VARIABLE)
    root = Path(given).expanduser() if given else fetch(split == HIDDEN)
    validation = read_split(root, "validation")
    about = {
        "restricted": True,
        "validation": {
            "tasks": len(validation),
            "levels": count_levels(validation),
            "as_released": as_expected(validation),
        },
    }
    splits: dict[str, Sequence[Record]] = dict(divide(_of_level(validation, level), test_share, validation_share))
    if split == HIDDEN:
        splits[HIDDEN] = _of_level(read_split(root, "test"), level)
    _refuse_empty(splits, level)
    return Library("official", root, splits, about)


def embedded_library(cache: Path, seed: int, level: int | None) -> Library:
    """The embedded set, written when it is first asked for; another seed or another version of its code is another set."""
    from envs.gaia.embedded import write_set

    code = digest(*_contents(files("envs.gaia.embedded")), *_contents(files("envs.gaia.tools")))
    folder = cache / f"embedded-{seed}-{code}"
    build_once(folder, lambda draft: write_set(draft, seed))
    content = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    splits = {name: _of_level([_embedded(folder, task) for task in tasks], level) for name, tasks in content.items()}
    _refuse_empty(splits, level)
    return Library("embedded", folder, splits, {"seed": seed}, folder / "web.sqlite")


def _embedded(folder: Path, task: Mapping[str, Json]) -> Record:
    attached = {name: folder / "files" / task["id"] / name for name in task["files"]}
    return Record(task["id"], task["question"], int(task["level"]), task["answer"], attached, tuple(task["solution"]))


def _contents(package: Traversable) -> list[str]:
    """Names and texts of a package's files, subfolders included."""
    parts: list[str] = []
    for entry in sorted(package.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            parts += [] if entry.name == "__pycache__" else _contents(entry)
        else:
            parts += [entry.name, entry.read_bytes().hex()]
    return parts


def _of_level(records: Sequence[Record], level: int | None) -> list[Record]:
    return [record for record in records if level is None or record.level == level]


def _refuse_empty(splits: Mapping[str, Sequence[Record]], level: int | None) -> None:
    empty = [name for name, records in splits.items() if not records]
    if empty:
        of_level = "" if level is None else f" of level {level}"
        raise ValueError(
            f"GAIA's split {empty[0]!r} has no questions{of_level} here: change env.level, env.test_share or env.validation_share"
        )
