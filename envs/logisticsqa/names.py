"""How elements are named to the agent: cac: and cbc: whatever prefixes a document declares, its own ones elsewhere.

A path such as `Invoice/cac:InvoiceLine[2]/cbc:ID` leads to one element; a number counts the siblings of the same name and
stands only where there are several. `resolve` also takes paths with a leading slash, without the root, without prefixes,
in another case, and without numbers (then all such siblings are meant).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from envs.logisticsqa.documents import Element
from envs.toolbox import ToolError

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
PREFIXES = {
    f"{UBL}CommonAggregateComponents-2": "cac",
    f"{UBL}CommonBasicComponents-2": "cbc",
    f"{UBL}CommonExtensionComponents-2": "ext",
    f"{UBL}Invoice-2": "",
    f"{UBL}CreditNote-2": "",
    "http://www.w3.org/XML/1998/namespace": "xml",
}

_STEP = re.compile(r"([^\[\]/@]+?)\s*(?:\[\s*(\d{1,9})\s*\])?")
_MAX_PATH = 2000
_NAMED = 12  # names that a complaint lists
_COMPARED = 500  # names that are compared with a wrong one


def is_element(node: Element) -> bool:
    """Not a comment or processing instruction."""
    return isinstance(node.tag, str)


def name_of(element: Element) -> str:
    namespace, local = split_tag(element.tag)
    prefix = PREFIXES.get(namespace)
    if prefix is None:
        prefix = element.prefix or ""
    return f"{prefix}:{local}" if prefix else local


def attribute_name(element: Element, attribute: str) -> str:
    namespace, local = split_tag(attribute)
    if not namespace:
        return local
    prefix = PREFIXES.get(namespace) or next((p for p, uri in element.nsmap.items() if uri == namespace and p), "")
    return f"{prefix}:{local}" if prefix else local


def split_tag(tag: str) -> tuple[str, str]:
    """(namespace or "", local name)."""
    if tag[0] == "{":
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    return "", tag


class Paths:
    """Paths of a document's elements. Remembers what it has counted, as many elements have one parent."""

    def __init__(self) -> None:
        self._steps: dict[Element, dict[Element, str]] = {}

    def of(self, element: Element) -> str:
        steps: list[str] = []
        while (parent := element.getparent()) is not None:
            steps.append(self._children(parent)[element])
            element = parent
        steps.append(name_of(element))
        return "/".join(reversed(steps))

    def _children(self, parent: Element) -> dict[Element, str]:
        known = self._steps.get(parent)
        if known is not None:
            return known
        groups: dict[str, list[Element]] = {}
        for child in parent:
            groups.setdefault(name_of(child) if is_element(child) else "comment()", []).append(child)
        steps = {
            child: f"{name}[{number}]" if len(members) > 1 else name
            for name, members in groups.items()
            for number, child in enumerate(members, start=1)
        }
        self._steps[parent] = steps
        return steps


def resolve(root: Element, path: str) -> tuple[Sequence[Element], str]:
    """(elements, attribute's name or ""): what a path leads to, at least one. Raises ToolError, saying what there is."""
    steps, attribute = _parse_path(path)
    if steps and steps[0][1] in (None, 1) and _matches([root], steps[0][0]):
        steps = steps[1:]
    found: list[Element] = [root]
    for name, number in steps:
        above, found = found, []
        for parent in above:
            matching = _matches([child for child in parent if is_element(child)], name)
            found += matching if number is None else matching[number - 1 : number] if number else []
        if not found:
            raise ToolError(_no_such(above, name, number))
    if attribute:
        found = [
            element for element in found if any(_same(attribute, attribute_name(element, a)) for a in element.attrib)
        ]
        if not found:
            raise ToolError(
                f"No attribute {attribute[:80]!r} there. Read the element without /@... to see what it has."
            )
    return found, attribute


def attribute_values(element: Element, name: str) -> list[tuple[str, str]]:
    """(shown name, value) of the attributes that `name` means."""
    shown = ((attribute_name(element, attribute), value) for attribute, value in element.attrib.items())
    return [(attribute, value) for attribute, value in shown if _same(name, attribute)]


def _parse_path(path: str) -> tuple[list[tuple[str, int | None]], str]:
    text = path.strip().strip("`\"'").strip()
    if len(text) > _MAX_PATH:
        raise ToolError(f"This path has {len(text)} characters; at most {_MAX_PATH} are allowed.")
    if "//" in text:
        raise ToolError(
            "A path has no '//': it names each element from the root on. To look anywhere, use xpath or search."
        )
    text = re.sub(r"/?text\(\)$", "", text).strip("/")
    attribute = ""
    if "@" in text:
        text, _, attribute = text.rpartition("@")
        text = text.rstrip("/")
    steps: list[tuple[str, int | None]] = []
    for part in text.split("/"):
        if part.strip() in ("", "."):
            continue
        step = _STEP.fullmatch(part.strip())
        if step is None:
            raise ToolError(
                f"{part[:80]!r} is no step of a path. A path looks like this: Invoice/cac:InvoiceLine[2]/cbc:ID. For "
                "conditions, use xpath."
            )
        steps.append((step[1], int(step[2]) if step[2] else None))
    return steps, attribute


def _matches(elements: Sequence[Element], name: str) -> list[Element]:
    """Those named so; if there are none, those named so without prefix and whatever the case."""
    exact = [element for element in elements if name_of(element) == name]
    if exact:
        return exact
    return [element for element in elements if _same(name, name_of(element))]


def _same(asked: str, name: str) -> bool:
    return asked.rpartition(":")[2].strip().casefold() == name.rpartition(":")[2].casefold()


def _no_such(parents: Sequence[Element], name: str, number: int | None) -> str:
    children = [child for parent in parents for child in parent if is_element(child)]
    count = len(_matches(children, name))
    place = name_of(parents[0])
    if count:
        return f"{place} has {count} {name[:80]}; there is no number {number}."
    names = list(dict.fromkeys(name_of(child) for child in children))
    near = difflib.get_close_matches(name[:80], names[:_COMPARED], n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    listed = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
    return f"There is no {name[:80]!r} in {place}.{hint} It has: {listed or 'no elements'}."
