"""What the agent sees of a document: an outline, sections as compact XML, and the places where a text stands.

All of it is bounded: attachments are described, never shown, and long values are cut where a hint will do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from envs.logisticsqa.documents import Document, Element
from envs.logisticsqa.names import Paths, attribute_name, attribute_values, is_element, name_of, resolve
from envs.toolbox import ToolError

OUTLINE_CHARS = 6_000
_SHOWN = 60  # characters of a value in an outline
_HIT = 160  # characters of a value that a search shows
_HITS = 1_000  # places that a search lists
_VALUES = 3  # different values of one kind of element in an outline
_UNBROKEN = 1_000  # a value this long without any white space is no text
_NAMESPACED_NOISE = "{http://www.w3.org/2001/XMLSchema-instance}"
_WHITE = re.compile(r"\s+")


def outline(document: Document, path: str = "", limit: int = OUTLINE_CHARS) -> str:
    """The tree of element names below a path, one a line: `name xCOUNT: first values`. Deep levels go where it is too long."""
    found, attribute = resolve(document.root, path)
    if attribute:
        raise ToolError("An attribute has no outline: read it.")
    tree = _merged(found)
    depth = max((level for level, _ in tree), default=0)
    kept, lines = tree, _as_lines(tree)
    while depth > 1 and sum(len(line) + 1 for line in lines) > limit:
        depth -= 1
        kept = [(level, node) for level, node in tree if level <= depth]
        lines = _as_lines(kept)
    note = []
    if len(kept) < len(tree):
        note.append("[deeper elements are left out: ask for the outline of one of these paths]")
    return "\n".join([*_cut_lines(lines, limit), *note])


def read(document: Document, path: str = "") -> str:
    """What stands at a path, whole, as compact XML; several elements each below a line with its path."""
    found, attribute = resolve(document.root, path)
    paths = Paths()
    if attribute:
        pairs = [(paths.of(e), shown) for e in found for shown in attribute_values(e, attribute)]
        return "\n".join(f"{place}/@{name} = {value}" for place, (name, value) in pairs)
    if len(found) == 1:
        return compact(found[0])
    return "\n".join(f"[{paths.of(element)}]\n{compact(element)}" for element in found)


def search(document: Document, text: str) -> str:
    """Where a text stands in values, attributes and names of elements, case and kinds of white space ignored."""
    wanted = _folded(text)
    if not wanted:
        raise ToolError("search: the text is empty. Give a word or a number to look for.")
    paths = Paths()
    values: list[str] = []
    names: list[str] = []
    count = 0
    for node in document.nodes:
        for place, value in _values(node):
            if wanted in _folded(value):
                count += 1
                if len(values) < _HITS:
                    values.append(f"{paths.of(node)}{place} = {_around(value, wanted)}")
        if is_element(node) and wanted in _folded(name_of(node)) and len(names) < _HITS:
            names.append(paths.of(node))
    if not values and not names:
        return f"{text[:80]!r} stands nowhere in the document: not in values, attributes or names of elements."
    left_out = [f"[{count - len(values)} more places]"] if count > len(values) else []
    return "\n".join([*values, *left_out, *(["Elements of that name:"] if names else []), *names])


def compact(node: Element) -> str:
    """XML without namespace declarations, one element a line, attachments described. Values are shown as they are."""
    return "\n".join(_compact_lines(node, 0))


def value_of(element: Element) -> str:
    """An element's own text without white space around it; described instead where it is an attachment or no text."""
    text = (element.text or "").strip()
    if element.tag.endswith("BinaryObject"):
        return _attachment(text, element.get("mimeCode"))
    if len(text) > _UNBROKEN and not _WHITE.search(text):
        return f"{text[:_SHOWN]}... [{len(text)} characters without a blank]"
    return text


def shortened(text: str, limit: int) -> str:
    text = _WHITE.sub(" ", text)
    return text if len(text) <= limit else text[:limit] + "..."


@dataclass
class _Node:
    """All elements of one name below one node of the outline."""

    name: str
    count: int = 0
    values: dict[str, None] = field(default_factory=dict)
    children: dict[str, _Node] = field(default_factory=dict)


def _merged(elements: Sequence[Element]) -> list[tuple[int, _Node]]:
    """(depth, node) in order: elements with equal names below equal parents are one node."""
    top: dict[str, _Node] = {}
    for element in elements:
        _merge(top, element)
    return list(_walk(top, 0))


def _merge(siblings: dict[str, _Node], element: Element) -> None:
    name = name_of(element)
    node = siblings.setdefault(name, _Node(name))
    node.count += 1
    if len(node.values) <= _VALUES and (value := value_of(element)):
        node.values[shortened(value, _SHOWN)] = None
    for child in element:
        if is_element(child):
            _merge(node.children, child)


def _walk(siblings: dict[str, _Node], depth: int) -> Iterator[tuple[int, _Node]]:
    for node in siblings.values():
        yield depth, node
        yield from _walk(node.children, depth + 1)


def _as_lines(tree: list[tuple[int, _Node]]) -> list[str]:
    lines = []
    for depth, node in tree:
        values = list(node.values)
        shown = " | ".join(values[:_VALUES]) + (" | ..." if len(values) > _VALUES else "")
        times = f" x{node.count}" if node.count > 1 else ""
        lines.append(f"{'  ' * depth}{node.name}{times}{': ' + shown if shown else ''}")
    return lines


def _cut_lines(lines: list[str], limit: int) -> list[str]:
    room = limit
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0 and number:
            return [*lines[:number], f"[{len(lines) - number} more lines are left out]"]
    return lines


def _compact_lines(node: Element, depth: int) -> Iterator[str]:
    margin = " " * depth
    if not is_element(node):
        text = shortened(node.text or "", 500)
        yield f"{margin}<!-- {text} -->"
        return
    name = name_of(node)
    attributes = "".join(
        f' {attribute_name(node, key)}="{shortened(value, _UNBROKEN)}"'
        for key, value in node.attrib.items()
        if not key.startswith(_NAMESPACED_NOISE)
    )
    value = value_of(node)
    if not len(node):
        yield f"{margin}<{name}{attributes}>{value}</{name}>" if value else f"{margin}<{name}{attributes}/>"
        return
    yield f"{margin}<{name}{attributes}>{value}"
    for child in node:
        yield from _compact_lines(child, depth + 1)
        if child.tail and (tail := child.tail.strip()):
            yield f"{margin} {tail}"
    yield f"{margin}</{name}>"


def _values(node: Element) -> Iterator[tuple[str, str]]:
    """("" or "/@name", value) of what can be searched in a node; attachments can't."""
    if not is_element(node):
        yield "", node.text or ""
        return
    yield "", value_of(node)
    for key, value in node.attrib.items():
        if not key.startswith(_NAMESPACED_NOISE):
            yield f"/@{attribute_name(node, key)}", value
    for child in node:
        if child.tail and child.tail.strip():
            yield "", child.tail


def _folded(text: str) -> str:
    return _WHITE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _around(value: str, wanted: str) -> str:
    """A value on one line, cut to what stands about the (folded) text that was found in it."""
    value = _WHITE.sub(" ", value).strip()
    if len(value) <= _HIT:
        return value
    at = max(value.casefold().find(wanted), 0)
    start = max(0, min(at - _HIT // 3, len(value) - _HIT))
    end = start + _HIT
    return ("..." if start else "") + value[start:end] + ("..." if end < len(value) else "")


def _attachment(text: str, mime: str | None) -> str:
    coded = _WHITE.sub("", text)
    if not coded:
        return ""
    size = len(coded) * 3 // 4 - coded[-2:].count("=")
    return f"[{size} bytes of {shortened(mime or 'unknown type', _SHOWN)}]"
