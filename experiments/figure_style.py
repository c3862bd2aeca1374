"""How all figures look, and how they are written: at column width, for colour-blind readers, always the same bytes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WIDTH = 3.5  # inches: a column of a two-column paper
INK, MUTED, GRID = "#1a1a1a", "#6b6b6b", "#e6e6e6"
ALARM = "#b3261e"

# Okabe and Ito's palette (2008, "Color Universal Design"), told apart with any common colour vision and in grey.
_KNOWN = {"none": "#7f7f7f", "all_at_once": "#d55e00", "fgo": "#0072b2"}
_OTHERS = ("#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_MARKERS = {"none": "", "all_at_once": "s", "fgo": "o"}
_OTHER_MARKERS = ("^", "D", "v", "P", "X", "<", ">")  # not as many as colours, so that pairs repeat late
_NAMES = {"none": "unoptimized", "all_at_once": "all-at-once", "fgo": "FGO"}
_FOOTER_WIDTH = 92  # characters a line at the footer's size
_FOOTER_LINE = 0.091  # inches

_SETTINGS: dict[Any, Any] = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is the same on every machine
    "font.size": 7.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "text.color": INK,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "fgo",
    "path.simplify": False,
    "text.parse_math": False,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one method is drawn."""

    colour: str
    marker: str


def looks(optimizers: Sequence[str]) -> dict[str, Look]:
    """A look for each optimizer: the known ones always the same, others by their order."""
    found, others = {}, 0
    for name in optimizers:
        if name in _KNOWN:
            found[name] = Look(_KNOWN[name], _MARKERS[name])
        else:
            found[name] = Look(_OTHERS[others % len(_OTHERS)], _OTHER_MARKERS[others % len(_OTHER_MARKERS)])
            others += 1
    return found


def name_of(optimizer: str) -> str:
    """What a method is called in figures."""
    method, _, variant = optimizer.partition("+")
    name = _NAMES.get(method) or method.replace("_", " ")
    return f"{name}, {variant.replace('_', ' ')}" if variant else name


def footer_lines(*sentences: str) -> str:
    """A footer's sentences, wrapped to the figure's width."""
    return textwrap.fill(" ".join(sentence for sentence in sentences if sentence), _FOOTER_WIDTH)


def footer_height(footer: str) -> float:
    """Inches that a footer takes, with the room below and above it."""
    return 0.12 + _FOOTER_LINE * (footer.count("\n") + 1)


@contextmanager
def drawing() -> Iterator[Any]:
    """matplotlib's Figure class under our settings alone, whatever a user's matplotlibrc says; no display needed."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield Figure


def frame(figure: Any, title: str, footer: str, simulated: bool) -> None:
    """Title at the top left, SIMULATED in a badge at the top right, the footer small below everything."""
    width, height = figure.get_size_inches()
    title = textwrap.fill(title, 36 if simulated else 48)
    figure.text(0.06 / width, 1 - 0.07 / height, title, ha="left", va="top", fontsize=8, fontweight="bold")
    figure.text(0.06 / width, 0.05 / height, footer, ha="left", va="bottom", fontsize=5, color=MUTED, linespacing=1.3)
    if simulated:
        badge = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": ALARM, "linewidth": 0.8}
        figure.text(
            1 - 0.09 / width, 1 - 0.09 / height, "SIMULATED", ha="right", va="top", fontsize=6.5, fontweight="bold",
            color=ALARM, bbox=badge,
        )  # fmt: skip


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """The positions moved apart, as little as need be, so that neighbours are at least `gap` from each other."""
    order = sorted(range(len(positions)), key=lambda index: (positions[index], index))
    clusters: list[list[int]] = []
    for index in order:
        clusters.append([index])
        while len(clusters) > 1 and _bottom(clusters[-1], positions, gap) - _top(clusters[-2], positions, gap) < gap:
            clusters[-2:] = [clusters[-2] + clusters[-1]]
    placed = [0.0] * len(positions)
    for cluster in clusters:
        for rank, index in enumerate(cluster):
            placed[index] = _bottom(cluster, positions, gap) + rank * gap
    return placed


def below(positions: Sequence[float], top: float, gap: float) -> list[float]:
    """The same positions, at least `gap` from each other, moved down where they would stand above `top`."""
    placed = list(positions)
    limit = top
    for index in sorted(range(len(placed)), key=lambda index: (-placed[index], -index)):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed


def _bottom(cluster: Sequence[int], positions: Sequence[float], gap: float) -> float:
    return sum(positions[index] for index in cluster) / len(cluster) - gap * (len(cluster) - 1) / 2


def _top(cluster: Sequence[int], positions: Sequence[float], gap: float) -> float:
    return _bottom(cluster, positions, gap) + gap * (len(cluster) - 1)


def save(figure: Any, stem: Path) -> list[Path]:
    """The figure as STEM.svg, STEM.pdf and STEM.png (300 dots an inch), without dates; their paths."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    no_date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    written = []
    for suffix, metadata in no_date.items():
        path = stem.parent / f"{stem.name}.{suffix}"
        figure.savefig(path, format=suffix, dpi=300, metadata=metadata)
        written.append(path)
    return written
