"""Books a document as the company does, from its XML alone: proof that rules and document determine the answer.

It shares the format of transport numbers (transport_numbers.py) with the generator, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from envs.logisticsqa.transport_numbers import Written, find_written

_CANCELLED = re.compile(
    r"annulleret|bortfaldet|storniert|entfallen|vervallen|geannuleerd|makulerat|utgått|cancelled|void", re.IGNORECASE
)
_INSTEAD_OF = re.compile(r"i stedet for|\bstatt\b|in plaats van|i stället för|instead of", re.IGNORECASE)


def solve(xml: bytes) -> list[str]:
    """The references of an invoice or credit note, in the order in which they stand in it."""
    from lxml import etree

    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    found = [number for text in _counting(root) for number in find_written(text) if number.issued]
    replaced = replacements(_texts(root, "./cbc:Note"))
    references: dict[str, None] = {}
    for number in found:
        stem = replaced[number.number].number if number.number in replaced else number.number
        for reference in number.references():
            references[stem + reference.removeprefix(number.number)] = None
    return list(references)


def _counting(root: Any) -> Iterator[str]:
    """The texts in which numbers are references."""
    if _texts(root, "./cbc:AccountingCost"):
        return
    if root.tag.endswith("}CreditNote"):
        yield from _texts(root, "./cac:BillingReference/cac:AdditionalDocumentReference/cbc:ID")
        return
    if _find(root, "./cac:InvoicePeriod"):
        for line in _booked(root):
            yield from _texts(line, "./cac:DocumentReference/cbc:ID")
        return
    yield from (text for text in _texts(root, "./cbc:Note") if text.startswith("#TRA#"))
    yield from _texts(root, "./cac:OrderReference[cbc:OrderTypeCode='610']/cbc:ID")
    yield from _texts(root, "./cac:DespatchDocumentReference[cbc:DocumentTypeCode='730']/cbc:ID")
    yield from _texts(root, "./cac:AdditionalDocumentReference/cbc:ID[@schemeID='AAS']")
    yield from _texts(root, "./cac:Delivery/cac:Shipment/cbc:ID")
    yield from _texts(root, "./cac:PaymentMeans[cbc:PaymentMeansCode='93']/cbc:PaymentID")
    for line in _booked(root):
        code = "./cac:Item[starts-with(cac:CommodityClassification/cbc:ItemClassificationCode, '7810')]"
        yield from _texts(line, f"{code}/cbc:Description")


def _booked(root: Any) -> Iterator[Any]:
    """The lines that cost something."""
    for line in _find(root, "./cac:InvoiceLine"):
        if any(float(amount) != 0 for amount in _texts(line, "./cbc:LineExtensionAmount")):
            yield line


def replacements(notes: Iterable[str]) -> dict[str, Written]:
    """Cancelled number -> the one to use, from notes that say so."""
    pairs = {}
    for text in notes:
        numbers = find_written(text)
        if len(numbers) == 2 and _CANCELLED.search(text):
            old, new = reversed(numbers) if _INSTEAD_OF.search(text) else numbers
            pairs[old.number] = new
    return pairs


def _texts(element: Any, path: str) -> list[str]:
    return [found.text or "" for found in _find(element, path)]


def _find(element: Any, path: str) -> list[Any]:
    prefixes = {
        "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
        "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    }
    return list(element.xpath(path, namespaces=prefixes))
