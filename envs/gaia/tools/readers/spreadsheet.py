"""Spreadsheets as grids with coordinates: values, formulas, fills, notes and merged cells, so that a model can reason over
positions and colours. Only cells that exist are walked: a sheet's declared size may be astronomic."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from envs.gaia.tools.readers.colours import Palette, colour_name
from envs.gaia.tools.readers.container import check_markup, open_zip
from envs.gaia.tools.readers.source import Reading, Source, Unreadable, one_line

_MOST_CELLS = 200_000  # shown of one workbook
_SPARSE = 4  # positions a cell from which on cells are listed instead of drawn as a grid


def read_xlsx(source: Source) -> Reading:
    """Every sheet, or the one asked for by name or number. Raises Unreadable for a sheet that there is not."""
    from openpyxl import load_workbook

    with open_zip(source.data) as container:
        check_markup(container)
    written = load_workbook(io.BytesIO(source.data))
    sheets = {sheet.title: sheet for sheet in written.worksheets}
    chosen = _choose(source.sheet, sheets)
    values = load_workbook(io.BytesIO(source.data), data_only=True) if _has_formulas(sheets, chosen) else written
    palette = Palette(written.loaded_theme)
    names = ", ".join(
        f"{title!r}" + ("" if sheet.sheet_state == "visible" else " (hidden)") for title, sheet in sheets.items()
    )
    blocks = [f"[workbook with {len(sheets)} sheet(s): {names}]"]
    budget = _MOST_CELLS
    for title in chosen:
        block, used = _sheet(sheets[title], values[title], palette, budget)
        blocks.append(block)
        budget -= used
    return Reading("\n\n".join(blocks))


def _choose(asked: str, sheets: Mapping[str, Any]) -> list[str]:
    titles = list(sheets)
    if not asked:
        return titles
    lowered = {title.casefold(): title for title in titles}
    if asked.casefold() in lowered:
        return [lowered[asked.casefold()]]
    if asked.isdecimal() and 1 <= int(asked) <= len(titles):
        return [titles[int(asked) - 1]]
    raise Unreadable(f"it has no sheet {asked[:100]!r}; its sheets: {', '.join(map(repr, titles))}")


def _has_formulas(sheets: Mapping[str, Any], chosen: list[str]) -> bool:
    return any(cell.data_type == "f" for title in chosen for cell in sheets[title]._cells.values())


def _sheet(sheet: Any, values: Any, palette: Palette, budget: int) -> tuple[str, int]:
    """A sheet's text and the count of cells in it."""
    cells: dict[tuple[int, int], str] = {}
    fills: Counter[str] = Counter()
    for position, cell in sheet._cells.items():
        fill = palette.fill(cell)
        text = _cell(cell, values._cells.get(position))
        if fill:
            fills[fill] += 1
            text = f"{text} {{{fill}}}".strip()
        if text:
            cells[position] = text
            if len(cells) > budget:
                break
    head = [f"# Sheet {sheet.title!r}: {_extent(cells)}"]
    if sheet.merged_cells.ranges:
        head.append("merged: " + ", ".join(sorted(str(area) for area in list(sheet.merged_cells.ranges)[:500])))
    if fills:
        used = ", ".join(f"{fill} {colour_name(fill)} ({count})" for fill, count in fills.most_common(40))
        head.append(f"fills, in braces after a cell's text (count of cells): {used}")
    if sheet.conditional_formatting:
        head.append("it has conditional formats too, whose colours are not shown")
    hidden = [f"row {key}" for key, row in sheet.row_dimensions.items() if row.hidden]
    hidden += [f"column {key}" for key, column in sheet.column_dimensions.items() if column.hidden]
    if hidden:
        head.append("hidden: " + ", ".join(hidden[:200]))
    if len(cells) > budget:
        head.append(f"[cut: the first {budget:,} cells are shown; ask for one sheet, or compute with Python]")
    return "\n".join([*head, _drawn(cells)]), len(cells)


def _cell(cell: Any, value: Any) -> str:
    """What stands in a cell: its value, and its formula and note where it has them."""
    if cell.data_type == "f":
        formula = getattr(cell.value, "text", cell.value)  # array formulas are objects
        known = one_line(value.value) if value is not None and value.value is not None else "(not computed)"
        text = f"{known} [{one_line(formula)}]"
    else:
        text = "" if cell.value is None else one_line(cell.value)
    if getattr(cell, "comment", None):
        text = f"{text} [note: {one_line(cell.comment.text)}]".strip()
    return text


def _extent(cells: Mapping[tuple[int, int], str]) -> str:
    from openpyxl.utils import get_column_letter

    if not cells:
        return "empty"
    rows, columns = [row for row, _ in cells], [column for _, column in cells]
    return f"{get_column_letter(min(columns))}{min(rows)}:{get_column_letter(max(columns))}{max(rows)}"


def _drawn(cells: Mapping[tuple[int, int], str]) -> str:
    """A grid with column letters and row numbers; a list of cells by name where a grid would be mostly empty."""
    from openpyxl.utils import get_column_letter

    if not cells:
        return ""
    by_row: dict[int, dict[int, str]] = defaultdict(dict)
    for (row, column), text in sorted(cells.items()):
        by_row[row][column] = text
    columns = sorted({column for _, column in cells})
    if len(by_row) * len(columns) > _SPARSE * len(cells) + 400:
        return "\n".join(
            f"{row}: " + "; ".join(f"{get_column_letter(column)}{row} = {text}" for column, text in held.items())
            for row, held in by_row.items()
        )
    first, last = columns[0], columns[-1]
    shown = list(range(first, last + 1)) if last - first < 2 * len(columns) + 20 else columns
    lines = [
        "| | " + " | ".join(get_column_letter(column) for column in shown) + " |",
        "|" + " --- |" * (len(shown) + 1),
    ]
    lines += [
        f"| {row} | " + " | ".join(held.get(column, "") for column in shown) + " |" for row, held in by_row.items()
    ]
    return "\n".join(lines)
