"""Where prompt tokens go: by phase for each method, and how long the optimizer's prompts are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.figure_style import GRID, INK, WIDTH, drawing, footer_height, frame, save
from experiments.figures_rows import label_width, row_footer, row_labels
from experiments.summary import PHASES
from experiments.tables import Row, Section, StudyTable
from fgo.types import Phase

# From Okabe and Ito's palette, in an order in which neighbours differ in lightness too.
_COLOURS: dict[Phase, str] = {
    "explore": "#56b4e9",
    "validate": "#0072b2",
    "optimize": "#d55e00",
    "merge": "#1a1a1a",
    "test": "#c9c9c9",
}
_ROW = 0.19  # inches


def token_figure(table: StudyTable, section: Section, stem: Path) -> list[Path]:
    """To STEM.svg, .pdf, .png: left, prompt tokens of a run by phase; right, mean and largest of the optimizer's prompts.

    Nothing where no row is complete.
    """
    rows = [row for row in section.rows if row.success is not None]
    if not rows:
        return []
    note = (
        "Left: prompt tokens of a run, mean over seeds. Right: of a call of the optimizer or merger, mean (dot) and largest "
        "(bar). Without a cache."
    )
    footer = row_footer(table, section, note)
    labels = row_labels(rows)
    above, below = 0.6, 0.46 + footer_height(footer)
    inner = _ROW * len(rows) + 0.06
    height = above + inner + below
    left = label_width(labels)
    room = WIDTH - left - 0.14 - 0.16
    wide, narrow = 0.58 * room, 0.42 * room
    with drawing() as figure_class:
        figure = figure_class(figsize=(WIDTH, height))
        bars = figure.add_axes((left / WIDTH, below / height, wide / WIDTH, inner / height))
        calls = figure.add_axes(((left + wide + 0.16) / WIDTH, below / height, narrow / WIDTH, inner / height))
        _draw_phases(bars, rows)
        _dress(bars, labels, f"by phase\n({_scale(_longest(rows))[1]})")
        _draw_calls(calls, rows)
        _dress(calls, [""] * len(labels), "of an optimizer's call\n(thousand)")
        _legend(figure, 1 - 0.47 / height)
        frame(figure, table.title + ": prompt tokens", footer, any(row.simulated for row in rows))
        return save(figure, stem)


def _longest(rows: Sequence[Row]) -> float:
    return max(sum(row.prompts.values()) for row in rows)


def _scale(tokens: float) -> tuple[float, str]:
    return (1e6, "million") if tokens >= 1e6 else (1e3, "thousand")


def _draw_phases(axes: Any, rows: Sequence[Row]) -> None:
    unit, _ = _scale(_longest(rows))
    for place, row in enumerate(rows):
        start = 0.0
        for phase in PHASES:
            length = row.prompts[phase] / unit
            axes.barh(place, length, left=start, height=0.68, color=_COLOURS[phase], linewidth=0)
            start += length
    axes.set_xlim(0, 1.04 * _longest(rows) / unit)


def _draw_calls(axes: Any, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        if row.prompt_mean is not None and row.prompt_max is not None:
            axes.hlines(place, 0, row.prompt_max / 1e3, color=_COLOURS["optimize"], linewidth=3.2, alpha=0.35)
            axes.plot([row.prompt_mean / 1e3], [place], marker="o", markersize=4, color=_COLOURS["optimize"], zorder=3)
    axes.set_xlim(left=0)


def _legend(figure: Any, y: float) -> None:
    """The phases' names beside squares of their colours, in a line above the axes."""
    x = 0.12
    for phase in PHASES:
        figure.text(x, y, "■", color=_COLOURS[phase], fontsize=7, ha="left", va="center")
        figure.text(x + 0.028, y, phase, color=INK, fontsize=6.5, ha="left", va="center")
        x += 0.028 + 0.0155 * len(phase) + 0.028


def _dress(axes: Any, labels: Sequence[str], title: str) -> None:
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.locator_params(axis="x", nbins=4)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(title, fontsize=7)
