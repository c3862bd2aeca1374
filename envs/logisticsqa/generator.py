"""Writes the generated set: seeded invoices with their answers, what LogisticsQA plays where it is given no other data.

Everything in it is the project's own. The same seed gives the same bytes in any process; the documents of a larger
split begin with those of a smaller one. Issuers of the test set are in no other split, nor are their combinations of
rules (conventions.py).
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from envs.logisticsqa.conventions import FAMILIES, TEST, TRAINING, Family
from envs.logisticsqa.generator_document import document
from envs.logisticsqa.generator_parties import Issuer, draw_issuers
from envs.logisticsqa.generator_plan import Plan, draw_plan
from envs.logisticsqa.transport_numbers import STYLES
from envs.logisticsqa.wording import NAMES

VERSION = "1"
"""Raise it with every change that changes a document, so that nobody plays old documents under a new name."""

SPLITS = ("train", "validation", "test")
_ISSUERS_EACH = 2

_QUERIES = {
    "overhead": "//cbc:AccountingCost",
    "credit": "//cac:BillingReference/cac:AdditionalDocumentReference/cbc:ID",
    "collective": "//cac:DocumentReference/cbc:ID",
    "shipment": "//cac:Shipment/cbc:ID",
    "despatch": "//cac:DespatchDocumentReference",
    "additional": "//cac:AdditionalDocumentReference/cbc:ID[@schemeID='AAS']",
    "order": "//cac:OrderReference",
    "payment": "//cac:PaymentMeans",
    "note": "//cbc:Note",
    "freight": "//cac:Item",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A generated document. `family` is for tests and the gate; no file holds it."""

    id: str
    xml: str
    answer: tuple[str, ...]
    category: str
    solution: tuple[str, ...]
    family: Family


def generate(seed: int, split: str, n: int) -> list[Document]:
    """The first `n` documents of a split ("train", "validation", "test"). Each run through the families is shuffled."""
    if split not in SPLITS:
        raise ValueError(f"split={split!r}: expected one of {', '.join(SPLITS)}")
    families = FAMILIES[split]
    return [_document(seed, split, index, _turn(seed, split, index, len(families))) for index in range(n)]


def write_set(folder: Path, seed: int, train: int, validation: int, test: int) -> None:
    """Write folder/SPLIT/ID.xml and folder/answers.json: {split: [{id, file, category, answer, solution}]}."""
    answers: dict[str, list[dict[str, object]]] = {}
    for split, count in zip(SPLITS, (train, validation, test), strict=True):
        (folder / split).mkdir(parents=True, exist_ok=True)
        answers[split] = []
        for made in generate(seed, split, count):
            name = f"{split}/{made.id}.xml"
            (folder / name).write_bytes(made.xml.encode("utf-8"))
            row = {"id": made.id, "file": name, "category": made.category}
            answers[split].append({**row, "answer": list(made.answer), "solution": list(made.solution)})
    text = json.dumps(answers, indent=1, ensure_ascii=False)
    (folder / "answers.json").write_bytes(f"{text}\n".encode())


def _turn(seed: int, split: str, index: int, families: int) -> int:
    """Whose turn it is: each round has every family once, in an order of its own."""
    order = list(range(families))
    random.Random(f"{seed}/{split}/round {index // families}").shuffle(order)
    return order[index % families]


@lru_cache(maxsize=8)
def _issuers(seed: int) -> list[list[Issuer]]:
    """Issuers of all families, those of training first."""
    languages = tuple(family.language for family in (*TRAINING, *TEST))
    return draw_issuers(languages, _ISSUERS_EACH, STYLES[1:], seed)


def _document(seed: int, split: str, index: int, row: int) -> Document:
    generator = random.Random(f"{seed}/{split}/{index}")
    family = FAMILIES[split][row]
    issuer = generator.choice(_issuers(seed)[row + (len(TRAINING) if split == "test" else 0)])
    plan = draw_plan(family, issuer, generator)
    xml = document(plan, issuer, family.language, generator)
    identifier = str(uuid5(NAMESPACE_URL, f"logisticsqa/{VERSION}/{seed}/{split}/{index}"))
    answer = tuple(dict.fromkeys(plan.answer))
    return Document(identifier, xml, answer, _category(plan, family), _solution(family, answer), family)


def _category(plan: Plan, family: Family) -> str:
    """What anybody sees at first sight."""
    return "credit note" if plan.kind == "CreditNote" else f"invoice, {NAMES[family.language]}"


def _solution(family: Family, answer: Sequence[str]) -> tuple[str, ...]:
    """A look at the place that counts, then the answer."""
    query = json.dumps({"query": _QUERIES[family.place]})
    return f"xpath {query}", f"answer {json.dumps({'references': list(answer)})}"
