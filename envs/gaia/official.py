"""Reads official GAIA data from a folder in the layout of its repository, the present one or the former:

    ROOT/2023/{validation,test}/metadata.parquet            file_path: of the attached file, below ROOT
    ROOT/2023/{validation,test}/metadata.level{1,2,3}.parquet   read where there is no metadata.parquet
    ROOT/2023/{validation,test}/metadata.jsonl              file_name: of the attached file, beside it

The data are gated: whoever uses them has agreed not to pass them on. So no message here quotes a question or an answer, and
only the columns that are needed are read (the annotators' own solutions are not).
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from envs.gaia.records import Record, count_levels

_log = logging.getLogger(__name__)

DATA_VARIABLE = "GAIA_DATA"
YEAR = "2023"
LEVELS = (1, 2, 3)
OFFICIAL_COUNTS = {"1": 53, "2": 86, "3": 26}
"""Questions by level of the released validation split, 165 in all."""

_PLACEHOLDER = "0-0-0-0-0"  # a row of the test split that is no question
_NEEDED = ("task_id", "Question", "Level")
_COLUMNS = (*_NEEDED, "Final answer", "file_name", "file_path")


def read_split(root: Path, split: str) -> list[Record]:
    """The questions of "validation" or "test", ordered by id. Answers of the test split are not public: None.

    Raises FileNotFoundError where there are none or an attached file is missing, ValueError for what can't be read.
    """
    folder = root / YEAR / split
    records: dict[str, Record] = {}
    for source, rows in _tables(folder):
        for number, row in enumerate(rows, start=1):
            record = _record(root, folder, split, row, f"{source}, row {number}")
            if record is not None and records.setdefault(record.id, record) is not record:
                raise ValueError(f"{source}, row {number}: the task_id {record.id} stands in an earlier row, too")
    if not records:
        raise FileNotFoundError(f"{folder} holds no GAIA questions. {_hint(root)}")
    missing = [path for record in records.values() for path in record.files.values() if not path.is_file()]
    if missing:
        raise FileNotFoundError(
            f"{len(missing)} attached file(s) of GAIA's {split} split are missing; first: {missing[0]}. {_hint(root)}"
        )
    return [records[id] for id in sorted(records)]


def as_expected(validation: Sequence[Record]) -> bool:
    """Whether the validation split has as many questions of each level as the released one; a warning where not."""
    counts = count_levels(validation)
    if counts != OFFICIAL_COUNTS:
        _log.warning(
            "GAIA's validation split has %d questions here (level: number = %s); the released one has %d (%s). Results "
            "compare with published ones only on the same questions.",
            *(len(validation), counts, sum(OFFICIAL_COUNTS.values()), OFFICIAL_COUNTS),
        )
    return counts == OFFICIAL_COUNTS


def _tables(folder: Path) -> Iterator[tuple[Path, Sequence[Mapping[str, Any]]]]:
    """(file, its rows) of each metadata file in use; none where there is none."""
    whole = folder / "metadata.parquet"
    by_level = [folder / f"metadata.level{level}.parquet" for level in LEVELS]
    present = [whole] if whole.is_file() else [path for path in by_level if path.is_file()]
    for path in present:
        yield path, _read_parquet(path)
    former = folder / "metadata.jsonl"
    if not present and former.is_file():
        yield former, _read_lines(former)


def _read_parquet(path: Path) -> list[Mapping[str, Any]]:
    import datasets
    import pyarrow.parquet

    try:
        names = set(pyarrow.parquet.read_schema(path).names)
        _require_columns(names, path)
        shown = not datasets.are_progress_bars_disabled()
        datasets.disable_progress_bars()
        try:
            with tempfile.TemporaryDirectory() as cache:  # else copies of gated texts would stay in a cache
                rows = datasets.load_dataset(
                    "parquet", data_files=str(path), split="train", columns=[name for name in _COLUMNS if name in names],
                    cache_dir=cache, keep_in_memory=True,
                )  # fmt: skip
                return list(rows.to_list())
        finally:
            if shown:
                datasets.enable_progress_bars()
    except (pyarrow.lib.ArrowException, datasets.exceptions.DatasetsError) as error:
        raise ValueError(f"{path} can't be read as parquet ({type(error).__name__}): fetch it again") from None


def _read_lines(path: Path) -> list[Mapping[str, Any]]:
    rows = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError:  # whose own message is kept out of sight: it can be shown with the text
                raise ValueError(f"{path}, line {number}: no JSON; fetch the file again") from None
            _require_columns(set(row) if isinstance(row, dict) else set(), path)
            rows.append(row)
    return rows


def _require_columns(names: set[str], path: Path) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise ValueError(f"{path} has no column {missing[0]!r}: it is none of GAIA's metadata files")


def _record(root: Path, folder: Path, split: str, row: Mapping[str, Any], place: str) -> Record | None:
    id = str(row["task_id"])
    if id == _PLACEHOLDER:
        return None
    level = str(row["Level"])
    if level not in OFFICIAL_COUNTS:
        raise ValueError(f"{place}: its Level is none of {', '.join(OFFICIAL_COUNTS)}")
    answer = None if split == "test" else row.get("Final answer")
    if not row["Question"] or (split != "test" and answer in (None, "")):
        raise ValueError(f"{place}: it has no question or no answer")
    files = _files_of(root, folder, row, place)
    return Record(id, str(row["Question"]), int(level), None if answer is None else str(answer), files)


def _files_of(root: Path, folder: Path, row: Mapping[str, Any], place: str) -> dict[str, Path]:
    """The attached file by its name. A path, or a link, that leads out of the data is refused: data choose no file of this
    machine. Links within them are followed, since the Hugging Face cache is made of those."""
    written = row.get("file_path") or ""
    base, name = (root, written) if written else (folder, row.get("file_name") or "")
    if not name:
        return {}
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise ValueError(f"{place}: its file leads out of {base}")
    target = (base / path).resolve()
    if not any(target.is_relative_to(home) for home in _homes(root)):
        raise ValueError(f"{place}: its file is a link that leads out of {root}")
    return {path.name: target}


def _homes(root: Path) -> list[Path]:
    """Where files of the data may lie: in the cache, snapshots/REVISION/ links to blobs/ beside it."""
    whole = root.resolve()
    return [whole, whole.parent.parent / "blobs"] if whole.parent.name == "snapshots" else [whole]


def _hint(root: Path) -> str:
    return (
        f"Expected {root}/{YEAR}/validation/metadata.parquet (or metadata.level1.parquet and so on, or metadata.jsonl) with "
        f"the attached files, as in a whole copy of the repository; set {DATA_VARIABLE} to the folder that holds {YEAR}/."
    )
