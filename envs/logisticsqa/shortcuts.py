"""Ways to answer the generated set without its rules: if one of them did well, the set would measure nothing.

Each takes the text of a document and returns references. They are as strong as we could make them: numbers are cut out
of what stands around them, and one expression knows every mark by which a place counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from envs.logisticsqa.transport_numbers import find_written

Shortcut = Callable[[str], Sequence[str]]

_ID = r"<cbc:ID[^>]*>"
_NUMBER = r"(?:VML-)?(?:0000)?([ASR]?\d{8}(?:/\d\d)?)\b"
MARKS = (
    rf"{_NUMBER}(?=</cbc:ID>\s*<cbc:DocumentTypeCode>730)",
    rf"schemeID=[\"']AAS[\"']>{_NUMBER}",
    rf"<cac:Shipment>\s*{_ID}{_NUMBER}",
    rf"{_NUMBER}(?=[^<]*</cbc:ID>\s*<cbc:OrderTypeCode>610)",
    rf"(?:<cbc:PaymentMeansCode>93</cbc:PaymentMeansCode>|</cbc:PaymentID>)\s*<cbc:PaymentID>{_NUMBER}",
    rf"(?:#TRA#[^<\d]*?|(?<=\d, )){_NUMBER}",
    rf"</cac:InvoiceDocumentReference>\s*<cac:AdditionalDocumentReference>\s*{_ID}{_NUMBER}",
    rf"<cac:DocumentReference>\s*{_ID}{_NUMBER}",
    rf"{_NUMBER}(?=</cbc:Description>\s*<cbc:Name>[^<]*</cbc:Name>\s*<cac:CommodityClassification>"
    r"\s*<cbc:ItemClassificationCode[^>]*>7810)",
)
"""For each place, an expression that knows the mark by which it counts. The gate tries every alternation of them."""

EXPRESSIONS = (
    r"\b\d{8}\b",
    r"\b[ASR]?\d{8}\b",
    r"\b[ASR]?\d{8}(?:/\d\d)?\b",
    r"\b[2-5]\d{7}\b",
    r"(?<![\d.-])(?:0000)?([ASR]?[2-5]\d{7}(?:/\d\d)?)(?![\d.])",
    r"(?<![\d.-])(?:VML-|0000)?([ASR]?[2-5]\d{7}(?:/\d\d)?)(?![\d.])",
    rf"{_ID}([ASR]?\d{{8}})</cbc:ID>",
    rf"{_ID}{_NUMBER}",
    r"\b\d{2}[ .]?\d{3}[ .]?\d{3}\b",
    r"VML-[ASR]?\d{8}",
    r"\b[ASR]\d{8}\b",
    rf"DocumentReference>\s*{_ID}{_NUMBER}",
    rf"<cbc:Note>[^<]*?{_NUMBER}",
    rf"<cbc:Description>[^<]*?{_NUMBER}",
    rf"<cbc:BuyerReference>{_NUMBER}",
    rf"<cac:OrderReference>\s*{_ID}{_NUMBER}",
    rf"<cbc:PaymentID>{_NUMBER}",
)
"""Single regular expressions for the shape of the numbers, with and without what stands around them."""


def by_expression(expression: str, first_only: bool = False) -> Shortcut:
    pattern = re.compile(expression)

    def answer(xml: str) -> list[str]:
        found = [next((g for g in match.groups() if g), match.group(0)) for match in pattern.finditer(xml)]
        return found[:1] if first_only else found

    return answer


def best_alternation(documents: Sequence[tuple[str, frozenset[str]]]) -> tuple[float, str]:
    """(success, expression): the alternation of marks that answers the most of some (document, answer) pairs."""
    answers = [[frozenset(by_expression(mark)(xml)) for mark in MARKS] for xml, _ in documents]
    subsets = [chosen for size in range(1, len(MARKS) + 1) for chosen in combinations(range(len(MARKS)), size)]

    def rights(chosen: tuple[int, ...]) -> int:
        found = (frozenset().union(*(each[mark] for mark in chosen)) for each in answers)
        return sum(given == answer for given, (_, answer) in zip(found, documents, strict=True))

    best = max(subsets, key=rights)
    return rights(best) / len(documents), "|".join(MARKS[mark] for mark in best)


def by_check_digit(xml: str) -> list[str]:
    """All numbers with the right check digit in any value, put in the form in which they are booked."""
    texts = re.findall(r">([^<>]+)<", xml)
    return [ref for text in texts for number in find_written(text) if number.issued for ref in number.references()]


def by_paths(documents: Iterable[str]) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """For each element's path (and for each with a scheme of its ID): document -> the texts that stand there."""
    from lxml import etree

    found: dict[str, dict[str, list[str]]] = {}
    for xml in documents:
        for element in etree.fromstring(xml.encode()).iter():
            text = (element.text or "").strip()
            if not text:
                continue
            names = [etree.QName(e).localname for e in (*reversed(list(element.iterancestors())), element)]
            path = "/".join(["", "*", *names[1:]])
            scheme = element.get("schemeID")
            for key in (path, f"{path}[@schemeID='{scheme}']") if scheme else (path,):
                found.setdefault(key, {}).setdefault(xml, []).append(text)
    return found
