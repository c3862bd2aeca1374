"""How the simulated model plays LogisticsQA: from its conversation alone, erring wherever it does not heed a lesson.

It asks for the places where references may stand (three queries), and decides from what it observed. At each rule it
asks `heeds(lesson, occasion)` once; where the answer is no, it does what an agent without that lesson does, and says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from envs.logisticsqa.booking import book
from envs.logisticsqa.observed import answered, elements, next_page
from fgo.types import Json

Heeds = Callable[[str, str], bool]

HEADER = "/*/Note | /*/AccountingCost | /*/BuyerReference | /*/InvoicePeriod | /*/OrderReference"
REFERENCES = (
    "/*/BillingReference | /*/DespatchDocumentReference | /*/AdditionalDocumentReference/ID"
    " | /*/Delivery/Shipment | /*/PaymentMeans"
)
LINES = (
    "/*/*[Item][AccountingCost or DocumentReference or"
    " number(translate(Item/Description, translate(Item/Description, '0123456789', ''), '')) > 9999999]"
)
_STEPS = (
    (HEADER, "I begin with the header: notes, accounts and the order."),
    (REFERENCES, "Next, what other documents, shipments and payments it refers to."),
    (LINES, "Next, the lines that name a number."),
)
_PAGES = 6  # of one answer that it reads


def play(turns: Sequence[Mapping[str, Json]], heeds: Heeds) -> str:
    """The next reply: a line `Thought: ...` and a line `Action: ...`."""
    seen = answered(turns)
    pages: list[str] = []
    for query, thought in _STEPS:
        page: int | None = 1
        while page is not None and page <= _PAGES:
            observation = seen.get((query, page))
            if observation is None:
                return _reply(thought, "xpath", {"query": query, **({"page": page} if page > 1 else {})})
            pages.append(observation)
            page = next_page(observation)
    said, references = book(list(elements(pages)), _is_credit_note(turns), heeds)
    return _reply(re.sub(r"\s+", " ", said), "answer", {"references": references})


def _is_credit_note(turns: Sequence[Mapping[str, Json]]) -> bool:
    opening = next((str(turn.get("content", "")) for turn in turns if turn.get("role") == "user"), "")
    return "CreditNote" in opening


def _reply(thought: str, tool: str, arguments: Mapping[str, Json]) -> str:
    return f"Thought: {thought}\nAction: {tool} {json.dumps(arguments, ensure_ascii=False)}"
