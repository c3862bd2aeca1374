"""What differs between two files that should be the same: cell by cell in CSV and Markdown tables, else the first line."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_MOST = 20  # differences of one file that are listed
_SHORT = 60  # characters of a line that is quoted

Table = list[list[str]]


def file_differences(name: str, expected: Path, found: Path) -> list[str]:
    """Lines such as `table.csv: row ..., column success: expected 0.85, found 0.9`; none where the bytes are the same."""
    if not found.is_file():
        return [f"{name}: was not written"]
    old, new = expected.read_bytes(), found.read_bytes()
    if old == new:
        return []
    try:
        lines = list(_of_text(Path(name).suffix, old.decode(), new.decode()))
    except UnicodeDecodeError:
        lines = []
    if not lines:
        return [f"{name}: {len(new)} bytes, other than the {len(old)} expected"]
    more = [f"{name}: and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return [f"{name}: {line}" for line in lines[:_MOST]] + more


def _of_text(suffix: str, old: str, new: str) -> Iterator[str]:
    if suffix == ".csv":
        yield from _of_tables(_read_csv(old), _read_csv(new))
    elif suffix == ".md":
        before, after = _read_markdown(old), _read_markdown(new)
        if len(before) != len(after):
            yield f"expected {len(before)} tables, found {len(after)}"
        for one, other in zip(before, after, strict=False):
            yield from _of_tables(one, other)
        if _prose(old) != _prose(new):
            yield from _of_lines(_marked(old), _marked(new))
    else:
        yield from _of_lines(old.splitlines(), new.splitlines())


def _of_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The first line that differs: what follows it often does, too."""
    for number, (one, other) in enumerate(itertools.zip_longest(old, new), start=1):
        if one != other:
            yield f"line {number}: expected {_quoted(one)}, found {_quoted(other)}"
            return


def _quoted(line: str | None) -> str:
    if line is None:
        return "no more lines"
    return repr(line if len(line) <= _SHORT else line[:_SHORT] + "...")


def _read_csv(text: str) -> Table:
    return list(csv.reader(io.StringIO(text)))


def _read_markdown(text: str) -> list[Table]:
    """The pipe tables, without their rules."""
    tables: list[Table] = []
    inside = False
    for line in text.splitlines():
        is_row = line.startswith("|")
        if is_row and not inside:
            tables.append([])
        inside = is_row
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] if is_row else []
        if cells and not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            tables[-1].append(cells)
    return tables


def _prose(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("|")]


def _marked(text: str) -> list[str]:
    """All lines, those of tables emptied: so that lines keep their numbers."""
    return ["|" if line.startswith("|") else line for line in text.splitlines()]


def _of_tables(old: Table, new: Table) -> Iterator[str]:
    """Rows are matched by their leading cells (names and counts, up to the first measured number)."""
    if not old or not new:
        if old != new:
            yield f"expected {len(old)} rows, found {len(new)}"
        return
    columns, now = old[0], new[0]
    if columns != now:
        yield f"columns: expected {', '.join(columns)}; found {', '.join(now)}"
        return
    before, after = _by_label(old[1:]), _by_label(new[1:])
    for label, row in before.items():
        other = after.get(label)
        if other is None:
            yield f"row {label}: is missing"
            continue
        for column, one, two in itertools.zip_longest(columns, row, other, fillvalue=""):
            if one != two:
                yield f"row {label}, column {column}: expected {one or 'nothing'}, found {two or 'nothing'}"
    for label in after:
        if label not in before:
            yield f"row {label}: is not expected"


def _by_label(rows: Table) -> dict[str, list[str]]:
    """Rows by what they are about; a number of their own tells equal ones apart."""
    labelled: dict[str, list[str]] = {}
    for row in rows:
        label = _label(row)
        known = sum(other == label or other.startswith(f"{label} #") for other in labelled)
        labelled[f"{label} #{known + 1}" if known else label] = row
    return labelled


def _label(row: Sequence[str]) -> str:
    names = list(itertools.takewhile(lambda cell: not re.search(r"\d\.\d|incomplete|damaged|comparable", cell), row))
    while names and names[-1] in ("complete", ""):  # whether there are numbers is no name
        names.pop()
    return " ".join(filter(None, names or row[:1]))
