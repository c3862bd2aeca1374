"""Text of any kind: notes, source, JSON, XML, tables with separators, and what turns out to be no text at all."""

from __future__ import annotations

import csv
import io
import json

from envs.gaia.tools.readers.source import Reading, Source, Unreadable, explain, size_of

_HEAD = 512  # bytes of a hexdump
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data: bytes, media: str = "") -> tuple[str, str] | None:
    """(text, encoding) of bytes that are text, else None. UTF-8 where it fits, a byte-order mark or a named charset before."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError:
                break
    if b"\0" in data[:8192]:
        return None
    named = media.lower().partition("charset=")[2].strip("\"' ;") if "charset=" in media.lower() else ""
    for encoding in filter(None, (named, "utf-8")):
        try:
            return data.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:8192])
    if control > len(data[:8192]) // 50:
        return None
    return data.decode("cp1252", "replace"), "cp1252"


def read_text(source: Source) -> Reading:
    """The text as it stands."""
    found = decode(source.data, source.media)
    if found is None:
        return read_unknown(source)
    text, encoding = found
    note = "" if encoding.startswith("utf") else f"[not UTF-8: read as {encoding}]\n"
    return Reading(note + (text if text.strip() else "(the file is empty)"))


def read_unknown(source: Source) -> Reading:
    """Bytes that no reader knows: what can be said of them."""
    if not source.data:
        return Reading("(the file is empty)")
    lines = [f"{source.name}: {size_of(len(source.data))}, of no kind that can be read as text. Its first bytes:"]
    for start in range(0, min(len(source.data), _HEAD), 16):
        row = source.data[start : start + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:06x}  {row.hex(' '):<47}  {shown}")
    return Reading("\n".join(lines))


def read_json(source: Source) -> Reading:
    """The text as it stands, under a line that says what it holds or that it is broken."""
    text = _text(source)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Reading(f"[no valid JSON: {explain(error)}; the text follows as it stands]\n{text}")
    if isinstance(value, dict):
        shape = f"an object with {len(value)} keys"
    elif isinstance(value, list):
        shape = f"a list of {len(value)} items"
    else:
        shape = f"one {type(value).__name__}"
    return Reading(f"[JSON: {shape}]\n{text}")


def read_delimited(source: Source) -> Reading:
    """The text as it stands, under a line with the separator and the counts of rows and columns."""
    text = _text(source)
    delimiter = "\t" if source.name.lower().endswith(".tsv") else _delimiter(text)
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error as error:
        return Reading(f"[no well-formed table: {explain(error)}; the text follows as it stands]\n{text}")
    if not widths:
        return Reading("(the file is empty)")
    columns = str(widths[0]) if len(set(widths)) == 1 else f"{min(widths)} to {max(widths)}"
    name = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}[delimiter]
    return Reading(
        f"[table: {len(widths)} rows with the heading, if it has one; columns: {columns}; separator: {name}]\n{text}"
    )


def _text(source: Source) -> str:
    found = decode(source.data, source.media)
    if found is None:
        raise Unreadable("it is named like text, but holds binary data")
    return found[0]


def _delimiter(text: str) -> str:
    """The separator that the first lines agree on: the one they hold most often of. A comma where there is none."""
    lines = [line for line in text[:8192].splitlines()[:20] if line.strip()]
    return max(",\t;|", key=lambda mark: min((line.count(mark) for line in lines), default=0))
