"""Which reader a file needs: by what it holds where that shows, else by what its server or its name says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from envs.gaia.tools.readers.archive import read_zip
from envs.gaia.tools.readers.audio import read_audio
from envs.gaia.tools.readers.container import open_zip, read_member
from envs.gaia.tools.readers.image import read_image
from envs.gaia.tools.readers.molecule import read_pdb
from envs.gaia.tools.readers.office import read_docx, read_pptx
from envs.gaia.tools.readers.page import read_html
from envs.gaia.tools.readers.pdf import read_pdf
from envs.gaia.tools.readers.plain import read_delimited, read_json, read_text, read_unknown
from envs.gaia.tools.readers.source import Reader, Reading, Source, Unreadable, explain, lacks_memory
from envs.gaia.tools.readers.spreadsheet import read_xlsx

NESTING = "!"  # between the members of archives in archives: inner.zip!notes.txt
_DEEPEST = 3

READERS: Mapping[str, Reader] = {
    "spreadsheet": read_xlsx,
    "document": read_docx,
    "presentation": read_pptx,
    "pdf": read_pdf,
    "picture": read_image,
    "recording": read_audio,
    "archive": read_zip,
    "page": read_html,
    "table": read_delimited,
    "json": read_json,
    "molecule": read_pdb,
    "text": read_text,
    "unknown": read_unknown,
}
_CONTENTS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"ID3", "recording"),
    (b"OggS", "recording"),
    (b"fLaC", "recording"),
)
_PARTS = (
    ("xl/workbook.xml", "spreadsheet"),
    ("word/document.xml", "document"),
    ("ppt/presentation.xml", "presentation"),
)
_NAMES = {
    **dict.fromkeys((".xlsx", ".xlsm"), "spreadsheet"),
    **dict.fromkeys((".docx", ".docm"), "document"),
    **dict.fromkeys((".pptx", ".pptm"), "presentation"),
    ".pdf": "pdf",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"), "picture"),
    **dict.fromkeys((".mp3", ".m4a", ".wav", ".flac", ".ogg", ".opus"), "recording"),
    ".zip": "archive",
    **dict.fromkeys((".html", ".htm", ".xhtml"), "page"),
    **dict.fromkeys((".csv", ".tsv"), "table"),
    **dict.fromkeys((".json", ".jsonld", ".geojson"), "json"),
    **dict.fromkeys((".pdb", ".ent"), "molecule"),
}
_MEDIA = (
    ("text/html", "page"),
    ("application/xhtml", "page"),
    ("application/pdf", "pdf"),
    ("image/", "picture"),
    ("audio/", "recording"),
    ("text/csv", "table"),
    ("application/json", "json"),
    ("application/ld+json", "json"),
)


def read(source: Source, member: str = "") -> tuple[str, Reading]:
    """(kind, text) of a file, or of a member of it. Raises Unreadable, whatever is wrong with the file."""
    source = descend(source, member)
    kind = kind_of(source)
    try:
        return kind, READERS[kind](source).bounded()
    except (Unreadable, MemoryError):
        raise
    except ImportError as error:
        raise Unreadable(f"reading a {kind} takes a library that is not installed here ({explain(error)})") from error
    except Exception as error:  # libraries raise whatever a damaged file leads them to
        if lacks_memory(error):
            raise MemoryError from error
        raise Unreadable(f"it can't be read as a {kind}: it may be damaged ({explain(error)})") from error


def descend(source: Source, member: str) -> Source:
    """The member of an archive, of an archive in it, and so on; the source itself where none is asked for."""
    steps = member.split(NESTING) if member else []
    if len(steps) > _DEEPEST:
        raise Unreadable(f"members are read to a depth of {_DEEPEST} archives")
    for step in steps:
        if not zipped(source.data):
            raise Unreadable("it is no archive, so it has no members")
        with open_zip(source.data) as container:
            data = read_member(container, step)
        source = replace(source, name=PurePosixPath(step).name, data=data, media="")
    return source


def kind_of(source: Source) -> str:
    data, suffix = source.data, PurePosixPath(source.name.lower()).suffix
    if zipped(data):
        return _container_kind(data)
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE"):
        return "picture" if data[8:12] == b"WEBP" else "recording"
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Unreadable("it is in an old Office format (.doc, .xls, .ppt), which can't be read")
    for mark, kind in _CONTENTS:
        if data.startswith(mark) and not (mark == b"BM" and suffix != ".bmp"):
            return kind
    if not data:
        return "unknown"
    for media, kind in _MEDIA:
        if source.media.startswith(media):
            return kind
    if source.media.startswith("text/"):
        return "text"
    return _NAMES.get(suffix, "text")


def zipped(data: bytes) -> bool:
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def _container_kind(data: bytes) -> str:
    with open_zip(data) as container:
        names = set(container.namelist())
    return next((kind for part, kind in _PARTS if part in names), "archive")
