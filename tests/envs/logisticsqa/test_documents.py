import os
import random
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.logisticsqa.documents import MAX_MARKUP, DocumentError, load_document, parse_document
from envs.logisticsqa.sections import compact, outline
from tests.envs.logisticsqa.invoices import UBL, invoice

GOOD = invoice().encode()
BODY = GOOD.decode().split("?>\n", 1)[1]


def with_doctype(declarations: str, use: str = "") -> bytes:
    return f"<!DOCTYPE Invoice [{declarations}]>\n{BODY.replace('INV-1', use or 'INV-1')}".encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

HOSTILE = {
    "an entity bomb": (with_doctype(f'<!ENTITY l0 "lol">{LAUGHS}', "&l9;"), r"document type definition.*Remove"),
    "a quadratic bomb": (with_doctype(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000), r"document type definition"),
    "an external entity": (with_doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), r"document type definition"),
    "an external DTD": (
        f'<!DOCTYPE Invoice SYSTEM "http://192.0.2.1/x.dtd">{BODY}'.encode(),
        r"document type definition",
    ),
    "a parameter entity": (with_doctype('<!ENTITY % p SYSTEM "http://192.0.2.1/">%p;'), r"document type definition"),
    "a DTD behind a comment": (b"<!-- x --><?pi?>\n" + with_doctype(""), r"document type definition"),
    "a DTD in UTF-16": (with_doctype('<!ENTITY a "b">', "&a;").decode().encode("utf-16"), r"document type definition"),
    "an entity without DTD": (BODY.replace("INV-1", "&x;").encode(), r"no well-formed XML.*Entity 'x' not defined"),
    "deep nesting": (BODY.replace("INV-1", "<a>" * 150 + "</a>" * 150).encode(), r"nested deeper than 100"),
    "very deep nesting": (BODY.replace("INV-1", "<a>" * 90_000 + "</a>" * 90_000).encode(), r"well-formed|deeper"),
    "many tags": (
        BODY.replace("INV-1", "<a/>" * (MAX_MARKUP + 1)).encode(),
        r"600,\d+ tags.*over the limit of 600,000",
    ),
    "many attributes": (BODY.replace("<cbc:ID>", "<cbc:ID " + 'a="" ' * MAX_MARKUP + ">").encode(), r"over the limit"),
    "an element of many attributes": (
        BODY.replace("<cbc:ID>", "<cbc:ID " + " ".join(f'a{n}=""' for n in range(300_000)) + ">", 1).encode(),
        r"over 200 attributes",
    ),
    "Latin-1 declared UTF-8": (
        GOOD.decode().encode("latin-1"),
        r"not in its encoding, utf-8 at position \d+.*Save it as UTF-8",
    ),
    "UTF-8 declared UTF-16": (GOOD.replace(b"UTF-8", b"UTF-16"), r"declares the encoding 'UTF-16'.*Save it as UTF-8"),
    "UTF-7": (GOOD.replace(b"UTF-8", b"UTF-7"), r"declares the encoding 'UTF-7'"),
    "no encoding at all": (GOOD.replace(b"UTF-8", b"rot13"), r"declares the encoding 'rot13'"),
    "an odd number of UTF-16 bytes": (GOOD.decode().encode("utf-16")[:-1], r"not in its encoding, utf-16"),
    "a truncated file": (GOOD[: len(GOOD) // 2], r"no well-formed XML.*cut off.*Get the file anew"),
    "a file cut in its prolog": (GOOD[:20], r"no well-formed XML|not XML"),
    "NUL bytes": (GOOD.replace(b"INV-1", b"INV\0"), r"NUL byte at position \d+"),
    "NUL characters": (GOOD.replace(b"INV-1", b"INV\0").decode().encode("utf-16"), r"NUL characters"),
    "control characters": (GOOD.replace(b"INV-1", b"INV\x0b"), r"no well-formed XML"),
    "an empty file": (b"", r"empty"),
    "blanks": (b" \n\t ", r"empty"),
    "a byte order mark alone": (b"\xef\xbb\xbf", r"not XML"),
    "a PDF": (b"%PDF-1.7\n\0\0", r"a PDF file, not XML.*UBL 2.1"),
    "an archive": (b"PK\x03\x04rest", r"ZIP archive"),
    "noise": (random.Random(0).randbytes(5000), r"NUL byte|encoding"),
    "JSON": (b'{"a": 1}', r"not XML: it begins with"),
    "HTML": (b"<html><body>404<br></body></html>", r"well-formed|root element"),
    "other XML": (b"<note>x</note>", r"root element is 'note'.*Leave it out"),
    "another kind of UBL": (f'<Order xmlns="{UBL}Order-2"/>'.encode(), r"neither Invoice nor CreditNote"),
    "another standard": (b'<r:CrossIndustryInvoice xmlns:r="urn:x"/>', r"another standard"),
    "an invoice in an envelope": (
        f"<Envelope>{BODY}</Envelope>".encode(),
        r"A UBL document is inside it: save that alone",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_usable_document_is_refused_with_what_is_wrong(name: str, tmp_path: Path) -> None:
    data, reason = HOSTILE[name]
    path = tmp_path / "strange.xml"
    path.write_bytes(data)
    started = time.process_time()
    with pytest.raises(DocumentError, match=rf"(?s)^strange\.xml: .*({reason})") as refusal:
        load_document(path)
    assert time.process_time() - started < 1
    assert len(str(refusal.value)) < 600


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.xml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(
            DocumentError, match=r"100,000,000 bytes or more, over the limit of 10,000,000.*max_document_mb"
        ):
            load_document(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(DocumentError, match="over the limit of 10"):
        parse_document(GOOD, max_bytes=10)


def test_folders_pipes_and_missing_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "link.xml").symlink_to(tmp_path / "link.xml")
    for path, reason in (
        (tmp_path, "a folder"),
        (tmp_path / "pipe.xml", "no ordinary file"),
        (tmp_path / "gone.xml", "No such file"),
        (tmp_path / "link.xml", "can't be read"),
        (tmp_path / "a\0b", "can't be read"),
    ):
        with pytest.raises(DocumentError, match=reason):
            load_document(path)


@pytest.mark.parametrize(
    "data",
    [
        b"\n \n" + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        BODY.encode(),
        b"<!-- made by hand -->\n" + BODY.encode(),
        GOOD.decode().encode("utf-16"),
        GOOD.decode().encode("utf-32"),
        GOOD.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        GOOD.decode().replace('"UTF-8"', "'windows-1252'").encode("cp1252"),
        GOOD.replace(f"{UBL}Invoice-2".encode(), b"").replace(b' xmlns=""', b""),
        GOOD.replace(b"cac:", b"a:")
        .replace(b"xmlns:cac", b"xmlns:a")
        .replace(b"cbc:", b"b:")
        .replace(b"xmlns:cbc", b"xmlns:b"),
        GOOD.replace(b"INV-1", b"<![CDATA[INV-1]]>"),
    ],
)
def test_variants_of_one_invoice_are_opened_and_read_alike(data: bytes) -> None:
    document = parse_document(data)
    assert document.kind == "Invoice"
    assert document.source == data
    assert compact(document.root) == compact(parse_document(GOOD).root)
    assert "cbc:Name: Müller & Søn" in outline(document)


def test_credit_notes_are_opened() -> None:
    assert parse_document(invoice(kind="CreditNote").encode()).kind == "CreditNote"


def test_ten_megabytes_of_ordinary_invoice_are_opened_in_seconds() -> None:
    references = [f"TRANSPORT-REFERENCE-{n:08}-{'x' * 150}" for n in range(18_000)]
    data = invoice(references=references).encode()
    assert 9_000_000 < len(data) < 10_000_000
    started = time.process_time()
    document = parse_document(data)
    assert time.process_time() - started < 2
    assert len(document.root) == 18_002


def opened(data: bytes) -> bool:
    try:
        document = parse_document(data)
    except DocumentError:
        return False
    assert compact(document.root)
    assert outline(document)
    return True


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_document_or_refused(data: bytes) -> None:
    opened(data)


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.booleans())
def test_any_text_is_a_document_or_refused(text: str, encoding: str, tagged: bool) -> None:
    opened(f"<{text}>".encode(encoding, "replace") if tagged else text.encode(encoding, "replace"))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(GOOD)),
            st.integers(0, 40),
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(
                    [b"<", b"&", b"]]>", b"<!--", b"<!DOCTYPE a>", b"<![CDATA[", b"\xff\xfe", b"<?xml?>", b"&#0;"]
                ),
            ),
        ),
        max_size=4,
    )
)
def test_a_damaged_invoice_is_opened_or_refused(changes: list[tuple[int, int, bytes]]) -> None:
    data = GOOD
    for place, length, new in changes:
        data = data[:place] + new + data[place + length :]
    if opened(data):
        assert b"<!DOCTYPE" not in data.split(b"<Invoice")[0].split(b"<!--")[0]
