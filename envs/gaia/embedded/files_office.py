"""Office files: xlsx, docx, pptx and pdf, with no trace of when they were made."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_EPOCH = (2024, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
Row = Sequence[object]


def archive(members: Mapping[str, bytes]) -> bytes:
    """A zip file; same members, same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, data)
    return buffer.getvalue()


def spreadsheet(sheets: Mapping[str, Sequence[Row]], fills: Mapping[tuple[str, int], str] | None = None) -> bytes:
    """fills: (sheet, row counted from 1) -> RRGGBB of that row's cells."""
    from openpyxl import Workbook
    from openpyxl.styles import PatternFill

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for (where, number), colour in (fills or {}).items():
            if where == name:
                for cell in sheet[number]:
                    cell.fill = PatternFill("solid", fgColor="FF" + colour)
    buffer = io.BytesIO()
    book.save(buffer)
    return _undated(buffer.getvalue())


def document(title: str, before: Sequence[str], rows: Sequence[Row], after: Sequence[str]) -> bytes:
    """A docx: heading, paragraphs, a table (first row its head), paragraphs."""
    from docx import Document

    made = Document()
    made.add_heading(title, 1)
    for text in before:
        made.add_paragraph(text)
    grid = made.add_table(rows=len(rows), cols=len(rows[0]))
    for row, cells in zip(rows, grid.rows, strict=True):
        for value, cell in zip(row, cells.cells, strict=True):
            cell.text = str(value)
    for text in after:
        made.add_paragraph(text)
    buffer = io.BytesIO()
    made.save(buffer)
    return _undated(buffer.getvalue())


def slides(pages: Sequence[tuple[str, str, str]]) -> bytes:
    """A pptx of (title, body, notes; "" for none)."""
    from pptx import Presentation

    made = Presentation()
    for title, body, notes in pages:
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    buffer = io.BytesIO()
    made.save(buffer)
    return _undated(buffer.getvalue())


def pdf(title: str, before: Sequence[str], rows: Sequence[Row], after: Sequence[str]) -> bytes:
    """A pdf of one page: heading, paragraphs, lines of a table whose cells are parted by ` | `, paragraphs."""
    from fpdf import FPDF

    made = FPDF()
    made.set_creation_date(datetime(*_EPOCH, tzinfo=UTC))
    made.add_page()
    made.set_font("Helvetica", "B", 16)
    made.cell(0, 12, title, new_x="LMARGIN", new_y="NEXT")
    made.set_font("Helvetica", "", 11)
    for text in (*before, *(" | ".join(map(str, row)) for row in rows), *after):
        made.multi_cell(0, 7, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def _undated(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    core = "docProps/core.xml"
    if core in members:
        members[core] = _STAMP.sub(rb"\g<1>2024-01-01T00:00:00Z", members[core])
    return archive(members)
