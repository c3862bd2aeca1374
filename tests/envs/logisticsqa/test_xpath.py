import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.logisticsqa.documents import parse_document
from envs.logisticsqa.xpath import MAX_CHARS, XPathWorker, query
from envs.toolbox import ToolError
from tests.envs.logisticsqa.invoices import attachment, invoice

DOCUMENT = parse_document(invoice(more="<!-- said --><cbc:div>7</cbc:div>").encode())
SHIPMENT = "Invoice/cac:InvoiceLine[1]/cac:Delivery/cac:Shipment"
SECOND = SHIPMENT.replace("1", "2")


@pytest.fixture(scope="module")
def worker() -> Iterator[XPathWorker]:
    worker = XPathWorker()
    yield worker
    worker.close()


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("//cac:Shipment[1]/cbc:ID/text()", f"{SHIPMENT}/cbc:ID = TR-100\n{SECOND}/cbc:ID = TR-200"),
        ("//InvoiceLine[1]/Delivery/Shipment/ID", f'[{SHIPMENT}/cbc:ID]\n<cbc:ID schemeID="TRN">TR-100</cbc:ID>'),
        ("/Invoice/cbc:ID", "[Invoice/cbc:ID]\n<cbc:ID>INV-1</cbc:ID>"),
        ("/inv:Invoice/cbc:ID", "[Invoice/cbc:ID]\n<cbc:ID>INV-1</cbc:ID>"),
        ("Invoice/cbc:ID", "[Invoice/cbc:ID]\n<cbc:ID>INV-1</cbc:ID>"),
        ("cbc:ID", "[Invoice/cbc:ID]\n<cbc:ID>INV-1</cbc:ID>"),
        ("//ID[@schemeID='TRN'][1]/@schemeID", f"{SHIPMENT}/cbc:ID/@schemeID = TRN\n{SECOND}/cbc:ID/@schemeID = TRN"),
        ("(//attribute::schemeID)[1]", f"{SHIPMENT}/cbc:ID/@schemeID = TRN"),
        ("count(//InvoiceLine)", "2"),
        ("count(//InvoiceLine) div 4", "0.5"),
        ("//div div div", "1"),
        ("//child::div * 2", "14"),
        ("count(//InvoiceLine) > 1 and //div mod 2 = 1", "true"),
        ("string(//InvoiceLine[last()]/Note)", "Fracht TR-200"),
        ("//Note[contains(., '200')]/preceding-sibling::ID", "[Invoice/cac:InvoiceLine[2]/cbc:ID]\n<cbc:ID>2</cbc:ID>"),
        ("//comment()", "[Invoice/comment()]\n<!--  said  -->"),
        ("//Nothing", "Nothing matches. Names are case-sensitive; the outline shows them."),
    ],
)  # fmt: skip
def test_queries_need_no_prefixes_and_results_say_where_they_stand(
    worker: XPathWorker, expression: str, result: str
) -> None:
    assert query(DOCUMENT, expression, worker) == result


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("", "empty"),
        ("//*[", "Invalid expression"),
        ("//foo:ID", "prefix 'foo' is not known. Known: cac, cbc"),
        ("re:test('a', '(a+)+b')", "prefix 're' is not known"),
        ("document('/etc/passwd')", "Unregistered function"),
        ("unparsed-entity-uri('x')", "Unregistered function"),
        ("$x", "Undefined variable"),
        ("//ID{1}", "can't be read"),
        ("//ID" * 600, "2400 characters; at most 2000"),
    ],
)
def test_what_is_no_query_is_answered_with_what_is_wrong(worker: XPathWorker, expression: str, complaint: str) -> None:
    with pytest.raises(ToolError, match=complaint):
        query(DOCUMENT, expression, worker)


def test_a_query_that_would_take_for_ever_is_stopped_and_the_next_one_works(worker: XPathWorker) -> None:
    document = parse_document(invoice(references=[str(n) for n in range(3000)]).encode())
    started = time.monotonic()
    with pytest.raises(ToolError, match=r"stopped after 0\.3 seconds.*Ask for less"):
        query(document, "//*[count(//*[count(//*) > count(//@*)]) > 3]", worker, seconds=0.3)
    with pytest.raises(ToolError, match=r"stopped after 0\.3 seconds"):
        query(document, "//*[//*/following::* < //*]", worker, seconds=0.3)
    assert time.monotonic() - started < 20
    assert query(document, "count(//InvoiceLine)", worker) == "3000"


def test_a_query_that_would_fill_the_memory_is_stopped_and_the_next_one_works(worker: XPathWorker) -> None:
    document = parse_document(invoice(number="x" * 8_000_000).encode())
    text = "string(/)"
    for _ in range(3):
        text = f"concat({text},{text},{text})"
    with pytest.raises(ToolError, match=r"stopped|memory|Memory"):
        query(document, text, worker, seconds=5)
    assert query(DOCUMENT, "count(//InvoiceLine)", worker) == "2"


def test_long_results_are_bounded(worker: XPathWorker) -> None:
    document = parse_document(invoice(references=[f"{n:0900}" for n in range(600)]).encode())
    shown = query(document, "//*", worker)
    assert len(shown) < 15 * MAX_CHARS
    assert "more results are left out]" in shown
    assert query(document, "//Shipment/ID", worker).endswith(" more results are left out]")
    assert len(query(document, "string(/)", worker)) == MAX_CHARS


def test_attachments_are_described(worker: XPathWorker) -> None:
    document = parse_document(invoice(more=attachment("QUJD" * 100)).encode())
    for expression in ("//Attachment", "//EmbeddedDocumentBinaryObject/text()", "//*[@mimeCode]"):
        shown = query(document, expression, worker)
        assert "[300 bytes of application/pdf]" in shown
        assert "QUJD" not in shown


def test_a_worker_may_be_closed_twice_and_used_again() -> None:
    worker = XPathWorker()
    worker.close()
    assert query(DOCUMENT, "1 + 1", worker) == "2"
    worker.close()
    worker.close()
    assert query(DOCUMENT, "1 + 2", worker) == "3"
    worker.close()


_PIECES = st.sampled_from(
    ["//", "/", "*", "ID", "cbc:ID", "@", "[", "]", "(", ")", "1", "last()", "position()", "text()", "::", "child", "and", "div",
     "'a'", '"', "|", "=", "<", "-", " ", "..", ".", "$a", ",", "count", "ancestor", "é", "\0", "\n", ":", "namespace", "id"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
@given(st.lists(_PIECES, max_size=12).map("".join) | st.text(max_size=30))
def test_any_text_is_answered_or_refused(worker: XPathWorker, expression: str) -> None:
    with suppress(ToolError):
        assert isinstance(query(DOCUMENT, expression, worker), str)
