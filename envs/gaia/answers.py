"""Reads an answer from the template that GAIA's prompt asks for: `FINAL ANSWER: ...`."""

from __future__ import annotations

import re

_TEMPLATE = re.compile(r"final\s+answer\W{0,3}?:", re.IGNORECASE)
_MARKUP = "*_`~# \t\r"
_QUOTES = (('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("«", "»"))


def has_template(text: str) -> bool:
    """Whether the text claims to give a final answer."""
    return _TEMPLATE.search(text) is not None


def read_answer(text: str) -> str | None:
    """The answer after the last `FINAL ANSWER:`, to the end of its line (of the next one with words, if it is empty).

    Markup (`**`, backquotes) and one pair of quotes around it are taken off. None where there is no template, or nothing
    in it: the answer is unparsable, which is not the same as wrong.
    """
    found = list(_TEMPLATE.finditer(text))
    if not found:
        return None
    lines = (clean(line) for line in text[found[-1].end() :].split("\n"))
    return next((line for line in lines if line), None)


def clean(answer: str) -> str:
    """Without the markup, white space and one pair of quotes around it."""
    text = answer.strip(_MARKUP + "\n")
    for opening, closing in _QUOTES:
        if len(text) > 1 and text[0] == opening and text[-1] == closing and opening not in text[1:-1]:
            return text[1:-1].strip()
    return text
