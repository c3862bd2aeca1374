"""The transport numbers of the generated set: their check digit, how issuers write them, how they are booked.

A transport number is seven digits and a check digit (mod 11, weights 8 to 2), maybe with a department letter before it
(A air, S sea, R road) and positions of the consignment after it: "S24711003/01-03" are the positions 01, 02 and 03.
Booked are letter, eight digits and one position each: "S24711003/01". Issuers add prefixes, blanks, dots and zeros.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WEIGHTS = (8, 7, 6, 5, 4, 3, 2)
LETTERS = "ASR"
PREFIX = "VML"
"""The word that some issuers put before the company's numbers; not a part of them."""

_WRITTEN = re.compile(
    rf"(?<![0-9A-Za-z./-])(?:{PREFIX}[- ]?)?(?P<letter>[{LETTERS}][- ]?)?"
    r"(?P<digits>0{4}\d{8}|\d{8}|\d{2} \d{3} \d{3}|\d{2}\.\d{3}\.\d{3})"
    r"(?:/(?P<first>\d{2})(?:-(?P<last>\d{2}))?)?(?![0-9A-Za-z/]|[.-]\d)"
)


def check_digit(body: str) -> str | None:
    """The digit that completes seven digits; None for the one body in eleven that has none and is never issued."""
    remainder = -sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11
    return None if remainder == 10 else str(remainder)


def is_issued(digits: str) -> bool:
    """Whether eight digits bear the company's check digit."""
    return len(digits) == 8 and check_digit(digits[:7]) == digits[7]


@dataclass(frozen=True, slots=True)
class Written:
    """A number of the company's shape as it stands in a text, with or without the right check digit."""

    text: str
    letter: str
    digits: str
    first: str
    last: str

    @property
    def issued(self) -> bool:
        return is_issued(self.digits)

    @property
    def number(self) -> str:
        """Letter and digits, without positions."""
        return self.letter + self.digits

    def references(self) -> list[str]:
        """What it is booked under: one reference a position."""
        if not self.first:
            return [self.number]
        return [f"{self.number}/{position}" for position in expand(self.first, self.last or self.first)]


def expand(first: str, last: str) -> list[str]:
    """All positions from first to last, two digits each; of a range that runs backwards, its two ends."""
    low, high = int(first), int(last)
    if high < low:
        return [first, last]
    return [f"{position:02d}" for position in range(low, high + 1)]


def find_written(text: str) -> list[Written]:
    """All numbers of the company's shape in a text, in order, whoever's they are."""
    return [
        Written(
            found.group(0),
            (found["letter"] or "")[:1],
            re.sub(r"\D", "", found["digits"])[-8:],
            found["first"] or "",
            found["last"] or "",
        )
        for found in _WRITTEN.finditer(text)
    ]


STYLES = ("plain", "prefix", "blanks", "dots", "zeros")
"""How issuers write the eight digits. All but the first need putting right."""


def write(number: str, style: str) -> str:
    """A number (letter and eight digits) in an issuer's style, without positions."""
    letter, digits = number[:-8], number[-8:]
    if style == "blanks":
        return f"{letter}{' ' * bool(letter)}{digits[:2]} {digits[2:5]} {digits[5:]}"
    if style == "dots":
        return f"{letter}{'-' * bool(letter)}{digits[:2]}.{digits[2:5]}.{digits[5:]}"
    if style == "zeros":
        return f"{letter}{'0' * 4}{digits}"
    return f"{PREFIX}-{number}" if style == "prefix" else number
