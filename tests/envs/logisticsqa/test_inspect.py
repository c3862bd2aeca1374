import os
from pathlib import Path

import pytest

from envs.logisticsqa.documents import load_document
from envs.logisticsqa.inspect import exercise, main
from envs.logisticsqa.xpath import XPathWorker
from tests.envs.logisticsqa.invoices import invoice

REAL = os.environ.get("UBL_DATA")


def test_every_document_below_a_folder_is_opened_and_one_that_is_none_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.xml").write_text(invoice())
    (tmp_path / "deep" / "b.XML").write_text(invoice(kind="CreditNote"))
    assert main([str(tmp_path)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("a.xml: Invoice, ")
    assert shown[1].startswith("deep/b.XML: CreditNote, ")
    assert shown[-2].startswith("CPU ms a document: mean ")
    assert shown[-1] == "opened 2/2"
    (tmp_path / "c.xml").write_text("nothing")
    assert main([str(tmp_path)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert (
        "c.xml: NOT OPENED: c.xml: this is not XML: it begins with 'nothing'. Export the invoice as UBL 2.1 XML."
        in shown
    )
    assert shown[-1] == "opened 2/3"


def test_no_folder_and_no_documents_are_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main([str(tmp_path / "none")]) == 2
    assert "usage: " in capsys.readouterr().err
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == "opened 0/0\n"


@pytest.mark.skipif(not REAL, reason="UBL_DATA names no folder of real UBL documents")
def test_real_documents_are_opened_and_every_tool_works_on_them() -> None:
    files = sorted(Path(REAL or "").rglob("*.xml"))
    assert files
    worker = XPathWorker()
    try:
        for path in files:
            exercise(load_document(path), worker)
    finally:
        worker.close()
