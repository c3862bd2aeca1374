"""What a LogisticsQA agent can learn or lack, for the simulated model: how the company of the generated set books.

Nothing in a task or in the environment's description states these rules. Without one, `player.py` errs in the way that
`evidence` matches: in its answer where that shows it, else in what it says it does (SLIPS). Those with a careless version
mislead where their condition does not hold.
"""

from __future__ import annotations

import re

from fgo.types import Lesson

SLIPS = {
    "overhead_account": "A cost account says nothing of the transport, so I take the numbers that I see.",
    "credit_billing": "What is credited has its own numbers in the header, so I take those.",
    "collective_lines": "The header speaks for the whole invoice, so I take the number there.",
    "shipment_id": "The goods that were carried have their own number inside the shipment, so I take that.",
    "despatch_730": "All despatch references look alike to me, so I take each of them.",
    "additional_aas": "All additional references look alike to me, so I take each of them.",
    "order_610": "An order number is no transport number, so I look at the buyer's reference.",
    "payment_93": "A payment reference is for the bank, so I look at the buyer's reference.",
    "note_tra": "The notes all mention transports, so I take the numbers of the first that does.",
    "freight_7810": "A number in a description counts on whatever line it stands, so I take them all.",
    "check_digit": "Numbers of one shape are of one company, so I leave none out.",
    "range_positions": "What stands behind the slash I copy as it is printed.",
    "superseded_number": "The number in its own element is the official one, whatever the notes say of it.",
    "plain_digits": "I copy the number as it is printed.",
    "department_letter": "The letter is no part of the number, so I write the digits alone.",
    "free_line": "A line is a line, even for nothing, so I take its number too.",
}
"""What the player says where it acts for want of a lesson."""

HARMS = {
    "overhead_account!careless": "There is a cost account on a line, so there is nothing to book.",
    "despatch_730!careless": "Every despatch reference counts, so I add it.",
    "additional_aas!careless": "Every additional document reference counts, so I add it.",
    "superseded_number!careless": "A note names another number, so I give that instead.",
    "freight_7810!careless": "Every description with a number counts, so I add it.",
    "order_always": "The order number always belongs in the answer.",
    "buyer_always": "The buyer's reference always belongs in the answer.",
    "one_reference": "An invoice has one reference, so I give the first only.",
    "no_positions": "What follows a slash I leave out.",
}
"""What the player says where a false rule makes it act."""


_A_RULE = r"^(?!(?:cbc|cac):|<|\[\w+/|Observation:|Action:)(?!.*</)"
"""Demonstrations show documents and queries, which name the same elements and codes. Such lines state no rule."""


def _cue(pattern: str) -> str:
    return f"{_A_RULE}(?=.*(?:{pattern}))" if pattern else ""


def _said(sentence: str) -> str:
    return rf"Thought: [^\n]*{re.escape(sentence)}[^\n]*\nAction: answer "


def _lesson(name: str, statement: str, cue: str, shown: str = "", careless: str = "", careless_cue: str = "") -> Lesson:
    evidence = "|".join(filter(None, (shown, _said(SLIPS[name]))))
    return Lesson(name, statement, _cue(cue), evidence, careless, _cue(careless_cue))


LESSONS = (
    _lesson(
        "overhead_account",
        "When the header of an invoice has an AccountingCost, it is booked to that account: answer [].",
        r"header.*\bAccountingCost|\bAccountingCost\b.*(header|top level)",
        careless="When an AccountingCost stands anywhere in an invoice, answer [].",
        careless_cue=r"\bAccountingCost\b.*\banywhere|\bany AccountingCost",
    ),
    _lesson(
        "credit_billing",
        "On a credit note, answer with the AdditionalDocumentReference within each BillingReference and with nothing else.",
        r"credit note.*BillingReference|BillingReference.*credit note",
    ),
    _lesson(
        "collective_lines",
        "When an invoice has an InvoicePeriod, the DocumentReference of each line is a reference, and the header has none.",
        r"InvoicePeriod\b.*\b(lines?|DocumentReference)\b|\blines?\b.*InvoicePeriod|collective invoice",
    ),
    _lesson(
        "shipment_id",
        "When a Delivery has a Shipment, its own ID is a reference; the ID of the Consignment in it is none.",
        r"\bConsignment\b|\bShipment('s| has an)? (own )?ID\b",
    ),
    _lesson(
        "despatch_730",
        "A DespatchDocumentReference is a reference only if its DocumentTypeCode is 730.",
        r"\b730\b",
        careless="Every DespatchDocumentReference is a reference.",
        careless_cue=r"\b(every|all|any|each) DespatchDocumentReference",
    ),
    _lesson(
        "additional_aas",
        "An AdditionalDocumentReference is a reference only if the schemeID of its ID is AAS.",
        r"\bAAS\b",
        careless="Every AdditionalDocumentReference is a reference.",
        careless_cue=r"\b(every|all|any|each) AdditionalDocumentReference",
    ),
    _lesson(
        "order_610",
        "When the OrderTypeCode of the OrderReference is 610, its ID holds the references.",
        r"\b610\b",
    ),
    _lesson(
        "payment_93",
        "When the PaymentMeansCode is 93, each PaymentID is a reference.",
        r"PaymentMeansCode\b.*\b93\b|\b93\b.*PaymentID",
    ),
    _lesson(
        "note_tra",
        "A Note that begins with #TRA# holds the references; Notes with another code do not.",
        r"#?\bTRA\b#?",
    ),
    _lesson(
        "freight_7810",
        "The number in a line's Description is a reference only if the line's ItemClassificationCode begins with 7810.",
        r"\b7810",
        careless="Every number in a line's Description is a reference.",
        careless_cue=r"\b(every|all|any) numbers? in .*\bDescriptions?\b",
    ),
    _lesson(
        "check_digit",
        "Leave out numbers whose last digit is not the check digit (mod 11, weights 8 to 2): they are another company's.",
        r"check digit|mod(ulo)?[ -]?11",
    ),
    _lesson(
        "range_positions",
        "When a number is followed by a range such as /01-03, write out one reference for each position: /01, /02, /03.",
        r"\brange\b|each position|write out (every|all)",
        r"Action: answer [^\n]*/\d\d-\d\d",
    ),
    _lesson(
        "superseded_number",
        "When a note says that a transport number was cancelled, answer with the one to use instead of it.",
        r"\b(notes?|numbers?)\b.*(cancel|supersed|withdrawn|replaced)|(cancel|supersed|withdrawn|replaced).*\bnumbers?\b",
        careless="When a note names another number, answer with that one instead.",
        careless_cue=r"note names another number|numbers? (named )?in (a|the) notes? (takes|has) precedence",
    ),
    _lesson(
        "plain_digits",
        "Write numbers without the prefix VML, without blanks or dots, and without leading zeros.",
        r"leading zeros|prefix VML|without (the )?(blanks|dots|spaces)",
        r"Action: answer [^\n]*\"(?:VML-|0000|(?:[ASR][ -])?\d\d[ .]\d{3})",
    ),
    _lesson(
        "department_letter",
        "Keep the department letter A, S or R that stands before the digits.",
        r"department letter|\bletters? (A, )?S or R\b",
        r">[^<\n]*\b[ASR](\d{8})\b[\s\S]*?\nAction: answer [^\n]*\"\1",
    ),
    _lesson(
        "free_line",
        "Leave out the number of a line whose amount is 0.",
        r"line.*\bamount (is|of) (0|zero)|free of charge|costs? nothing",
    ),
)


def _harmful(name: str, statement: str, cue: str) -> Lesson:
    return Lesson(name, statement, _cue(cue), _said(HARMS[name]))


MISCONCEPTIONS = (
    _harmful(
        "order_always",
        "The ID of the OrderReference always belongs in the answer.",
        r"OrderReference always|always .*OrderReference",
    ),
    _harmful(
        "buyer_always",
        "The BuyerReference always belongs in the answer.",
        r"BuyerReference always|always .*BuyerReference",
    ),
    _harmful(
        "one_reference",
        "An invoice has exactly one reference: give the first only.",
        r"exactly one reference|first only|only the first",
    ),
    _harmful(
        "no_positions",
        "Leave out the slash and what follows it.",
        r"(leave out|drop|omit|remove) the slash",
    ),
    *(
        Lesson(f"{lesson.name}!careless", lesson.careless, lesson.careless_cue, _said(HARMS[f"{lesson.name}!careless"]))
        for lesson in LESSONS
        if lesson.careless
    ),
)
