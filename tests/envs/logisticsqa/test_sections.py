import base64
import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.logisticsqa.documents import parse_document
from envs.logisticsqa.names import Paths, is_element, resolve
from envs.logisticsqa.sections import OUTLINE_CHARS, outline, read, search
from envs.toolbox import ToolError
from tests.envs.logisticsqa.invoices import attachment, invoice

DOCUMENT = parse_document(invoice().encode())


def test_the_outline_is_a_tree_with_counts_and_first_values() -> None:
    assert outline(DOCUMENT) == (
        "Invoice\n"
        "  cbc:ID: INV-1\n"
        "  cac:AccountingSupplierParty\n"
        "    cac:Party\n"
        "      cac:PartyName\n"
        "        cbc:Name: Müller & Søn\n"
        "  cac:InvoiceLine x2\n"
        "    cbc:ID x2: 1 | 2\n"
        "    cbc:Note x2: Fracht TR-100 | Fracht TR-200\n"
        "    cac:Delivery x2\n"
        "      cac:Shipment x2\n"
        "        cbc:ID x2: TR-100 | TR-200"
    )
    assert outline(DOCUMENT, "InvoiceLine[2]/Delivery") == "cac:Delivery\n  cac:Shipment\n    cbc:ID: TR-200"


def test_a_long_outline_loses_its_deepest_levels_first_and_says_so() -> None:
    short = outline(DOCUMENT, limit=180)
    assert "cac:Shipment" not in short
    assert "cbc:ID x2: 1 | 2" in short
    assert short.endswith("[deeper elements are left out: ask for the outline of one of these paths]")


def test_an_outline_of_many_names_is_bounded() -> None:
    many = "".join(f"<cbc:Name{n}>{'value ' * 20}</cbc:Name{n}>" for n in range(2000))
    shown = outline(parse_document(invoice(more=many).encode()))
    assert len(shown) < OUTLINE_CHARS + 200
    assert re.search(r"\[\d+ more lines are left out\]", shown)


def test_the_root_reads_as_the_whole_document_without_namespaces() -> None:
    text = read(DOCUMENT, "Invoice")
    assert text == read(DOCUMENT) == read(DOCUMENT, "/")
    assert "urn:oasis" not in text
    assert text.startswith("<Invoice>\n <cbc:ID>INV-1</cbc:ID>\n <cac:AccountingSupplierParty>")
    assert '<cbc:ID schemeID="TRN">TR-200</cbc:ID>' in text
    assert "Müller & Søn" in text


@pytest.mark.parametrize(
    "path",
    [
        "Invoice/cac:InvoiceLine[2]/cac:Delivery/cac:Shipment/cbc:ID",
        "/Invoice/cac:InvoiceLine[2]/cac:Delivery[1]/cac:Shipment/cbc:ID/",
        "InvoiceLine[2]/Delivery/Shipment/ID",
        "`invoice / invoiceline[ 2 ]/delivery/shipment/id`",
        "/Invoice[1]/inv:InvoiceLine[2]/Delivery/Shipment/ID/text()",
    ],
)
def test_a_path_may_be_written_in_many_ways(path: str) -> None:
    assert read(DOCUMENT, path) == '<cbc:ID schemeID="TRN">TR-200</cbc:ID>'


def test_a_path_without_number_means_all_siblings_of_the_name() -> None:
    assert read(DOCUMENT, "Invoice/InvoiceLine/cbc:Note").split("\n") == [
        "[Invoice/cac:InvoiceLine[1]/cbc:Note]",
        "<cbc:Note>Fracht TR-100</cbc:Note>",
        "[Invoice/cac:InvoiceLine[2]/cbc:Note]",
        "<cbc:Note>Fracht TR-200</cbc:Note>",
    ]
    place = "Invoice/cac:InvoiceLine[1]/cac:Delivery/cac:Shipment/cbc:ID/@schemeID"
    assert read(DOCUMENT, place) == f"{place} = TRN"


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        (
            "Invoice/cac:InvoiceLin",
            r"no 'cac:InvoiceLin' in Invoice\. Did you mean cac:InvoiceLine\? It has: cbc:ID, cac:Acc",
        ),
        ("Invoice/cac:InvoiceLine[3]", r"Invoice has 2 cac:InvoiceLine; there is no number 3"),
        ("Invoice/cac:InvoiceLine[0]", r"there is no number 0"),
        ("Invoice/cbc:ID/x", r"no 'x' in cbc:ID\. It has: no elements"),
        ("//cbc:ID", r"use xpath or search"),
        ("Invoice/InvoiceLine[last()]", r"is no step of a path.*use xpath"),
        ("Invoice/cbc:ID/@none", r"No attribute 'none'"),
        ("a/" * 2000, r"4000 characters; at most 2000"),
    ],
)
def test_a_path_that_leads_nowhere_is_answered_with_what_there_is(path: str, complaint: str) -> None:
    with pytest.raises(ToolError, match=complaint):
        read(DOCUMENT, path)


def test_search_finds_values_attributes_and_names_whatever_the_case() -> None:
    line = "Invoice/cac:InvoiceLine[2]"
    assert search(DOCUMENT, "tr-200").split("\n") == [
        f"{line}/cbc:Note = Fracht TR-200",
        f"{line}/cac:Delivery/cac:Shipment/cbc:ID = TR-200",
    ]
    assert search(DOCUMENT, "trn").count("/cbc:ID/@schemeID = TRN") == 2
    assert search(DOCUMENT, "PartyName").endswith(
        "Elements of that name:\nInvoice/cac:AccountingSupplierParty/cac:Party/cac:PartyName"
    )
    assert "stands nowhere" in search(DOCUMENT, "nowhere")
    with pytest.raises(ToolError, match="empty"):
        search(DOCUMENT, " \n")


def test_search_shortens_long_values_around_what_was_found() -> None:
    note = f"<cbc:Note>{'before ' * 100}\nCMR   4711 {'after ' * 100}</cbc:Note>"
    (hit,) = search(parse_document(invoice(more=note).encode()), "cmr 4711").split("\n")
    assert "CMR 4711" in hit
    assert len(hit) < 250


def test_comments_and_what_follows_elements_are_seen() -> None:
    document = parse_document(invoice(more="<!-- ref 77 --><cbc:Note>a<cbc:X/>ref 78</cbc:Note>").encode())
    assert "<!--  ref 77  -->" in read(document)
    assert "ref 78" in read(document)
    assert search(document, "ref 7").split("\n") == ["Invoice/comment() = ref 77", "Invoice/cbc:Note = ref 78"]


def test_attachments_are_described_and_never_shown() -> None:
    coded = base64.encodebytes(bytes(1234)).decode()
    document = parse_document(invoice(more=attachment(coded)).encode())
    for shown in (outline(document), read(document), search(document, "pdf")):
        assert "[1234 bytes of application/pdf]" in shown
        assert "AAAAA" not in shown
    assert "stands nowhere" in search(document, "AAAA")


def test_a_huge_document_is_outlined_read_and_searched_in_seconds() -> None:
    document = parse_document(invoice(references=[f"TR-{n:08}-{'x' * 50}" for n in range(8_000)]).encode())
    started = time.process_time()
    assert "cac:InvoiceLine x8000" in outline(document)
    assert len(read(document)) > 1_500_000
    assert "[15000 more places]" in search(document, "TR-")
    assert time.process_time() - started < 4


def test_every_path_leads_back_to_its_element() -> None:
    strange = '<a:ID xmlns:a="urn:a">1</a:ID><b:ID xmlns:b="urn:b">2</b:ID><ID xmlns="urn:c"/><ID xmlns="urn:d"/><cac:X/><cbc:X/>'
    document = parse_document(invoice(more=strange * 2).encode())
    paths = Paths()
    for element in filter(is_element, document.nodes):
        assert resolve(document.root, paths.of(element)) == ([element], "")


@settings(deadline=None)
@given(st.text(alphabet="Invoice/:[]@123cabID.*() \\\"'\n", max_size=60) | st.text(max_size=60))
def test_any_path_and_text_is_answered_or_refused(text: str) -> None:
    for look in (outline, read, search):
        with suppress(ToolError):
            assert look(DOCUMENT, text)
