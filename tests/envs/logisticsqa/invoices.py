"""Invoices for tests, written here: the generator must not be judged by its own output."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from fgo.types import Json

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def invoice(
    number: str = "INV-1", references: Sequence[str] = ("TR-100", "TR-200"), kind: str = "Invoice", more: str = ""
) -> str:
    """A small document: a supplier, and a line with a shipment for each reference."""
    line = "InvoiceLine" if kind == "Invoice" else "CreditNoteLine"
    lines = "".join(
        f"<cac:{line}><cbc:ID>{place}</cbc:ID><cbc:Note>Fracht {reference}</cbc:Note><cac:Delivery><cac:Shipment>"
        f'<cbc:ID schemeID="TRN">{reference}</cbc:ID></cac:Shipment></cac:Delivery></cac:{line}>'
        for place, reference in enumerate(references, start=1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="{UBL}{kind}-2" xmlns:cac="{UBL}CommonAggregateComponents-2" '
        f'xmlns:cbc="{UBL}CommonBasicComponents-2"><cbc:ID>{number}</cbc:ID><cac:AccountingSupplierParty><cac:Party>'
        f"<cac:PartyName><cbc:Name>Müller &amp; Søn</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>"
        f"{lines}{more}</{kind}>\n"
    )


def attachment(content: str, mime: str = "application/pdf") -> str:
    return (
        "<cac:AdditionalDocumentReference><cbc:ID>scan</cbc:ID><cac:Attachment>"
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="{mime}">{content}</cbc:EmbeddedDocumentBinaryObject>'
        "</cac:Attachment></cac:AdditionalDocumentReference>"
    )


def write_folder(folder: Path, answers: Json, names: Sequence[str], inside: str = "data") -> Path:
    """A folder as released: `inside`/NAME.xml and ground_truth.json. Each document holds the reference REF-NAME."""
    (folder / inside).mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / inside / f"{name}.xml").write_text(invoice(name, [f"REF-{name}"]), encoding="utf-8")
    (folder / "ground_truth.json").write_text(json.dumps(answers))
    return folder
