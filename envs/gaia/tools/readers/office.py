"""Word documents and slides, in reading order, with what text extraction tends to lose: tables, headers, notes, charts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from envs.gaia.tools.readers.container import check_markup, open_zip
from envs.gaia.tools.readers.source import Reading, Source, table

_DEEPEST = 8  # tables in tables, groups in groups


def read_docx(source: Source) -> Reading:
    """Headers and footers, then paragraphs and tables in their order, then notes and the pictures' names."""
    from docx import Document

    media = _checked(source.data)
    document = Document(io.BytesIO(source.data))
    lines = []
    for kind in ("header", "footer"):
        said = dict.fromkeys(
            text for section in document.sections if (text := "\n".join(_blocks(getattr(section, kind), 0)).strip())
        )
        lines += [f"[{kind}] {text}" for text in said]
    lines += _blocks(document, 0)
    lines += _footnotes(document)
    return Reading("\n".join(lines + media) if any(lines) else "\n".join(["(no text)", *media]))


def read_pptx(source: Source) -> Reading:
    """Slide by slide: title, shapes, tables, charts, pictures and the speaker's notes."""
    from pptx import Presentation

    media = _checked(source.data)
    presentation = Presentation(io.BytesIO(source.data))
    slides = list(presentation.slides)
    lines = [f"[presentation with {len(slides)} slide(s)]"]
    for number, slide in enumerate(slides, 1):
        hidden = " (hidden)" if slide._element.get("show") == "0" else ""
        lines += ["", f"# Slide {number}{hidden}", *_shapes(slide.shapes, 0)]
        if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) and frame.text.strip():
            lines.append(f"[notes] {frame.text.strip()}")
    return Reading("\n".join(lines + media))


def _checked(data: bytes) -> list[str]:
    """Check a container before a library opens it; the lines that name its pictures and recordings."""
    with open_zip(data) as container:
        check_markup(container)
        held = [member.filename for member in container.infolist() if "/media/" in member.filename]
    return ["", f"[embedded media, each readable as a member: {', '.join(sorted(held)[:100])}]"] if held else []


def _blocks(holder: Any, depth: int) -> Iterator[str]:
    """The paragraphs and tables of a document, a header or a cell."""
    from docx.table import Table

    for block in holder.iter_inner_content():
        if isinstance(block, Table):
            rows = [["\n".join(_blocks(cell, depth + 1)) for cell in _cells(row)] for row in block.rows]
            yield table(rows) if depth < _DEEPEST else "(nested too deep)"
            continue
        text = block.text.strip()
        style = (block.style.name or "") if block.style is not None else ""
        if not text:
            continue
        if style.startswith(("Heading", "Title")):
            level = style[-1] if style[-1:].isdecimal() else "1"
            yield f"{'#' * min(int(level), 6)} {text}"
        elif style.startswith("List") or block._p.find(".//{*}numPr") is not None:
            yield f"- {text}"
        else:
            yield text


def _cells(row: Any) -> list[Any]:
    """A row's cells; a merged one once."""
    return list({id(cell._tc): cell for cell in row.cells}.values())


def _footnotes(document: Any) -> list[str]:
    """Footnotes and endnotes, which the library does not offer."""
    from lxml import etree

    lines = []
    for part in document.part.package.iter_parts():
        name = str(part.partname)
        if not name.endswith(("/footnotes.xml", "/endnotes.xml", "/comments.xml")):
            continue
        kind = name.rsplit("/", 1)[1].removesuffix("s.xml")
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
        notes = ("".join(note.itertext("{*}t")).strip() for note in root)
        lines += [f"[{kind}] {text}" for text in notes if text]
    return lines


def _shapes(shapes: Any, depth: int) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            if depth < _DEEPEST:
                yield from _shapes(shape.shapes, depth + 1)
        elif getattr(shape, "has_table", False) and shape.has_table:
            yield table([[cell.text for cell in row.cells] for row in shape.table.rows])
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            yield from _chart(shape.chart)
        elif getattr(shape, "has_text_frame", False) and shape.has_text_frame:
            if shape.text_frame.text.strip():
                yield shape.text_frame.text.strip()
        elif shape._element.tag.endswith("}pic"):
            about = shape._element.find(".//{*}cNvPr")
            said = about.get("descr", "") if about is not None else ""
            yield f"[picture {shape.name!r}{': ' + said if said else ''}]"


def _chart(chart: Any) -> Iterator[str]:
    title = chart.chart_title.text_frame.text if chart.has_title and chart.chart_title.has_text_frame else ""
    yield f"[chart{' ' + repr(title) if title else ''}]"
    for plot in chart.plots:
        series = list(plot.series)
        rows: list[list[object]] = [["", *(one.name for one in series)]]
        columns = [list(one.values) for one in series]
        for at, category in enumerate(plot.categories):
            rows.append([category, *(column[at] if at < len(column) else "" for column in columns)])
        yield table(rows)
