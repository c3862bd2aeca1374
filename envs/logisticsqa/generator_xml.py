"""A tree of UBL elements and how it becomes text: escaping, indentation and namespaces in an issuer's style."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_SHARED = {"cac": f"{_UBL}:CommonAggregateComponents-2", "cbc": f"{_UBL}:CommonBasicComponents-2"}


class Element(NamedTuple):
    """`name` is qualified ("cbc:ID"); `content` is text or children."""

    name: str
    content: str | tuple[Element, ...]
    attributes: tuple[tuple[str, str], ...] = ()


def leaf(name: str, text: object, **attributes: str) -> Element:
    """A `cbc` element with text."""
    return Element(f"cbc:{name}", str(text), tuple(attributes.items()))


def node(name: str, *children: Element | Iterable[Element] | None) -> Element:
    """A `cac` element; a child may be missing (None) or many."""
    return Element(f"cac:{name}", tuple(flat(children)))


def flat(children: Iterable[Element | Iterable[Element] | None]) -> Iterable[Element]:
    for child in children:
        if isinstance(child, Element):
            yield child
        elif child is not None:
            yield from child


@dataclass(frozen=True, slots=True)
class XmlStyle:
    """How an issuer's software writes XML. `prefix` is the document's own namespace prefix, empty for the default one."""

    indent: str
    prefix: str
    quote: str
    aggregates_first: bool


STYLES = (
    XmlStyle("  ", "", '"', False),
    XmlStyle("    ", "", '"', True),
    XmlStyle("\t", "", '"', True),
    XmlStyle(" ", "", "'", False),
    XmlStyle("  ", "ubl", '"', True),
    XmlStyle("  ", "doc", '"', True),
)


def render(kind: str, children: Iterable[Element], style: XmlStyle) -> str:
    """A whole document, `kind` "Invoice" or "CreditNote"."""
    own = {f":{style.prefix}" if style.prefix else "": f"{_UBL}:{kind}-2"}
    shared = {f":{name}": address for name, address in _SHARED.items()}
    spaces = {**shared, **own} if style.aggregates_first else {**own, **shared}
    declared = " ".join(f'xmlns{name}="{address}"' for name, address in spaces.items())
    tag = f"{style.prefix}:{kind}" if style.prefix else kind
    quote = style.quote
    lines = [f"<?xml version={quote}1.0{quote} encoding={quote}UTF-8{quote}?>", f"<{tag} {declared}>"]
    for child in children:
        _write(child, style.indent, style.indent, lines)
    return "\n".join([*lines, f"</{tag}>", ""])


def _write(element: Element, margin: str, indent: str, lines: list[str]) -> None:
    name, content, attributes = element
    opening = name + "".join(f" {key}={quoteattr(value)}" for key, value in attributes)
    if isinstance(content, str):
        lines.append(f"{margin}<{opening}>{escape(content)}</{name}>")
        return
    lines.append(f"{margin}<{opening}>")
    for child in content:
        _write(child, margin + indent, indent, lines)
    lines.append(f"{margin}</{name}>")
