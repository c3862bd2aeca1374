"""The simulated player's decision: from the elements it saw to the references, rule by rule, right or wrong.

First the place that counts (or, without its lesson, the place that misleads), then what becomes of the numbers there. What
the player says shows what it did: `lessons.py` knows it by that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from envs.logisticsqa.lessons import HARMS, SLIPS
from envs.logisticsqa.observed import Found
from envs.logisticsqa.solver import replacements
from envs.logisticsqa.transport_numbers import Written, find_written

Heeds = Callable[[str, str], bool]

_NOT_THE_ANSWER = "I find no number that I could give."


@dataclass(frozen=True, slots=True)
class Seen:
    """The elements that were observed, by kind, as texts in which numbers may stand."""

    found: Sequence[Found]

    def of(self, name: str) -> list[Found]:
        return [element for element in self.found if re.sub(r"\w+:", "", element.name).partition("/")[2] == name]

    def texts(self, name: str, path: str = "") -> list[str]:
        return [value for element in self.of(name) for value in element.values(path)]

    @property
    def notes(self) -> list[str]:
        return self.texts("Note")

    @property
    def lines(self) -> list[Found]:
        return [*self.of("InvoiceLine"), *self.of("CreditNoteLine")]

    def additional(self, scheme: str = "") -> list[str]:
        found = [leaf for element in self.of("AdditionalDocumentReference/ID") for leaf in element.leaves]
        return [value for _, attributes, value in found if not scheme or f'schemeID="{scheme}"' in attributes]

    def despatch(self, code: str = "") -> list[str]:
        found = self.of("DespatchDocumentReference")
        return [e.first("ID") for e in found if not code or e.first("DocumentTypeCode") == code]

    def order(self, code: str = "") -> list[str]:
        return [e.first("ID") for e in self.of("OrderReference") if not code or e.first("OrderTypeCode") == code]

    def payment(self, code: str = "") -> list[str]:
        found = [e for e in self.of("PaymentMeans") if not code or e.first("PaymentMeansCode") == code]
        return [value for element in found for value in element.values("PaymentID")]

    def descriptions(self, freight: bool) -> list[str]:
        code = "Item/CommodityClassification/ItemClassificationCode"
        lines = [e for e in self.lines if not freight or e.first(code).startswith("7810")]
        return [element.first("Item/Description") for element in lines]

    def header(self) -> list[str]:
        """Texts of the header in which a number of the company's shape stands, those first that are most like a transport's."""
        texts = (
            self.additional() + self.despatch() + self.texts("Delivery/Shipment", "ID") + self.order()
            + self.texts("BuyerReference") + self.payment() + self.notes
        )  # fmt: skip
        return [text for text in texts if find_written(text)]

    def free(self) -> set[str]:
        """Numbers, as they are written, on lines that cost nothing."""
        lines = [e for e in self.lines if re.fullmatch(r"0+(?:\.0*)?", e.first("LineExtensionAmount").strip())]
        texts = [t for e in lines for t in (e.first("DocumentReference/ID"), e.first("Item/Description"))]
        return {number.text for text in texts for number in find_written(text)}


def book(found: Sequence[Found], credit_note: bool, heeds: Heeds) -> tuple[str, list[str]]:
    """(what the player says, the references it gives)."""
    return _Booking(Seen(found), credit_note, heeds).decide()


class _Booking:
    def __init__(self, seen: Seen, credit_note: bool, heeds: Heeds) -> None:
        self.seen, self.credit_note, self._heeds = seen, credit_note, heeds
        self.said: list[str] = []
        self.place, self.right, self.wrong = self._places()

    def decide(self) -> tuple[str, list[str]]:
        place = self.place
        knows = not place or self._knows(place)
        if place == "overhead_account" and knows:
            return "The header names a cost account, so there is nothing to book.", []
        if self._follows("overhead_account!careless", any(e.values("AccountingCost") for e in self.seen.lines)):
            return " ".join(self.said), []
        chosen = self.right if knows else self.wrong
        references = self._written(self._kept(self._numbers(chosen) + self._added(chosen)))
        if not self._numbers(self.seen.header() + self.seen.descriptions(False)) and not references:
            references = self._whatever()
        if self._follows("one_reference", len(references) > 1):
            references = references[:1]
        if not references:
            self.said.append(_NOT_THE_ANSWER)
        return " ".join(["I have seen what there is.", *self.said]), list(dict.fromkeys(references))

    def _knows(self, lesson: str) -> bool:
        """Whether it acts by a lesson; where not, it says what it does instead."""
        if self._heeds(lesson, ""):
            return True
        self.said.append(SLIPS[lesson])
        return False

    def _follows(self, rule: str, applies: bool) -> bool:
        """Whether it is misled by a false rule, in a case where that makes a difference."""
        if applies and self._heeds(rule, ""):
            self.said.append(HARMS[rule])
            return True
        return False

    def _places(self) -> tuple[str, list[str], list[str]]:
        """(lesson, where numbers are references, where one looks without the lesson); ("", [], []) where nothing is marked."""
        seen = self.seen
        buyer = seen.texts("BuyerReference")
        if seen.texts("AccountingCost"):
            return "overhead_account", [], seen.header()
        if self.credit_note:
            billed = seen.texts("BillingReference", "AdditionalDocumentReference/ID")
            return "credit_billing", billed, seen.header()[:1]
        if seen.of("InvoicePeriod"):
            return "collective_lines", seen.texts("InvoiceLine", "DocumentReference/ID"), seen.header()[:1]
        tra = [note for note in seen.notes if note.startswith("#TRA#")]
        other_notes = [note for note in seen.notes if note not in tra and find_written(note)]
        marked = (
            ("shipment_id", seen.texts("Delivery/Shipment", "ID"), seen.texts("Delivery/Shipment", "Consignment/ID")),
            ("despatch_730", seen.despatch("730"), seen.despatch()),
            ("additional_aas", seen.additional("AAS"), seen.additional()),
            ("order_610", seen.order("610"), buyer),
            ("payment_93", seen.payment("93"), buyer),
            ("note_tra", tra, other_notes[:1]),
            ("freight_7810", seen.descriptions(True), seen.descriptions(False)),
        )
        return next(((name, right, wrong) for name, right, wrong in marked if self._numbers(right)), ("", [], []))

    def _numbers(self, texts: Sequence[str]) -> list[Written]:
        return [number for text in texts for number in find_written(text)]

    def _added(self, chosen: Sequence[str]) -> list[Written]:
        """Numbers that false rules add to the chosen ones."""
        seen = self.seen
        sources = {
            "despatch_730!careless": seen.despatch(),
            "additional_aas!careless": seen.additional(),
            "freight_7810!careless": seen.descriptions(False),
            "order_always": seen.order(),
            "buyer_always": seen.texts("BuyerReference"),
        }
        known = {number.text for number in self._numbers(chosen)}
        added = []
        for rule, texts in sources.items():
            new = [number for number in self._numbers(texts) if number.text not in known]
            if self._follows(rule, bool(new)):
                added += new
        return added

    def _kept(self, numbers: Sequence[Written]) -> list[Written]:
        """The numbers without those that don't count, cancelled ones replaced."""
        kept, both = list(numbers), [*numbers, *self._numbers(self.right)]
        free = self.seen.free()
        if any(number.text in free for number in both) and self._knows("free_line"):
            kept = [number for number in kept if number.text not in free]
        if not all(number.issued for number in both) and self._knows("check_digit"):
            kept = [number for number in kept if number.issued]
        replaced = replacements(self.seen.notes)
        if replaced and self._knows("superseded_number"):
            kept = [replaced.get(number.number, number) for number in kept]
        mentioned = [n for n in self._numbers(self.seen.notes) if n.text not in {number.text for number in both}]
        if self._follows("superseded_number!careless", bool(mentioned) and not replaced):
            kept = mentioned[:1]
        return kept

    def _written(self, numbers: Sequence[Written]) -> list[str]:
        """The references of the numbers, as the player writes them."""
        shown = [*numbers, *self._numbers(self.right)]
        plain = not any(self._digits_as_printed(n) != n.digits for n in shown) or self._knows("plain_digits")
        letters = not any(number.letter for number in shown) or self._knows("department_letter")
        ranges = not any(number.last for number in shown) or self._knows("range_positions")
        whole = not self._follows("no_positions", any(number.first for number in numbers))
        references = []
        for number in numbers:
            digits = number.digits if plain else self._digits_as_printed(number)
            stem = (number.letter if letters else "") + digits
            positions = [reference.removeprefix(number.number) for reference in number.references()]
            if not ranges and number.last:
                positions = [f"/{number.first}-{number.last}"]
            references += [stem + position for position in (positions if whole else [""])]
        return references

    def _digits_as_printed(self, number: Written) -> str:
        """The number as it is printed, without letter and positions."""
        text = number.text.partition("/")[0]
        return re.sub(rf"(^|VML-?){number.letter}[- ]?(?=\d)", r"\1", text) if number.letter else text

    def _whatever(self) -> list[str]:
        """Where no number has the company's shape: what most looks like a transport's."""
        seen = self.seen
        texts = seen.texts("Delivery/Shipment", "ID") or seen.despatch() or seen.additional() or seen.order()
        return [text for text in texts[:1] if text]
