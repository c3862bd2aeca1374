"""Figures with a row a method: differences from the baselines with their intervals, and success at one training size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from experiments.figure_style import (
    GRID,
    INK,
    MUTED,
    WIDTH,
    drawing,
    footer_height,
    footer_lines,
    frame,
    looks,
    name_of,
    save,
)
from experiments.grouping import BASELINES, named_runs
from experiments.stats import Interval
from experiments.tables import Row, Section, StudyTable

_ROW = 0.17  # inches
_PANEL_GAP = 0.14
_CHARACTER = 0.06  # inches of a label's character


def difference_figure(table: StudyTable, section: Section, stem: Path) -> list[Path]:
    """A forest plot to STEM.svg, .pdf, .png: a panel a baseline. Nothing where nothing is compared."""
    panels = [baseline for baseline in BASELINES if any(baseline in row.differences for row in section.rows)]
    rows = [row for row in section.rows if row.differences]
    if not rows:
        return []

    def of(baseline: str) -> Callable[[Row], Interval | None]:
        return lambda row: row.differences.get(baseline)

    columns = [(f"minus {name_of(baseline)}\n(points)", of(baseline)) for baseline in panels]
    note = "Difference in test tasks solved, paired by task and seed, with its 95 % interval; filled: zero is outside."
    return _figure(table, section, rows, columns, ": differences", note, stem, zero=True)


def success_rows(table: StudyTable, section: Section, stem: Path) -> list[Path]:
    """Success of each method to STEM.svg, .pdf, .png. Nothing where no row is complete."""
    rows = [row for row in section.rows if row.success is not None]
    columns: list[tuple[str, Callable[[Row], Interval | None]]] = [("test tasks solved (%)\n", lambda row: row.success)]
    note = "With 95 % intervals, bootstrap over tasks and seeds."
    return _figure(table, section, rows, columns, "", note, stem, zero=False) if rows else []


def row_labels(rows: Sequence[Row]) -> list[str]:
    """What rows are called: with their number of training tasks where a method has several."""
    several = len({row.train_size for row in rows if row.optimizer != "none"}) > 1
    return [f"{name_of(row.optimizer)}, {row.train_size}" if several else name_of(row.optimizer) for row in rows]


def label_width(labels: Sequence[str]) -> float:
    """Inches for the longest label beside the axes."""
    return 0.12 + _CHARACTER * max(map(len, labels))


def row_footer(table: StudyTable, section: Section, note: str) -> str:
    """What was run, what is shown, what is left out, which runs."""
    incomplete = sum(bool(row.problem) for row in section.rows)
    left_out = f"Left out: {incomplete} incomplete." if incomplete else ""
    return footer_lines(f"{section.title}.", note, left_out, named_runs(table.study, section.runs))


def _figure(
    table: StudyTable,
    section: Section,
    rows: Sequence[Row],
    columns: Sequence[tuple[str, Callable[[Row], Interval | None]]],
    topic: str,
    note: str,
    stem: Path,
    zero: bool,
) -> list[Path]:
    footer = row_footer(table, section, note)
    labels = row_labels(rows)
    above, below = 0.42, 0.46 + footer_height(footer)
    inner = _ROW * len(rows) + 0.08
    height = above + inner + below
    left = label_width(labels)
    each = (WIDTH - left - 0.12 - _PANEL_GAP * (len(columns) - 1)) / len(columns)
    colours = looks(list(dict.fromkeys(row.optimizer for row in rows)))
    with drawing() as figure_class:
        figure = figure_class(figsize=(WIDTH, height))
        for number, (title, value) in enumerate(columns):
            x = (left + number * (each + _PANEL_GAP)) / WIDTH
            axes = figure.add_axes((x, below / height, each / WIDTH, inner / height))
            for place, row in enumerate(rows):
                interval = value(row)
                if interval is not None:
                    look = colours[row.optimizer]
                    _draw(axes, place, interval, look.colour, look.marker or "o", hollow=zero and 0 in interval)
            _dress(axes, labels if number == 0 else [""] * len(labels), title, zero)
        frame(figure, table.title + topic, footer, any(row.simulated for row in rows))
        return save(figure, stem)


def _draw(axes: Any, place: int, interval: Interval, colour: str, marker: str, hollow: bool) -> None:
    axes.hlines(place, 100 * interval.low, 100 * interval.high, color=colour, linewidth=1.3)
    axes.plot(
        [100 * interval.estimate], [place], marker=marker, markersize=4.5, color=colour, linestyle="",
        markerfacecolor="white" if hollow else colour, markeredgewidth=1.0, zorder=3,
    )  # fmt: skip


def _dress(axes: Any, labels: Sequence[str], title: str, zero: bool) -> None:
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.locator_params(axis="x", nbins=5)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(title, fontsize=7, color=INK)
    if zero:
        low, high = axes.get_xlim()
        axes.set_xlim(min(low, -2.0), max(high, 2.0))
        axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}".replace("-", "−") if value else "0")
