"""The tools by which an agent reads a document, and what each answers. `answer` itself is the episode's affair."""

from __future__ import annotations

from envs.logisticsqa import sections, xpath
from envs.logisticsqa.documents import Document
from envs.toolbox import Call, Toolbox, ToolError, paged
from fgo.types import Json, Tool

ANSWER = "answer"


def _tool(name: str, description: str, required: str = "", **properties: Json) -> Tool:
    schema = {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}
    return Tool(name, description, schema)


_PAGE = {"type": "integer", "minimum": 1, "description": "page of a long result, 1 if left out"}
_PATH = "path as outlines show it, e.g. Invoice/cac:InvoiceLine[2]/cbc:ID"

TOOLS = (
    _tool(
        "outline",
        "The tree of the document's elements with their first values, or that below a path. Attributes are not shown.",
        path={"type": "string", "description": f"{_PATH}; the whole document if left out"},
    ),
    _tool(
        "read",
        "A section in full as compact XML, attributes included. The path Invoice (or CreditNote) is the whole document.",
        "path",
        path={"type": "string", "description": f"{_PATH}; without [number] all siblings of that name"},
        page=_PAGE,
    ),
    _tool(
        "search",
        "Paths and values where a text stands in values, attributes or element names; upper and lower case are the same.",
        "text",
        text={"type": "string", "description": "what to look for"},
        page=_PAGE,
    ),
    _tool(
        "xpath",
        "Evaluate an XPath 1.0 expression on the document. Prefixes inv, cac, cbc and ext are known; names need none.",
        "query",
        query={"type": "string", "description": "e.g. //InvoiceLine/DocumentReference/ID"},
        page=_PAGE,
    ),
    _tool(
        ANSWER,
        "Give the transport reference numbers and end the task. An empty list says that there is none.",
        "references",
        references={"type": "array", "items": {"type": "string"}, "description": "all of them, each as it is booked"},
    ),
)
TOOLBOX = Toolbox(TOOLS)


def look(document: Document, call: Call, worker: xpath.XPathWorker, page_chars: int) -> str:
    """What a call of a reading tool answers. Raises ToolError, whose message is the answer then."""
    arguments = call.arguments
    match call.name:
        case "outline":
            return sections.outline(document, arguments.get("path", ""))
        case "read":
            text = sections.read(document, arguments["path"])
        case "search":
            text = sections.search(document, arguments["text"])
        case "xpath":
            text = xpath.query(document, arguments["query"], worker)
        case _:
            raise ToolError(f"{call.name} does not read the document.")
    return paged(text, arguments.get("page", 1), page_chars)
