"""XPath 1.0 queries over a document that can't hurt: names need no prefixes, and evaluation happens in a limited process."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from envs.base import EnvironmentFailure
from envs.logisticsqa.documents import Document, Element
from envs.logisticsqa.names import PREFIXES, UBL, Paths, attribute_name, is_element, split_tag
from envs.logisticsqa.sections import compact, value_of
from envs.toolbox import ToolError

MAX_QUERY = 2_000  # characters
MAX_RESULTS = 500
MAX_CHARS = 100_000  # of one string
SECONDS = 2.0  # of CPU time a query

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>"[^"]*"|'[^']*')|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<variable>\$[\w:.-]+)
    |(?P<name>[^\W\d][\w.-]*(?::(?!:)(?:[^\W\d][\w.-]*|\*))?)
    |(?P<sign>::|//|\.\.|!=|<=|>=|[/.@()\[\],|+=<>*-])""",
    re.VERBOSE,
)
_OPERATORS = {"and", "or", "div", "mod"}
_AFTER_NO_OPERAND = {"@", "::", "(", "[", ",", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">=", ""}
_NODE_TYPES = {"text", "node", "comment", "processing-instruction"}


class XPathWorker:
    """The process that evaluates, started when first needed and again after a query had to be stopped. Threads may share it.

    `cpu_seconds`: what its queries took there; those that were stopped are not counted.
    """

    def __init__(self) -> None:
        self.cpu_seconds = 0.0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, xml: bytes, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ToolError for a query that takes too long, EnvironmentFailure where the process can't be run."""
        message = json.dumps({**request, "bytes": len(xml)}).encode() + b"\n" + xml
        with self._lock:
            process = self._process or self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(message)
                process.stdin.flush()
                line = process.stdout.readline()
            except BrokenPipeError:
                line = b""
            if line.endswith(b"\n"):
                answer: dict[str, Any] = json.loads(line)
                self.cpu_seconds += answer["cpu"]
                return answer
            status = self._stop()
        if status == -signal.SIGPROF:
            raise ToolError(
                f"xpath: stopped after {request['seconds']:g} seconds. Ask for less: name the elements of a path instead "
                "of // or * within conditions."
            )
        if status < 0:  # killed for its memory, or it broke on this very query
            raise ToolError("xpath: this query can't be evaluated; it may need too much memory. Ask for less.")
        raise EnvironmentFailure(f"the process that evaluates XPath ended with status {status}")

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        worker = Path(__file__).with_name("xpath_worker.py")
        try:
            self._process = subprocess.Popen(  # -P: this folder has an inspect.py, which must not hide Python's
                [sys.executable, "-P", str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )  # fmt: skip
        except OSError as error:
            raise EnvironmentFailure(f"the process that evaluates XPath can't be started: {error}") from error
        return self._process

    def _stop(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it may have ended; else it ends when there is nothing more to read
            process.stdin.close()
        process.stdout.close()
        return process.wait()


def query(document: Document, expression: str, worker: XPathWorker, seconds: float = SECONDS) -> str:
    """Results as the agent reads them: elements as compact XML below their paths, then attributes, texts, numbers."""
    namespaces = _namespaces(document.root)
    if re.match(rf"\s*(?:\w+:)?{document.kind}\b(?![\s]*[(:-])", expression):
        expression = (
            "/" + expression.lstrip()
        )  # as outlines write paths; a query starts at the root element, above it is /
    request = {
        "query": with_names(expression, namespaces),
        "namespaces": namespaces,
        "seconds": seconds,
        "results": MAX_RESULTS,
        "chars": MAX_CHARS,
    }
    answer = worker.ask(document.xml, request)
    if "error" in answer:
        raise ToolError(
            f"xpath: {answer['error'].rstrip('.')[:300]}. Write XPath 1.0, for example //InvoiceLine[1]/DocumentReference/ID"
        )
    if not answer["count"]:
        return "Nothing matches. Names are case-sensitive; the outline shows them."
    paths = Paths()
    shown: list[str] = []
    room = MAX_CHARS
    for item in answer["items"]:
        if room <= 0:
            break
        shown.append(_shown(document, item, paths))
        room -= len(shown[-1])
    more = answer["count"] - len(shown)
    return "\n".join([*shown, *([f"[{more} more results are left out]"] if more else [])])


def with_names(expression: str, namespaces: Mapping[str, str]) -> str:
    """The expression with each element name that has no prefix standing for that name in any namespace.

    Raises ToolError for a prefix that is not known, or what can't be XPath.
    """
    if not expression.strip():
        raise ToolError("xpath: the query is empty. Write XPath 1.0, for example //DespatchDocumentReference/ID")
    if len(expression) > MAX_QUERY:
        raise ToolError(f"xpath: the query has {len(expression)} characters; at most {MAX_QUERY} are allowed.")
    tokens = list(_tokens(expression))
    written = []
    before = ""  # the token before, white space left out
    for number, (kind, token) in enumerate(tokens):
        if kind == "name":
            after = next((text for other, text in tokens[number + 1 :] if other != "space"), "")
            prefix, colon, _ = token.partition(":")
            if colon and prefix not in namespaces:
                raise ToolError(
                    f"xpath: the prefix {prefix!r} is not known. Known: {', '.join(sorted(namespaces))}; or use none."
                )
            if not colon and _is_element_name(token, before, after, [text for _, text in tokens[:number]]):
                written.append(f"*[local-name()='{token}']")
                before = token
                continue
        written.append(token)
        before = before if kind == "space" else token
    return "".join(written)


def _is_element_name(token: str, before: str, after: str, earlier: list[str]) -> bool:
    """By XPath's own rules (section 3.7): else it is an operator, a function, a node type, an axis or an attribute."""
    expects_operand = before in _AFTER_NO_OPERAND or (before in _OPERATORS and _was_operator(earlier))
    if token in _OPERATORS and not expects_operand:
        return False
    if after in ("(", "::"):
        return False
    if before == "@":
        return False
    if before == "::":
        axis = next((text for text in reversed(earlier[: _last(earlier, "::")]) if text.strip()), "")
        return axis not in ("attribute", "namespace")
    return True


def _was_operator(earlier: list[str]) -> bool:
    """Whether the last token, named like an operator, was one: it was if an operand stood before it."""
    words = [text for text in earlier if text.strip()]
    return len(words) > 1 and words[-2] not in _AFTER_NO_OPERAND


def _last(items: list[str], item: str) -> int:
    return len(items) - 1 - items[::-1].index(item)


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    start = 0
    while start < len(expression):
        found = _TOKEN.match(expression, start)
        if found is None:
            raise ToolError(f"xpath: {expression[start : start + 20]!r} can't be read. Write XPath 1.0.")
        yield str(found.lastgroup), found[0]
        start = found.end()


def _namespaces(root: Element) -> dict[str, str]:
    """Prefix -> namespace: UBL's usual prefixes, `inv` for the document's own, and what its root declares besides."""
    own = {prefix: uri for prefix, uri in root.nsmap.items() if prefix and uri}
    usual = {prefix: uri for uri, prefix in PREFIXES.items() if prefix}
    main = split_tag(root.tag)[0]
    return {
        **own,
        **usual,
        "inv": main or f"{UBL}Invoice-2",
        "ubl": main or f"{UBL}Invoice-2",
        "cn": f"{UBL}CreditNote-2",
    }


def _shown(document: Document, item: list[Any], paths: Paths) -> str:
    kind, place, *rest = item
    if kind == "value":
        return str(place)
    if place is None:
        return str(rest[0])
    node = document.nodes[place]
    if kind == "element":
        return f"[{paths.of(node)}]\n{compact(node)}"
    if kind == "attribute":
        return f"{paths.of(node)}/@{attribute_name(node, rest[0])} = {node.get(rest[0])}"
    text = str(rest[0]).strip()
    if is_element(node) and text == (node.text or "").strip():  # an attachment is described here too
        text = value_of(node)
    return f"{paths.of(node)} = {text}"
