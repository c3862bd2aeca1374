"""Makes a bounded text of what a block of code printed."""

from __future__ import annotations


def cut(head: bytes, tail: bytes, dropped: int, most: int) -> str:
    """Both ends of an output as one text of `most` characters at most, and a note in the middle where some is left out.

    `dropped` bytes between them were not kept; each counts as a character. Bytes that are no UTF-8 are shown as \\x...
    """
    if not dropped:
        text = (head + tail).decode("utf-8", "backslashreplace")
        if len(text) <= most:
            return text
        first, last = text, text
    else:
        first, last = (part.decode("utf-8", "backslashreplace") for part in (head, tail))
        text = first + last
    before = most * 3 // 4
    after = most - before
    left_out = len(text) - most + dropped
    note = f"\n[... {left_out} characters left out here: output is cut at {most} ...]\n"
    return first[:before] + note + last[-after:]
