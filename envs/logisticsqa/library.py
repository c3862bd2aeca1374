"""The documents of one run: where they come from, split by split, and what is to be said about them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.cache import build_once
from envs.logisticsqa.data import DATA_VARIABLE, Entry, read_folder
from envs.logisticsqa.splits import SPLITS, split_by_hash
from fgo.types import Json, digest

_log = logging.getLogger(__name__)

SOURCES = ("auto", "released", "generated")


def resolve_source(source: str, folder: str | None) -> str:
    """ "released" or "generated": for "auto", released where a folder is named."""
    if source != "auto":
        return source
    return "released" if folder or os.environ.get(DATA_VARIABLE) else "generated"


@dataclass(frozen=True, slots=True)
class Library:
    """Documents by split. `notes`: what else a result depends on, for the fingerprint. `folder` is where they lie."""

    source: str
    folder: Path
    splits: Mapping[str, Sequence[Entry]]
    notes: Mapping[str, Json]

    def entries(self, split: str) -> Sequence[Entry]:
        """Raises ValueError for a split that is not there."""
        if split not in self.splits:
            raise ValueError(f"no LogisticsQA split {split!r}: there are {', '.join(self.splits)}.")
        return self.splits[split]

    def entry(self, split: str, entry_id: str) -> Entry:
        """Raises ValueError where the split has no such document."""
        for entry in self.entries(split):
            if entry.id == entry_id:
                return entry
        raise ValueError(f"the LogisticsQA split {split!r} has no document {entry_id!r}.")

    def fingerprint(self) -> dict[str, Json]:
        """What the documents' part in a result depends on, but not where they are stored."""
        return {
            "source": self.source,
            "splits": {
                split: {
                    "documents": len(entries),
                    "digest": digest(*sorted(f"{entry.id} {entry.digest}" for entry in entries)),
                }
                for split, entries in self.splits.items()
            },
            **self.notes,
        }


def released_library(folder: Path, validation: float, test: float, max_bytes: int) -> Library:
    """Raises FileNotFoundError or ValueError, as `read_folder` does."""
    found = read_folder(folder, max_bytes)
    notes = {
        "form": found.form,
        "unreadable": len(found.unreadable),
        "without_answer": len(found.unanswered),
        "without_document": len(found.undocumented),
    }
    return Library("released", folder, split_by_hash(found.entries, validation, test), notes)


def generated_library(cache: Path, seed: int, sizes: Mapping[str, int]) -> Library:
    """Generated documents, written to the cache if they are not there yet. Raises ValueError where they can't be."""
    from envs.logisticsqa import generator  # released documents need none of it

    counts = [sizes[split] for split in SPLITS]
    folder = cache / f"generated-{digest(generator.VERSION, str(seed), *map(str, counts))}"
    try:
        if build_once(folder, lambda draft: generator.write_set(draft, seed, *counts)):
            _log.info("generated %d LogisticsQA documents in %s", sum(counts), folder)
    except OSError as error:
        raise ValueError(
            f"generated LogisticsQA documents can't be written to {folder} ({error}). Set env.cache or FGO_CACHE to a "
            "folder that can be written and has room for them."
        ) from error
    return Library("generated", folder, _read_generated(folder), {"generator": generator.VERSION})


def _read_generated(folder: Path) -> dict[str, list[Entry]]:
    try:
        answers = json.loads((folder / "answers.json").read_bytes())
        return {split: [_entry(folder / split, item) for item in answers[split]] for split in SPLITS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"the generated documents in {folder} are damaged ({type(error).__name__}: {error}). Remove that folder: they "
            "will be made again."
        ) from error


def _entry(folder: Path, item: Mapping[str, Json]) -> Entry:
    path = folder / Path(item["file"]).name
    answer = tuple(item["answer"])
    key = digest(path.read_bytes().decode(), *sorted(answer))
    return Entry(item["id"], path, item["category"], answer, key, tuple(item["solution"]))
