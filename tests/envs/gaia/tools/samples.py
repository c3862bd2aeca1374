"""Files of every type that the readers know, written with the libraries that such files are usually written with."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any


def xlsx() -> bytes:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill
    from openpyxl.styles.colors import Color

    book = Workbook()
    plots: Any = book.active
    plots.title = "Plots"
    for place, colour in (("A1", "FF00B050"), ("B1", "FFFF0000"), ("C2", "FF0070C0")):
        plots[place].fill = PatternFill("solid", fgColor=colour)
    plots["D4"].fill = PatternFill("solid", fgColor=Color(theme=4, tint=0.4))
    plots["B2"] = "well"
    plots["B2"].comment = Comment("dug in 1911", "Ann")
    plots.merge_cells("A3:C3")
    plots["A3"] = "the lane"
    sales = book.create_sheet("Sales")
    sales.append(["fruit", "price", "count", "total"])
    sales.append(["apple", 1.5, 4, "=B2*C2"])
    sales.append(["pear | quince", 2, 3, "=B3*C3"])
    secret = book.create_sheet("Notes")
    secret.sheet_state = "hidden"
    secret["XFD1048576"] = "far away"
    return _saved(book)


def docx() -> bytes:
    from docx import Document

    document = Document()
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.add_heading("Gifts", 1)
    document.add_paragraph("Each person gives one gift.")
    document.add_paragraph("Ann draws Bob", style="List Bullet")
    grid = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [cell for row in grid.rows for cell in row.cells], ("giver", "gift", "Ann", "a kite"), strict=True
    ):
        cell.text = text
    document.add_picture(io.BytesIO(tiny_png()))
    return _saved(document)


def pptx() -> bytes:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Crustaceans"
    first.placeholders[1].text = "crab\nshrimp"
    first.notes_slide.notes_text_frame.text = "mention the isopod"
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = "Catches"
    grid = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for at, text in enumerate(("kind", "tons", "crab", "12")):
        grid.cell(at // 2, at % 2).text = text
    data = CategoryChartData()
    data.categories = ["2001", "2002"]
    data.add_series("landed", (3.5, 4.25))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(3), Inches(4), Inches(2), data)
    picture = second.shapes.add_picture(io.BytesIO(tiny_png()), Inches(1), Inches(1))
    picture._element.nvPicPr.cNvPr.set("descr", "a lobster")
    return _saved(show)


def pdf() -> bytes:
    from fpdf import FPDF

    document = FPDF()
    document.set_font("Helvetica", size=12)
    document.set_title("Field report")
    for page in range(1, 4):
        document.add_page()
        document.multi_cell(0, 8, f"Page {page} of the report.\nSpecies counted: {page * 7}.")
    return bytes(document.output())


def png() -> bytes:
    from PIL import Image, ImageDraw, ImageFont
    from PIL.PngImagePlugin import PngInfo

    image = Image.new("RGB", (420, 120), "white")
    ImageDraw.Draw(image).text((20, 30), "TOTAL 3/4 of 128", fill="black", font=ImageFont.load_default(40))
    notes = PngInfo()
    notes.add_text("Comment", "scanned in 2019")
    return _saved(image, format="PNG", pnginfo=notes)


def jpg() -> bytes:
    from PIL import Image

    image = Image.new("RGB", (64, 48), "navy")
    exif = Image.Exif()
    exif[0x010E] = "harbour at night"
    return _saved(image, format="JPEG", exif=exif)


@cache
def tiny_png() -> bytes:
    from PIL import Image

    return _saved(Image.new("RGB", (4, 4), "red"), format="PNG")


def mp3() -> bytes:
    from mutagen.id3 import ID3, TIT2, USLT

    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s, 44.1 kHz, stereo, silence
    file = io.BytesIO(frame * 40)
    tags = ID3()
    tags.add(TIT2(encoding=3, text="The pie recipe"))
    tags.add(USLT(encoding=3, lang="eng", desc="", text="ripe strawberries\ngranulated sugar"))
    tags.save(file)
    return file.getvalue()


def archive() -> bytes:
    inner = zipped({"deep.txt": b"found below"})
    return zipped({"notes/list.txt": b"one\ntwo\n", "data.csv": b"a,b\n1,2\n", "inner.zip": inner})


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in members.items():
            container.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def pdb() -> bytes:
    lines = ["HEADER    HYDROLASE                               01-JAN-20   5WB7", "TITLE     A SMALL ENZYME"]
    for at in range(1, 7):
        lines.append(
            f"ATOM  {at:5d}  CA  ALA A{(at + 1) // 2:4d}    {at:8.3f}{at * 2:8.3f}{0:8.3f}  1.00  0.00           C"
        )
    lines.append("HETATM    7  O   HOH A 101      11.000  12.000  13.000  1.00  0.00           O")
    return "\n".join([*lines, "END", ""]).encode()


SAMPLES: Mapping[str, Callable[[], bytes]] = {
    "plots.xlsx": xlsx,
    "gifts.docx": docx,
    "show.pptx": pptx,
    "report.pdf": pdf,
    "scan.png": png,
    "harbour.jpg": jpg,
    "pie.mp3": mp3,
    "things.zip": archive,
    "5wb7.pdb": pdb,
    "food.csv": lambda: b"name,kind\nhummus,side\nkebab,main\n",
    "food.tsv": lambda: b"name\tkind\nhummus\tside\n",
    "people.jsonld": lambda: json.dumps({"@type": "Person", "name": "Ann", "knows": [1, 2]}).encode(),
    "feed.xml": lambda: b"<?xml version='1.0'?><feed><title>News</title></feed>",
    "walk.py": lambda: b"def walk(n):\n    return n + 1\n",
    "tree.html": lambda: (
        b"<html><head><title>Trees</title><script>evil()</script></head><body><p>See <a href='/oak'>the oak</a>.</p>"
        b"<table><tr><th>tree</th><th>age</th></tr><tr><td>oak</td><td>300</td></tr></table></body></html>"
    ),
    "note.txt": lambda: "Gr\u00fc\u00dfe aus K\u00f6ln\n".encode(),
}


@cache
def sample(name: str) -> bytes:
    return SAMPLES[name]()


def _saved(thing: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    thing.save(out, **options)
    return out.getvalue()


@cache
def strip_png() -> bytes:
    from PIL import Image

    return _saved(Image.radial_gradient("L").resize((300, 7)), format="PNG")


def xlsx_with_values() -> bytes:
    """A book as a spreadsheet program saves it: with the results of its formulas, which openpyxl does not compute."""
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = "product"
    book.active["A2"] = "=2*3"
    with zipfile.ZipFile(io.BytesIO(_saved(book))) as container:
        members = {name: container.read(name) for name in container.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = (
        members[sheet]
        .replace(b"<f>2*3</f><v />", b"<f>2*3</f><v>6</v>")
        .replace(b"<f>2*3</f><v></v>", b"<f>2*3</f><v>6</v>")
    )
    return zipped(members)
