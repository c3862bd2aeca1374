"""The rules by which the logistics company of the generated set books invoices, and which of them each issuer needs.

Rules hold for every document and depend on what can be seen in it, never on who wrote it. An issuer family is a
combination of one place rule, some of the others, and a style. No combination is in both training and test, so that
remembering issuers does not help, while every rule of the test set is needed often in training.
"""

from __future__ import annotations

from dataclasses import dataclass

PLACES = {
    "overhead": "An invoice with an AccountingCost in its header is booked to that account: it has no reference.",
    "credit": "On a credit note, the references stand in BillingReference/AdditionalDocumentReference.",
    "collective": "On a collective invoice (with an InvoicePeriod), each line's DocumentReference is a reference.",
    "shipment": "The ID of a Delivery's Shipment is a reference, that of the Consignment in it is not.",
    "despatch": "A DespatchDocumentReference is a reference if its DocumentTypeCode is 730 (road consignment note).",
    "additional": "An AdditionalDocumentReference is a reference if the schemeID of its ID is AAS (transport document).",
    "order": "The OrderReference holds the references if its OrderTypeCode is 610 (forwarding instructions).",
    "payment": "The PaymentID is a reference if the PaymentMeansCode is 93 (reference giro).",
    "note": "A Note with the subject code TRA (#TRA#, transport information) holds the references.",
    "freight": "The Description of a line classified 7810.... (transport) holds its reference; of other lines not.",
}
"""Where references stand. At most one of these applies to a document; the first three go before all others."""

CHANGES = {
    "check": "Only numbers with the right check digit are the company's; those of other forwarders look the same.",
    "range": "NUMBER/01-03 stands for three references, one for each position.",
    "superseded": "Where a note says that a transport number was cancelled, the one to use instead is the reference.",
    "strip": "A reference has no prefix VML, no blanks or dots and no leading zeros.",
    "letter": "The department letter A, S or R before the digits belongs to the reference.",
    "zero": "A line that costs nothing (amount 0) is not booked: its number is no reference.",
}
"""What else decides about the numbers found there."""

RULES = {**PLACES, **CHANGES}


@dataclass(frozen=True, slots=True)
class Family:
    """Issuers that share their habits. `changes` lists the rules beyond the place's that their invoices call for.

    `idle`: for the place "overhead", where numbers stand that would be references on another invoice.
    """

    place: str
    changes: tuple[str, ...]
    language: str
    idle: str = ""

    @property
    def rules(self) -> frozenset[str]:
        """All rules that decide about an invoice."""
        return frozenset((self.place, *self.changes))

    @property
    def combination(self) -> frozenset[str]:
        """What tells kinds of families apart, whatever their language."""
        return self.rules | {self.idle}


def _families(table: str) -> tuple[Family, ...]:
    families = []
    for language, place, *others in (line.split() for line in table.strip().splitlines()):
        idle = [other for other in others if other in PLACES]
        families.append(Family(place, tuple(o for o in others if o in CHANGES), language, "".join(idle)))
    return tuple(families)


TRAINING = _families("""
    da overhead     despatch
    de overhead     additional
    da credit
    sv credit       strip
    nl credit       check       range
    de collective
    en collective   zero
    nl collective   zero        strip
    de shipment     letter
    da shipment     superseded  check
    nl despatch
    en despatch     check
    sv despatch     strip       range
    en additional
    sv additional   superseded
    de additional   letter      check
    da order        range
    en order        superseded  strip
    nl payment      letter
    de payment      superseded
    sv note
    da note         check       letter
    en freight      zero
    nl freight      range
""")
"""Issuers of training and validation. They take turns, so each has the same share of the documents."""

TEST = _families("""
    en overhead     shipment
    de credit       superseded
    sv collective   range
    da collective   zero        letter
    nl shipment     strip
    en shipment
    da despatch     letter
    de despatch     superseded  strip
    nl additional   range
    da additional   strip       check
    sv order
    de order        check
    da payment      check       strip
    en payment      range
    nl note         superseded
    en note         strip
    sv freight      check
    de freight      zero        superseded
""")
"""Issuers of the test set: none of their combinations is in training, each of their rules is."""

FAMILIES = {"train": TRAINING, "validation": TRAINING, "test": TEST}
