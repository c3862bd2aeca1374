"""Who knows the rules needs nothing but the document."""

from __future__ import annotations

import pytest

from envs.logisticsqa.generator import SPLITS, generate
from envs.logisticsqa.solver import solve

INVOICE = (
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">{}</Invoice>'
)
DESPATCH = (
    "<cac:DespatchDocumentReference><cbc:ID>{}</cbc:ID><cbc:DocumentTypeCode>730</cbc:DocumentTypeCode>"
    "</cac:DespatchDocumentReference>"
)


def solved(content: str) -> list[str]:
    return solve(INVOICE.format(content).encode())


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_solver_answers_every_document_as_the_generator_does(split, seed):
    for document in generate(seed, split, 144):
        assert set(solve(document.xml.encode())) == set(document.answer), (document.family, document.xml)


def test_single_rules_by_hand():
    marked = DESPATCH.format("24711004")
    assert solved(marked) == ["24711004"]
    assert solved(marked.replace("730", "270")) == []
    assert solved(DESPATCH.format("24711005")) == []
    assert solved(DESPATCH.format("VML-24711004/01-03")) == ["24711004/01", "24711004/02", "24711004/03"]
    assert solved(DESPATCH.format("S-24.711.004")) == ["S24711004"]
    assert solved(f"<cbc:AccountingCost>4711</cbc:AccountingCost>{marked}") == []
    assert solved("<cbc:Note>#TRA#Transport 24711004</cbc:Note>") == ["24711004"]
    assert solved("<cbc:Note>#AAI#Transport 24711004</cbc:Note>") == []


@pytest.mark.parametrize(
    "note",
    [
        "Sendungsnummer 24711004 wurde storniert, bitte 30000017 verwenden.",
        "Use 30000017 instead of 24711004, which is void.",
    ],
)
def test_a_cancelled_number_is_replaced_whichever_the_note_names_first(note):
    assert solved(f"<cbc:Note>{note}</cbc:Note>{DESPATCH.format('24711004')}") == ["30000017"]
    assert solved(f"<cbc:Note>{note}</cbc:Note>{DESPATCH.format('40000036')}") == ["40000036"]


def test_a_document_that_fetches_others_is_not_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("24711004")
    entity = f'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    note = "<cbc:Note>#TRA#&x;</cbc:Note>"
    assert solve((entity + INVOICE.format(note)).encode()) == []
