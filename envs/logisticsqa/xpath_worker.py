"""A process of its own that evaluates XPath, so that no expression can take a run's time or memory.

Started by xpath.py as a script, and needs no other file of the project. Requests on standard input: one line of JSON
{"bytes": length of the document, "query", "namespaces", "seconds", "results", "chars"} and the document in UTF-8. Answers:
one line of JSON, {"error": why} or {"count": results in all, "items": [[kind, ...], ...]}, both with "cpu" in seconds; an item is
["element", n], ["attribute", n, name], ["text", n or null, text] or ["value", text]; n counts the document's nodes in order.
A query over its seconds of CPU time ends the process with SIGPROF.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
import time
from functools import lru_cache
from typing import Any

from lxml import etree

MEMORY = 600_000_000  # bytes of address space: a document may have 10 MB, its tree and the results some times that


def main() -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit: the time is limited all the same
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while line := sys.stdin.buffer.readline():
        started = time.process_time()
        request = json.loads(line)
        xml = sys.stdin.buffer.read(request["bytes"])
        signal.setitimer(signal.ITIMER_PROF, request["seconds"])
        try:
            answer = evaluate(xml, request)
        except MemoryError:
            answer = {"error": "it needs too much memory"}
        except Exception as error:  # whatever a strange query makes of the libraries is that query's fault
            answer = {"error": f"it can't be evaluated ({type(error).__name__}: {error})"}
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(json.dumps({**answer, "cpu": time.process_time() - started}) + "\n")
        sys.stdout.flush()


def evaluate(xml: bytes, request: dict[str, Any]) -> dict[str, Any]:
    root = parsed(xml)
    try:
        # Without regexp=False there would be EXSLT's regular expressions, which Python evaluates without a limit.
        found = etree.XPath(request["query"], namespaces=request["namespaces"], regexp=False)(root.getroottree())
    except (etree.XPathError, ValueError) as error:
        return {"error": str(error).replace("unknown error", "it may need too much memory")}  # libxml2 gives no reason
    if not isinstance(found, list):
        return {"count": 1, "items": [["value", as_text(found)[: request["chars"]]]]}
    kept = found[: request["results"]]
    wanted = {node for item in kept if (node := owner(item)) is not None}
    places = {node: number for number, node in enumerate(root.iter()) if node in wanted} if wanted else {}
    return {"count": len(found), "items": [described(item, places, request["chars"]) for item in kept]}


@lru_cache(maxsize=4)
def parsed(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True))


def owner(item: Any) -> Any:
    """The node that a result is or belongs to; lxml's strings know their parents. None for computed values."""
    return (
        item.getparent()
        if isinstance(item, str) and hasattr(item, "getparent")
        else item
        if hasattr(item, "tag")
        else None
    )


def described(item: Any, places: dict[Any, int], chars: int) -> list[Any]:
    place = places.get(owner(item))
    if getattr(item, "is_attribute", False) and place is not None:
        return ["attribute", place, item.attrname]
    if isinstance(item, str):
        return ["text", place if getattr(item, "is_text", False) else None, str(item)[:chars]]
    if hasattr(item, "tag"):
        return ["element", place] if place is not None else ["text", None, (item.text or "")[:chars]]
    return ["value", as_text(item)[:chars]]  # namespace nodes: (prefix, namespace)


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return "=".join(str(part) for part in value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    main()
