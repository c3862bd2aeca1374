"""Reads a folder of invoices with their answers: the released data, or anybody's own.

    FOLDER/data/*.xml or FOLDER/*.xml, and ground_truth.json beside them or above

The form of the ground truth is not published with the paper, so every sensible one is understood (truth.py) and said in
the log; what can't be understood is refused with the entry's name.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.logisticsqa.documents import DocumentError, load_document
from envs.logisticsqa.truth import Truth, read_truth
from fgo.types import digest

_log = logging.getLogger(__name__)

DATA_VARIABLE = "LOGISTICSQA_DATA"
TRUTH_FILE = "ground_truth.json"
_MAX_TRUTH = 200_000_000  # bytes
_NAMED = 5  # documents that a message names


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with its answer. `digest`: of its bytes and answer. `solution`: actions known to give the answer, if any."""

    id: str
    path: Path
    category: str
    answer: tuple[str, ...]
    digest: str
    solution: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """What a folder holds: usable entries by id, and what could not be used."""

    entries: Sequence[Entry]
    form: str
    unreadable: Mapping[str, str]
    """Id -> why, for documents that can't be used."""
    unanswered: Sequence[str] = ()
    """Ids of documents without an answer."""
    undocumented: Sequence[str] = ()
    """Keys of answers without a document."""


def read_folder(folder: Path, max_bytes: int) -> Collection:
    """The documents of a folder with their answers, ordered by id.

    Raises FileNotFoundError for a missing folder, documents or ground truth; ValueError where the ground truth can't be
    understood or most of it does not belong to these documents, or no document can be used.
    """
    files = _documents(folder)
    truth = read_truth(_truth_content(folder), files)
    answered = [name for name in files if name in truth.answers]
    _check_match(folder, files, truth, answered)
    entries, unreadable = [], {}
    for name in answered:
        try:
            document = load_document(files[name], max_bytes)
        except DocumentError as error:
            unreadable[name] = str(error)
            continue
        answer = truth.answers[name]
        category = truth.categories.get(name) or document.kind
        entries.append(Entry(name, files[name], category, answer, digest(document.digest, *sorted(answer))))
    if not entries:
        raise ValueError(f"no document of {folder} can be used, for example {next(iter(unreadable.values()))}")
    unanswered = [name for name in files if name not in truth.answers]
    found = Collection(entries, truth.form, unreadable, unanswered, truth.unmatched)
    _report(folder, len(files), len(truth.answers) + len(truth.unmatched), found)
    return found


def folder_of(setting: str | None) -> Path:
    """The folder that env.data or LOGISTICSQA_DATA names. Raises FileNotFoundError where neither does."""
    chosen = setting or os.environ.get(DATA_VARIABLE)
    if not chosen:
        raise FileNotFoundError(
            f"no LogisticsQA data is named: set {DATA_VARIABLE} (or env.data) to the folder that holds data/ with the "
            f"invoices and {TRUTH_FILE}, or use generated ones: env.source=generated."
        )
    return Path(chosen).expanduser()


def _documents(folder: Path) -> dict[str, Path]:
    """Id (the file's name without .xml) -> file, ordered by file name."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"no LogisticsQA data: {folder} is no folder. Set {DATA_VARIABLE} (or env.data) to the one that holds data/."
        )
    for place in (folder / "data", folder):
        if place.is_dir():
            files = sorted(path for path in place.iterdir() if path.suffix.lower() == ".xml")
            found = {path.stem: path for path in files}
            if len({name.casefold() for name in found}) < len(files):
                raise ValueError(
                    f"in {place} are documents whose names differ in upper and lower case only: rename them."
                )
            if found:
                return found
    raise FileNotFoundError(f"no LogisticsQA data: neither {folder / 'data'} nor {folder} has files *.xml.")


def _truth_content(folder: Path) -> object:
    """Numbers come as strings, as they are written, so that no digit is lost."""
    path = next((p for p in (folder / TRUTH_FILE, folder / "data" / TRUTH_FILE) if p.is_file()), None)
    if path is None and (folder.parent / TRUTH_FILE).is_file():
        path = folder.parent / TRUTH_FILE  # the folder named is data/ itself
    if path is None:
        raise FileNotFoundError(f"no answers: {folder / TRUTH_FILE} is missing (nor is there one in data/ or above).")
    if path.stat().st_size > _MAX_TRUTH:
        raise ValueError(f"{path} has over {_MAX_TRUTH:,} bytes: this can't be the answers.")
    try:
        return json.loads(path.read_bytes(), parse_int=str, parse_float=str, parse_constant=_missing)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is no JSON ({error}). Get it anew, or write {{file name: [references]}} there."
        ) from error


def _missing(constant: str) -> None:
    """NaN, which pandas writes where a value is missing."""


def _check_match(folder: Path, files: Mapping[str, Path], truth: Truth, answered: Sequence[str]) -> None:
    answers = len(truth.answers) + len(truth.unmatched)
    if 2 * len(answered) < min(len(files), answers) or not answered:
        raise ValueError(
            f"{folder}: of {len(files)} documents and {answers} answers only {len(answered)} belong together; they are "
            f"matched by file name with or without .xml. Documents: {_some(list(files))}; answers: {_some(truth.unmatched)}."
        )


def _report(folder: Path, documents: int, answers: int, found: Collection) -> None:
    _log.info("LogisticsQA data in %s: %d documents, %d answers, form: %s", folder, documents, answers, found.form)
    if found.unanswered:
        _log.warning("%d documents have no answer, left out: %s", len(found.unanswered), _some(found.unanswered))
    if found.undocumented:
        _log.warning("%d answers have no document, left out: %s", len(found.undocumented), _some(found.undocumented))
    for reason in list(found.unreadable.values())[:_NAMED]:
        _log.warning("left out: %s", reason)
    if len(found.unreadable) > _NAMED:
        _log.warning("left out: %d more documents that can't be used", len(found.unreadable) - _NAMED)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
