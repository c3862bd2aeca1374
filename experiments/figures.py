"""A study's figures: success against training size, and a heat map of one method's lead over another.

Each is written as SVG, PDF and PNG whose bytes depend on the numbers alone (experiments/figure_style.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.figure_style import (
    GRID,
    INK,
    MUTED,
    WIDTH,
    Look,
    below,
    drawing,
    footer_height,
    footer_lines,
    frame,
    looks,
    name_of,
    save,
    spread,
)
from experiments.figures_rows import difference_figure, success_rows
from experiments.figures_tokens import token_figure
from experiments.grouping import named_runs
from experiments.stats import Interval
from experiments.tables import Row, Section, StudyTable

_LABEL = 0.245  # inches that a method's name and value take
_MOST_BANDS = 4


def success_figures(table: StudyTable, folder: Path) -> list[Path]:
    """Success against training size, one figure a section of the table: success.svg (success-2.svg, ...), .pdf, .png.

    Sections without a complete row are left out: the table says why. With one training size, a row a method.
    """
    paths = []
    for section, stem in _stems(table, folder, "success"):
        rows = [row for row in section.rows if row.success is not None]
        if len({row.train_size for row in rows if row.optimizer != "none"}) > 1:
            paths += _success_figure(table, section, stem)
        else:
            paths += success_rows(table, section, stem)
    return paths


def study_figures(table: StudyTable, folder: Path) -> list[Path]:
    """All figures of a study: success, differences from the baselines, and tokens, each for each section."""
    paths = success_figures(table, folder)
    for section, stem in _stems(table, folder, "differences"):
        paths += difference_figure(table, section, stem)
    for section, stem in _stems(table, folder, "tokens"):
        paths += token_figure(table, section, stem)
    return paths


def _stems(table: StudyTable, folder: Path, name: str) -> Iterator[tuple[Section, Path]]:
    for number, section in enumerate(table.sections, start=1):
        yield section, folder / (name if len(table.sections) == 1 else f"{name}-{number}")


def _success_figure(table: StudyTable, section: Section, stem: Path) -> list[Path]:
    rows = [row for row in section.rows if row.success is not None]
    names = list(dict.fromkeys(row.optimizer for row in rows))
    sizes = sorted({row.train_size for row in rows})
    with drawing() as figure_class:
        footer = _footer(table, section, rows)
        above, under = 0.41, 0.37 + footer_height(footer)
        inner = max(1.69, _LABEL * len(names))
        height = above + inner + under
        figure = figure_class(figsize=(WIDTH, height))
        width = 0.63 if max(len(name_of(name)) for name in names) <= 11 else 0.56  # room for the names
        axes = figure.add_axes((0.15, under / height, width, inner / height))
        for position, (name, look) in enumerate(looks(names).items()):
            # Side by side, so that no error bar hides another.
            offset = (position - (len(names) - 1) / 2) * min(0.07, 0.42 / len(names))
            own = [row for row in rows if row.optimizer == name]
            _draw_method(axes, own, sizes, offset, look, band=bool(look.marker) and len(names) <= _MOST_BANDS)
        _label_methods(axes, rows, names, len(sizes), _LABEL / inner)
        axes.set_xlim(-0.3, len(sizes) - 0.7)
        axes.set_xticks(range(len(sizes)), [str(size) for size in sizes])
        axes.set_xlabel("training tasks")
        axes.set_ylabel("test tasks solved (%)")
        axes.set_ylim(*_limits(rows))
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        frame(figure, table.title, footer, any(row.simulated for row in rows))
        return save(figure, stem)


def _draw_method(axes: Any, rows: Sequence[Row], sizes: Sequence[int], offset: float, look: Look, band: bool) -> None:
    places = [sizes.index(row.train_size) + offset for row in rows]
    found = [row.success for row in rows if row.success is not None]
    means, lows, highs = ([100 * getattr(interval, part) for interval in found] for part in ("estimate", "low", "high"))
    if band:  # many of them, or that of "no optimization", would only muddy the others
        axes.fill_between(places, lows, highs, color=look.colour, alpha=0.1, linewidth=0)
    axes.vlines(places, lows, highs, color=look.colour, linewidth=1.0, alpha=0.75)
    axes.plot(
        places, means, color=look.colour, linewidth=1.6, marker=look.marker or "_", markersize=4.5,
        linestyle="-" if look.marker else (0, (4, 2)), markeredgecolor="white" if look.marker else look.colour,
        markeredgewidth=0.6 if look.marker else 1.4, zorder=3,
    )  # fmt: skip


def _label_methods(axes: Any, rows: Sequence[Row], names: Sequence[str], sizes: int, share: float) -> None:
    """Each method's name and last value beside the right end of its line, moved apart where they would overlap.

    share: of the axes' height that a label takes.
    """
    last = [[row for row in rows if row.optimizer == name][-1] for name in names]
    means = [100 * row.success.estimate for row in last if row.success is not None]
    low, high = _limits(rows)
    colours = looks(names)
    gap = share * (high - low)
    for name, mean, place in zip(names, means, below(spread(means, gap), high, gap), strict=True):
        axes.annotate(
            f"{name_of(name)}\n{mean:.0f} %", (sizes - 0.69, place), va="center", ha="left", linespacing=1.05,
            fontsize=6.8, fontweight="bold", color=colours[name].colour, annotation_clip=False,
        )  # fmt: skip


def _limits(rows: Sequence[Row]) -> tuple[float, float]:
    """The y axis: whole tens around all intervals, within 0 to 100 (and a little air so that no mark is cut)."""
    found = [row.success for row in rows if row.success is not None]
    low = max(0.0, 10 * (100 * min(interval.low for interval in found) // 10))
    high = min(100.0, 10 * -(-100 * max(interval.high for interval in found) // 10))
    return low - 1.5, high + 1.5


def _footer(table: StudyTable, section: Section, rows: Sequence[Row]) -> str:
    seeds = sorted({seed for row in rows for seed in row.seeds})
    tasks = sorted({row.tasks for row in rows})
    looked_at = {row.optimizer for row in rows}
    parts = [
        f"Study {table.study}: {section.title}; {'/'.join(map(str, tasks))} test tasks, seeds {_listed(seeds)}.",
        f"{'Bars and bands' if len(looked_at) <= _MOST_BANDS else 'Bars'}: 95 % intervals, bootstrap over tasks and seeds.",
    ]
    incomplete = sum(bool(row.problem) for row in section.rows)
    if incomplete:
        parts.append(f"Left out: {incomplete} incomplete.")
    return footer_lines(*parts, named_runs(table.study, section.runs))


def _listed(seeds: Sequence[int]) -> str:
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One method's lead over another (shares, -1 to 1) over two settings.

    cells[i][j] belongs to y_values[i] and x_values[j]; None where there is no complete comparison.
    """

    title: str
    x_label: str
    y_label: str
    x_values: Sequence[object]
    y_values: Sequence[object]
    cells: Sequence[Sequence[Interval | None]]
    lead: str
    footer: str
    simulated: bool


def heat_map(data: HeatMap, stem: Path) -> list[Path]:
    """Write the heat map to STEM.svg, .pdf and .png: blue where the lead is positive, orange where negative.

    Each cell tells its lead in points and, below, the 95 % interval; bold where the interval leaves zero out.
    Raises ValueError where the cells don't match the values.
    """
    if [len(row) for row in data.cells] != [len(data.x_values)] * len(data.y_values):
        raise ValueError(
            f"cells must be {len(data.y_values)} rows (y values) of {len(data.x_values)} (x values), "
            f"got rows of {[len(row) for row in data.cells]}"
        )
    rows, columns = len(data.y_values), len(data.x_values)
    footer = footer_lines(f"{data.footer} In cells: lead and its 95 % interval, in points; bold: zero is outside.")
    under = 0.36 + footer_height(footer)
    height = 0.44 + 0.36 * rows + under
    with drawing() as figure_class:
        figure = figure_class(figsize=(WIDTH, height))
        left = max(0.17, 0.09 + 0.017 * max(len(str(value)) for value in data.y_values))  # room for the longest label
        axes = figure.add_axes((left, under / height, 0.83 - left, 0.36 * rows / height))
        bar = figure.add_axes((0.86, under / height, 0.025, 0.36 * rows / height))
        _draw_cells(figure, axes, bar, data)
        axes.set_xticks(range(columns), [str(value) for value in data.x_values])
        axes.set_yticks(range(rows), [str(value) for value in data.y_values])
        axes.tick_params(length=0)
        axes.set_xlabel(data.x_label)
        axes.set_ylabel(data.y_label)
        axes.spines[:].set_visible(False)
        frame(figure, data.title, footer, data.simulated)
        return save(figure, stem)


def _draw_cells(figure: Any, axes: Any, bar: Any, data: HeatMap) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list(
        "lead", ["#b34700", "#f2a463", "#ffffff", "#7db8e0", "#00568a"]
    ).with_extremes(bad="#f4f4f4")
    leads = [[None if cell is None else 100 * cell.estimate for cell in row] for row in data.cells]
    most = max((abs(lead) for row in leads for lead in row if lead is not None), default=0.0)
    limit = max(10.0, 10 * -(-most // 10))
    import numpy as np

    matrix = np.ma.masked_invalid([[float("nan") if lead is None else lead for lead in row] for row in leads])
    mesh = axes.imshow(matrix, cmap=colours, vmin=-limit, vmax=limit, aspect="auto", origin="lower")
    axes.set_xticks([x - 0.5 for x in range(1, len(data.x_values))], minor=True)
    axes.set_yticks([y - 0.5 for y in range(1, len(data.y_values))], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    for i, row in enumerate(data.cells):
        for j, cell in enumerate(row):
            _write_cell(axes, j, i, cell, limit)
    scale = figure.colorbar(mesh, cax=bar, ticks=[-limit, 0, limit])
    scale.outline.set_visible(False)
    scale.ax.set_yticklabels([f"−{limit:.0f}", "0", f"+{limit:.0f}"])
    scale.ax.tick_params(length=0, pad=2, labelsize=6.5)
    scale.set_label(data.lead, fontsize=6.5, labelpad=1)


def _write_cell(axes: Any, x: int, y: int, cell: Interval | None, limit: float) -> None:
    if cell is None:
        axes.text(x, y, "–", ha="center", va="center", color=MUTED)
        return
    colour = "white" if abs(100 * cell.estimate) > 0.6 * limit else INK
    sure = 0.0 not in cell
    lead, low, high = (_points(value) for value in (cell.estimate, cell.low, cell.high))
    axes.text(
        x, y + 0.13, lead, ha="center", va="center", fontsize=7.5, color=colour, fontweight="bold" if sure else "normal"
    )
    axes.text(x, y - 0.24, f"[{low}, {high}]", ha="center", va="center", fontsize=4.6, color=colour)


def _points(share: float) -> str:
    points = round(100 * share)
    return f"{points:+d}".replace("-", "−") if points else "0"
