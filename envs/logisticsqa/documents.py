"""Opens an invoice that may be anything: a UBL document, a broken or hostile file, or something else altogether.

The bytes are decoded here and the markup is counted before a parser sees any of it. So a document type definition (and with
it every entity) is found whatever the encoding, and no file costs more than its limited size allows.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fgo.types import digest

Element = Any
"""A node of lxml's: an element, or a comment or processing instruction (whose tag is no string)."""

MAX_BYTES = 10_000_000
MAX_MARKUP = 600_000  # signs "<" and "=", that is tags and attributes: each costs about 100 bytes of memory
MAX_DEPTH = 100  # UBL's own schema rarely needs 15
MAX_ATTRIBUTES = 200  # of one element: lxml takes quadratic time over them

_ROOT = re.compile(r"\{urn:oasis:names:specification:ubl:schema:xsd:(Invoice|CreditNote)-2\}\1")
_KINDS = ("Invoice", "CreditNote")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's: goes first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP archive (or an office file)",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old office file",
}
_DECLARATION = re.compile(r"<\?xml\s[^>]*?\?>")
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]{1,40})["']""")
_ENCODINGS = re.compile(r"utf-?8|ascii|iso8859-\d+|cp125\d")  # Python's names of what invoices are written in
_BEFORE_ROOT = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)


class DocumentError(ValueError):
    """One document can't be used. The message names it, what is wrong with it and what to do."""


@dataclass(frozen=True)
class Document:
    """A UBL invoice or credit note. `root`: lxml's element; `source`: the file as it is; `xml`: the same in UTF-8."""

    name: str
    kind: str
    root: Element
    source: bytes
    xml: bytes

    @cached_property
    def nodes(self) -> list[Element]:
        """All elements, comments and processing instructions in document order."""
        return list(self.root.iter())

    @cached_property
    def digest(self) -> str:
        return digest(self.xml.decode())


def load_document(path: Path, max_bytes: int = MAX_BYTES) -> Document:
    """Open a file. Raises DocumentError where it is no usable UBL document, whatever it is instead."""
    name = path.name
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            kind = "a folder" if stat.S_ISDIR(state.st_mode) else "no ordinary file"
            raise DocumentError(f"{name}: this is {kind}, not an XML document. Remove it from the documents.")
        _check_size(name, state.st_size, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, DocumentError):
            raise
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise DocumentError(
            f"{name}: the file can't be read ({reason}). Check that it exists and may be read."
        ) from error
    return parse_document(data, name, max_bytes)


def parse_document(data: bytes, name: str = "document.xml", max_bytes: int = MAX_BYTES) -> Document:
    """The document that some bytes hold. Raises DocumentError."""
    _check_size(name, len(data), max_bytes)
    text = _decode(data, name)
    _check_markup(text, name)
    xml = text.encode()
    root = _parse(xml, name)
    return Document(name, _kind(root, name), root, data, xml)


def _check_size(name: str, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DocumentError(
            f"{name}: the document has {size:,} bytes or more, over the limit of {max_bytes:,}. Raise "
            "env.max_document_mb if it is wanted."
        )


def _decode(data: bytes, name: str) -> str:
    """The text without byte order mark, declaration and white space before it."""
    if not data.strip():
        raise DocumentError(f"{name}: the file is empty. Get it anew.")
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise DocumentError(f"{name}: this is {kind}, not XML. Export the invoice as UBL 2.1 XML.")
    encoding = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), "")
    if not encoding:
        if b"\0" in data:
            where = data.index(b"\0")
            raise DocumentError(f"{name}: a NUL byte at position {where}: damaged, or no XML. Get the file anew.")
        encoding = _declared(data, name)
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        place = f" at position {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise DocumentError(
            f"{name}: the text is not in its encoding, {encoding}{place}. Save it as UTF-8 and let its first line say so."
        ) from error
    text = text.lstrip()
    if "\0" in text:
        raise DocumentError(f"{name}: it holds NUL characters: damaged, or no XML. Get the file anew.")
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :].lstrip() if declaration else text


def _declared(data: bytes, name: str) -> str:
    """Python's name of the encoding that the first line declares; UTF-8 where it declares none."""
    found = _DECLARED.match(data[:1000])
    if not found:
        return "utf-8"
    declared = found[1].decode("ascii", "replace").strip()
    try:
        encoding = codecs.lookup(declared).name
    except (LookupError, ValueError):
        encoding = ""
    if not _ENCODINGS.fullmatch(encoding):
        raise DocumentError(
            f"{name}: it declares the encoding {declared!r}, and is not in it or it is not supported. Save it as UTF-8 "
            "and let its first line say so."
        )
    return encoding


def _check_markup(text: str, name: str) -> None:
    if not text.startswith("<"):
        raise DocumentError(
            f"{name}: this is not XML: it begins with {text[:20]!r}. Export the invoice as UBL 2.1 XML."
        )
    start = 0
    while found := _BEFORE_ROOT.match(text, start):
        start = found.end()
    if text[start : start + 9].upper() == "<!DOCTYPE":
        raise DocumentError(
            f"{name}: it has a document type definition (<!DOCTYPE ...>), which UBL does not use and which can do harm. "
            "Remove it."
        )
    markup = text.count("<") + text.count("=")
    if markup > MAX_MARKUP:
        raise DocumentError(
            f"{name}: {markup:,} tags and attributes, over the limit of {MAX_MARKUP:,}. Split the document, or leave it out."
        )


def _parse(xml: bytes, name: str) -> Element:
    from lxml import etree

    # A DTD was refused above. That nothing is resolved or fetched is said all the same.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        collect_ids=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        unfinished = "Premature end" in str(error) or not xml.rstrip().endswith(b">")
        cut = " It seems to be cut off." if unfinished else ""
        raise DocumentError(
            f"{name}: this is no well-formed XML ({_one_line(error)}).{cut} Get the file anew."
        ) from error
    _check_shape(root, name)
    return root


def _check_shape(root: Element, name: str) -> None:
    """Level by level: what follows may recurse over elements and go over their attributes."""
    depth, level = 0, [root]
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise DocumentError(
                f"{name}: elements are nested deeper than {MAX_DEPTH}: this is no invoice. Leave it out."
            )
        if any(len(element.attrib) > MAX_ATTRIBUTES for element in level):
            raise DocumentError(
                f"{name}: an element has over {MAX_ATTRIBUTES} attributes: this is no invoice. Leave it out."
            )
        level = [child for element in level for child in element]


def _kind(root: Element, name: str) -> str:
    """ "Invoice" or "CreditNote". Some converters drop all namespaces, which changes nothing for a reader."""
    found = _ROOT.fullmatch(root.tag)
    if found:
        return found[1]
    if root.tag in _KINDS:
        return str(root.tag)
    local = root.tag.rsplit("}", 1)[-1]
    hint = " It is in another standard (UN/CEFACT CII): convert it." if local == "CrossIndustryInvoice" else ""
    if any(isinstance(node.tag, str) and _ROOT.fullmatch(node.tag) for node in root.iter()):
        hint = " A UBL document is inside it: save that alone."
    raise DocumentError(
        f"{name}: the root element is {root.tag[:120]!r}, neither Invoice nor CreditNote of UBL 2.1.{hint or ' Leave it out.'}"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
