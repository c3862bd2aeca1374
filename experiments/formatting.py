"""Numbers, tables and LaTeX as text: shared by all that a study writes, so that equal numbers look equal everywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from experiments.stats import Interval

SIMULATED = "SIMULATED"
NONE = "–"  # no number: nothing to compare with, or no such call
SIMULATED_NOTE = (
    "SIMULATED: made with a model of a model. It shows that the harness works and what follows from that model's "
    "stated assumptions, not that any claim about real models holds."
)


def pipe_table(cells: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table's lines, padded to be read as they are; the first row is the header, the first column text."""
    safe = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in cells]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    rule = [("-" * width) if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    padded = [[_pad(cell, width, i) for i, (cell, width) in enumerate(zip(row, widths, strict=True))] for row in safe]
    return ["| " + " | ".join(row) + " |" for row in [padded[0], rule, *padded[1:]]]


def _pad(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def tex_text(text: str) -> str:
    """Text with LaTeX's special characters escaped."""
    escapes = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    escapes |= {character: f"\\{character}" for character in "&%$#_{}"}
    return "".join(escapes.get(character, character) for character in text)


def tex_cell(text: str) -> str:
    """A cell of a Markdown table as one of LaTeX's."""
    signs = {"−": "$-$", "–": "--", " x ": " $\\times$ ", "∞": "$\\infty$", "<": "$<$"}
    text = tex_text(text)
    for sign, command in signs.items():
        text = text.replace(sign, command)
    return text


def percent(interval: Interval | None, signed: str) -> str:
    """An interval of shares as "12.3 [4.5, 20.1]", in percent or points. signed: "+" where a plus is to be shown."""
    if interval is None:
        return NONE
    estimate, low, high = (
        fixed(100 * value, f"{signed}.1f") for value in (interval.estimate, interval.low, interval.high)
    )
    return f"{estimate} [{low}, {high}]".replace("-", "−").replace("inf", "∞")


def detectable_points(share: float | None) -> str:
    """The smallest difference that a study would find, in points."""
    return NONE if share is None else "over 100" if share > 1 else fixed(100 * share, ".1f")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV, the header first."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def csv_of(records: Sequence[Mapping[str, object]]) -> str:
    """Records with the same keys as CSV."""
    return csv_text([records[0], *(record.values() for record in records)])


def interval_fields(name: str, interval: Interval | None) -> dict[str, str]:
    """An interval as three fields of a CSV record, raw shares; empty where there is none."""
    parts = (("", "estimate"), ("_low", "low"), ("_high", "high"))
    return {name + end: "" if interval is None else fixed(getattr(interval, part), ".4f") for end, part in parts}


def points(interval: Interval) -> str:
    """A difference of shares as "+12.3 points [+4.5, +20.1]"."""
    estimate, _, limits = percent(interval, "+").partition(" ")
    return f"{estimate} points {limits}"


def probability(p: float | None) -> str:
    """A p-value to three digits, never as 0."""
    return NONE if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def fixed(value: float, form: str) -> str:
    """Formatted without the noise of the last bits, and never as a negative zero."""
    rounded = round(value, 9)
    text = format(rounded, form)
    return format(abs(rounded), form) if text.strip("-+0.,") == "" else text


def whole(value: float | None) -> str:
    """A number without decimals."""
    return NONE if value is None else fixed(value, ",.0f")
