"""What one document says, before it becomes XML: its references where the family's rules put them, decoys elsewhere."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from envs.logisticsqa.conventions import Family
from envs.logisticsqa.generator_decoys import (
    Numbers,
    container_number,
    contract_number,
    order_number,
    waybill_number,
)
from envs.logisticsqa.generator_parties import CITIES, Issuer
from envs.logisticsqa.wording import WORDING, Wording

FREIGHT_CODES = ("78101800", "78101802", "78101500", "78101700")


@dataclass(slots=True)
class Line:
    """One invoice line. `code`: its classification; `document`: its DocumentReference. Both may be missing."""

    text: str
    code: str = ""
    document: str = ""
    free: bool = False


@dataclass(slots=True)
class Plan:
    """A document's contents. Pairs are (ID, code): a type code, a scheme, or empty where there is none."""

    kind: str = "Invoice"
    answer: list[str] = field(default_factory=list)
    accounting_cost: str = ""
    collective: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)
    buyer_reference: str = ""
    order: tuple[str, str] | None = None
    billing: list[str] = field(default_factory=list)
    despatch: list[tuple[str, str]] = field(default_factory=list)
    receipt: list[str] = field(default_factory=list)
    contract: str = ""
    additional: list[tuple[str, str]] = field(default_factory=list)
    shipments: list[tuple[str, str]] = field(default_factory=list)
    equipment: list[str] = field(default_factory=list)
    payment: tuple[str, list[str]] = ("30", [])
    lines: list[Line] = field(default_factory=list)
    surcharge: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A number at the place that counts. free: on a line that costs nothing."""

    text: str
    free: bool = False


def draw_plan(family: Family, issuer: Issuer, generator: random.Random) -> Plan:
    """A document of a family. Every rule of the family matters in it."""
    return _Planner(family, issuer, generator).draw()


class _Planner:
    def __init__(self, family: Family, issuer: Issuer, generator: random.Random) -> None:
        self.family, self.issuer, self.generator = family, issuer, generator
        self.words: Wording = WORDING[family.language]
        self.numbers = Numbers(family, issuer.number_style, generator)
        self.plan = Plan("CreditNote" if family.place == "credit" else "Invoice")
        self.coded = issuer.coded_notes or family.place == "note"

    def draw(self) -> Plan:
        plan, place = self.plan, self.family.place
        for text in self.generator.sample(self.words.thanks, self.generator.choice((0, 1, 1, 2))):
            self._note(text)
        entries = self._entries()
        if place == "overhead":
            plan.accounting_cost = f"{self.generator.randrange(4000, 7000)}"
            plan.answer = []
        if place in ("overhead", "credit", "collective"):
            self._put("credit" if place == "credit" else place, entries)
            self._mark_elsewhere()
        else:
            self._put(place, entries)
            self._temptation(place)
        self._decoys()
        self._lines()
        self.generator.shuffle(plan.notes)
        self.generator.shuffle(plan.additional)
        self.generator.shuffle(plan.despatch)
        return plan

    # The references.

    def _entries(self) -> list[Entry]:
        """Numbers for the place that counts; `plan.answer` becomes what they are booked under."""
        changes, generator = self.family.changes, self.generator
        if self.family.place == "overhead":
            return []
        several = self.family.place in ("collective", "freight")
        count = generator.choices((1, 2, 3, 4, 6, 9), (0, 3, 3, 3, 2, 1) if several else (6, 3, 2, 1, 0, 0))[0]
        own = [self.numbers.own() for _ in range(count)]
        entries, ranged = [], generator.randrange(count)
        replaced = generator.randrange(count) if "superseded" in changes else -1
        for index, number in enumerate(own):
            positions: list[str] = []
            text = ""
            if "range" in changes and (index == ranged or generator.random() < 0.3):
                first = generator.randrange(1, 8)
                last = first + (generator.randrange(1, 5) if index == ranged else generator.randrange(2))
                positions = [f"/{position:02d}" for position in range(first, last + 1)]
                text = positions[0] + (f"-{last:02d}" if last > first else "")
            entries.append(Entry(self.numbers.written(number, text)))
            if index == replaced:
                number = self._supersede(number)
            self.plan.answer += [number + position for position in positions or [""]]
        if "check" in changes:
            if generator.random() < 0.15 and "range" not in changes and "superseded" not in changes:
                entries, self.plan.answer = [], []
            for _ in range(generator.choice((1, 1, 2))):
                entries.insert(
                    generator.randrange(len(entries) + 1), Entry(self.numbers.written(self.numbers.foreign()))
                )
        if "zero" in changes:
            for _ in range(generator.choice((1, 1, 2))):
                free = Entry(self.numbers.written(self.numbers.own()), free=True)
                entries.insert(generator.randrange(len(entries) + 1), free)
        return entries

    def _supersede(self, old: str) -> str:
        new = self.numbers.own()
        text = self.generator.choice(self.words.superseded)
        self._note(text.format(old=self.numbers.written(old), new=self.numbers.written(new)))
        return new

    def _put(self, place: str, entries: list[Entry]) -> None:
        """Write the entries where a place rule looks for them."""
        plan, generator = self.plan, self.generator
        texts = [entry.text for entry in entries]
        if place == "credit":
            plan.billing += texts
        elif place == "collective":
            plan.collective = True
            plan.lines += [Line(self._freight_text(), document=entry.text, free=entry.free) for entry in entries]
        elif place == "shipment":
            plan.shipments += [(text, self.numbers.decoy(0.8)) for text in texts]
        elif place == "despatch":
            plan.despatch += [(text, "730") for text in texts]
        elif place == "additional":
            plan.additional += [(text, "AAS") for text in texts]
        elif place == "order":
            plan.order = (generator.choice((", ", "; ", " + ")).join(texts), "610")
        elif place == "payment":
            plan.payment = ("93", texts)
        elif place == "note":
            plan.notes.append(("TRA", generator.choice(self.words.carries).format(", ".join(texts))))
        elif place == "freight":
            for entry in entries:
                text = f"{self._freight_text()}, {generator.choice(self.words.for_number).format(entry.text)}"
                plan.lines.append(Line(text, code=generator.choice(FREIGHT_CODES), free=entry.free))

    # What is there to mislead.

    def _mark_elsewhere(self) -> None:
        """Numbers at a place that would count if the document were not booked otherwise as a whole."""
        place = self.family.idle or self.generator.choice(("despatch", "additional", "shipment", "order"))
        self._put(place, [Entry(self.numbers.decoy(0.9)) for _ in range(self.generator.choice((1, 1, 2)))])
        self.plan.buyer_reference = self.plan.buyer_reference or self._buyer()

    def _temptation(self, place: str) -> None:
        """A look-alike in the same kind of element, without the mark that makes it count."""
        plan, generator = self.plan, self.generator
        number = self.numbers.decoy(0.8)
        if place == "despatch":
            plan.despatch.append((number, generator.choice(("270", "351", ""))))
        elif place == "additional":
            plan.additional.append((number, generator.choice(("ABO", "ACE", "DQ"))))
        elif place in ("order", "payment", "shipment"):
            plan.buyer_reference = number
        elif place == "note":
            self._note(generator.choice(self.words.mentions).format(number))
        elif place == "freight":
            text, code = generator.choice(self.words.other)
            plan.lines.append(Line(f"{text}, {generator.choice(self.words.for_number).format(number)}", code))

    def _decoys(self) -> None:
        plan, draw, generator = self.plan, self.generator.random, self.generator
        if plan.order is None and draw() < 0.75:
            look_alike = draw() < 0.35
            number = self.numbers.decoy() if look_alike else order_number(generator)
            plan.order = (number, generator.choice(("", "", "220")))
        plan.buyer_reference = plan.buyer_reference or (self._buyer() if draw() < 0.7 else "")
        if draw() < 0.4:
            plan.despatch.append((self._number(0.5), generator.choice(("270", "351", ""))))
        if draw() < 0.3:
            plan.receipt.append(self._number(0.4))
        if draw() < 0.3:
            plan.contract = contract_number(generator)
        for _ in range(generator.choice((0, 1, 1, 2))):
            plan.additional.append((self._number(0.4), generator.choice(("ABO", "BM", "AWB", "ACE", "ABT"))))
        if draw() < 0.3:
            plan.equipment.append(container_number(generator))
        if not plan.payment[1]:
            code = generator.choice(("30", "31", "58"))
            plan.payment = (code, [self._number(0.4)] if draw() < 0.6 else [])
        if draw() < 0.5:
            self._note(generator.choice(self.words.mentions).format(self._number(0.6)))
        if draw() < 0.25:
            self._note(generator.choice(self.words.unrelated).format(order_number(generator)))
        if plan.kind == "Invoice" and draw() < 0.12:
            plan.billing.append(self.numbers.decoy())

    def _number(self, look_alike: float) -> str:
        """A number of any party's, with the given chance one of the company's shape."""
        if self.generator.random() < look_alike:
            return self.numbers.decoy()
        return waybill_number(self.generator)

    def _buyer(self) -> str:
        """What a buyer's reference usually is: a person, a cost centre; often enough a look-alike."""
        if self.generator.random() < 0.4:
            return self.numbers.decoy()
        return self.generator.choice(("M. Hansen", f"KST {self.generator.randrange(100, 999)}", "Vestmar / Import"))

    def _lines(self) -> None:
        """The lines that carry no reference, in number as in real invoices."""
        plan, generator = self.plan, self.generator
        wanted = max(1, round(generator.lognormvariate(1.0, 0.75) * self.issuer.size))
        several = self.family.place in ("collective", "freight")
        for _ in range(min(45, wanted) - len(plan.lines) + (1 if several and not plan.collective else 0)):
            plan.lines.append(self._plain_line())
        if not plan.lines:
            plan.lines.append(self._plain_line())
        if self.family.place == "freight":
            generator.shuffle(plan.lines)
        if generator.random() < 0.3:
            plan.surcharge = generator.choice(self.words.surcharge)

    def _plain_line(self) -> Line:
        generator, words = self.generator, self.words
        if self.plan.accounting_cost:
            return Line(generator.choice(words.overhead))
        if self.family.place == "credit":
            return Line(f"{generator.choice(words.credit)}: {self._freight_text()}")
        if self.plan.collective or generator.random() < 0.35:
            text, code = generator.choice(words.other)
            line = Line(text, generator.choice((code, "")))
        else:
            line = Line(self._freight_text(), generator.choice((FREIGHT_CODES[0], "", "")))
        chance = generator.random()
        if not line.code and chance < 0.15:
            line.text += f", {generator.choice(words.for_number).format(self._number(0.7))}"
        elif not self.plan.collective and chance < 0.25:
            line.document = self._number(0.7)
        return line

    def _freight_text(self) -> str:
        generator = self.generator
        cities = [city for group in CITIES.values() for city, _ in group]
        a, b = generator.sample(cities, 2)
        return generator.choice(self.words.freight).format(a=a, b=b, kg=generator.randrange(5, 240) * 100)

    def _note(self, text: str) -> None:
        code = self.generator.choice(("AAI", "AAI", "CUS", "SUR", "PMT")) if self.coded else ""
        self.plan.notes.append((code, text))
