"""Folders that look like GAIA's official data, with invented questions, in its present and its former layout."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

COUNTS = {1: 53, 2: 86, 3: 26}
PLACEHOLDER = {
    "task_id": "0-0-0-0-0",
    "Question": "?",
    "Level": "1",
    "Final answer": "?",
    "file_name": "",
    "file_path": "",
}


def rows(split: str, counts: Mapping[int, int], canary: str = "") -> list[dict[str, Any]]:
    """Questions after the number to answer; every tenth has a file."""
    made = []
    for level, count in counts.items():
        for index in range(count):
            id = f"{split[:4]}-{level}-{index:03d}"
            file = f"{id}.txt" if index % 10 == 0 else ""
            made.append(
                {
                    "task_id": id,
                    "Question": f"What is {index} plus {level}? {canary}".strip(),
                    "Level": str(level),
                    "Final answer": f"{index + level} {canary}".strip() if split == "validation" else "?",
                    "file_name": file,
                    "file_path": f"2023/{split}/{file}" if file else "",
                    "Annotator Metadata": {"Steps": f"count {canary}", "Number of steps": "1"},
                }
            )
    return made


def write_official(
    root: Path,
    layout: str = "whole",
    counts: Mapping[int, int] = COUNTS,
    hidden: Mapping[int, int] | None = None,
    canary: str = "",
) -> Path:
    """layout: "whole" (metadata.parquet), "levels" (metadata.levelN.parquet) or "lines" (metadata.jsonl)."""
    write_rows(root, "validation", rows("validation", counts, canary), layout)
    if hidden is not None:
        write_rows(root, "test", [PLACEHOLDER, *rows("test", hidden, canary)], layout)
    return root


def write_rows(root: Path, split: str, content: Sequence[Mapping[str, Any]], layout: str = "whole") -> Path:
    """Returns the split's folder. Attached files that lie in it are made, too."""
    folder = root / "2023" / split
    folder.mkdir(parents=True, exist_ok=True)
    for row in content:
        name = row.get("file_name")
        if name and "/" not in name:
            (folder / name).write_text(f"file of {row['task_id']}", encoding="utf-8")
    if layout == "lines":
        former = [
            {**{key: row[key] for key in row if key != "file_path"}, "Level": int(row["Level"])} for row in content
        ]
        (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in former), encoding="utf-8")
    elif layout == "levels":
        for level in sorted({row["Level"] for row in content}):
            write_parquet(folder / f"metadata.level{level}.parquet", [row for row in content if row["Level"] == level])
    else:
        write_parquet(folder / "metadata.parquet", content)
    return folder


def write_parquet(path: Path, content: Sequence[Mapping[str, Any]]) -> None:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in content]), path)
