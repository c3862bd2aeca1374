"""Pages of the embedded web: small HTML, with links, tables and the odd paragraph that a real page has too."""

from __future__ import annotations

import random
from collections.abc import Sequence
from html import escape

from envs.gaia.embedded.draft import Page

_ASIDES = (
    "Visitors are asked to keep to the marked paths and to take their litter home.",
    "The office is open on weekdays from nine to noon; on feast days it stays shut.",
    "Older photographs can be seen in the reading room on request.",
    "The coast road was widened after the storm and is passable all the year round.",
    "A small fair is held here on the second Sunday of September.",
    "Volunteers meet on the first Tuesday of each month and are glad of help.",
    "The dialect of the valley has a word of its own for the evening wind.",
    "Guided walks start at the fountain and end at the old customs house.",
)


def page(url: str, title: str, date: str, *parts: str) -> Page:
    body = "\n".join(parts)
    return Page(
        url,
        title,
        date,
        f"<html><head><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1>\n{body}\n</body></html>",
    )


def p(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def link(text: str, url: str, before: str = "", after: str = "") -> str:
    return f'<p>{escape(before)}<a href="{escape(url)}">{escape(text)}</a>{escape(after)}</p>'


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def aside(rng: random.Random) -> str:
    """A paragraph that answers nothing."""
    return p(rng.choice(_ASIDES))


def archived(year: int, url: str) -> str:
    """The address of a page as it stood in a year."""
    return f"https://archive.example/{year}/{url}"


def day(rng: random.Random, year: int) -> str:
    return f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
