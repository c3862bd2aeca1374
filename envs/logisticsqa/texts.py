"""What an agent in LogisticsQA is always told, and the modules that optimization starts from.

How the company books invoices is left out on purpose: an agent has to learn that from what happens.
"""

from __future__ import annotations

DESCRIPTION = """\
The environment is one business document of a logistics company, an invoice or credit note in UBL 2.1 XML (LogisticsQA). \
The company books it under transport reference numbers that stand in it. The first observation states your task and shows \
the beginning of the document's outline; the tools show the rest.
Each action is one call of a tool. The tool `answer` ends the task; its argument is a JSON list of strings: one for each \
reference number, [] if the document has none. The order does not matter; every reference must be there and no other."""

GOAL = "Find the transport reference numbers under which the logistics company books this document."

SEED_MODULES = {
    "instructions": "You read invoices for a logistics company. Find the transport reference numbers of the document.",
    "demonstrations": "",
    "tools": "",
}
