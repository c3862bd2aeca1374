"""What an agent sees of a file of each type."""

from __future__ import annotations

import json

import pytest

from envs.gaia.tools.pool import Request
from envs.gaia.tools.readers.colours import colour_name
from tests.envs.gaia.tools.kits import reading, text_of
from tests.envs.gaia.tools.samples import sample, xlsx_with_values, zipped


def test_a_spreadsheet_is_a_grid_with_coordinates_fills_formulas_notes_and_merged_cells() -> None:
    text = text_of("plots.xlsx", sample("plots.xlsx"))

    assert "[workbook with 3 sheet(s): 'Plots', 'Sales', 'Notes' (hidden)]" in text
    assert "| | A | B | C | D |" in text
    assert "| 1 | {#00B050} | {#FF0000} |  |  |" in text
    assert "| 2 |  | well [note: dug in 1911] | {#0070C0} |  |" in text
    assert "merged: A3:C3" in text
    assert "#00B050 green (1)" in text
    assert "{#95B3D7}" in text  # the theme's fourth colour, lightened by 0.4
    assert "| 3 | pear \\| quince | 2 | 3 | (not computed) [=B3*C3] |" in text
    assert "| 1048576 | far away |" in text


def test_a_formula_stands_beside_the_value_that_was_computed_for_it() -> None:
    assert "| 2 | 6 [=2*3] |" in text_of("book.xlsx", xlsx_with_values())


@pytest.mark.parametrize("sheet", ["Sales", "sales", "2"])
def test_one_sheet_can_be_asked_for_by_name_or_number(sheet: str) -> None:
    text = text_of("plots.xlsx", sample("plots.xlsx"), sheet=sheet)

    assert "apple" in text
    assert "far away" not in text


def test_a_sheet_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    text = text_of("plots.xlsx", sample("plots.xlsx"), sheet="Costs")

    assert text == "plots.xlsx could not be read: it has no sheet 'Costs'; its sheets: 'Plots', 'Sales', 'Notes'"


def test_colours_have_names() -> None:
    names = {
        colour: colour_name(colour) for colour in ("#00B050", "#FF0000", "#0070C0", "#FFFF00", "#FFFFFF", "#000000")
    }

    assert list(names.values()) == ["green", "red", "blue", "yellow", "white", "black"]
    assert [colour_name(colour) for colour in ("#808080", "#FFC000", "#7030A0", "#92D050")] == [
        "grey", "yellow", "purple", "green",
    ]  # fmt: skip


def test_a_document_keeps_headings_lists_tables_headers_and_names_its_pictures() -> None:
    text = text_of("gifts.docx", sample("gifts.docx"))

    assert text.splitlines()[:4] == [
        "[header] Confidential",
        "# Gifts",
        "Each person gives one gift.",
        "- Ann draws Bob",
    ]
    assert "| Ann | a kite |" in text
    assert "word/media/image1.png" in text


def test_a_picture_in_a_document_is_read_as_a_member() -> None:
    text = text_of("gifts.docx", sample("gifts.docx"), member="word/media/image1.png")

    assert text.startswith("[PNG picture, 4 x 4 pixels")


def test_slides_keep_titles_tables_charts_picture_texts_and_notes() -> None:
    text = text_of("show.pptx", sample("show.pptx"))

    assert "[presentation with 2 slide(s)]" in text
    assert "# Slide 1\nCrustaceans\ncrab\nshrimp\n[notes] mention the isopod" in text
    assert "| crab | 12 |" in text
    assert "| 2002 | 4.25 |" in text
    assert "a lobster]" in text


def test_a_pdf_is_read_page_by_page() -> None:
    text = text_of("report.pdf", sample("report.pdf"))

    assert text.startswith("[PDF with 3 page(s)]\ntitle: Field report\n--- page 1 of 3 ---\nPage 1 of the report.")
    assert "--- page 3 of 3 ---\nPage 3 of the report.\nSpecies counted: 21." in text


def test_a_locked_pdf_is_named_so() -> None:
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(PdfReader(BytesIO(sample("report.pdf")))), BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)

    assert text_of("report.pdf", out.getvalue()) == "report.pdf could not be read: it is locked by a password"


def test_writing_in_a_picture_is_recognised_and_drawing_is_said_to_be_unseen() -> None:
    text = text_of("scan.png", sample("scan.png"))

    assert text.startswith("[PNG picture, 420 x 120 pixels, mode RGB]\nembedded Comment: scanned in 2019\n")
    assert "what is drawn is not described" in text
    assert ") TOTAL 3/4 of 128" in text


def test_a_photo_tells_its_exif_texts() -> None:
    (answer,) = reading(Request("harbour.jpg", sample("harbour.jpg"), recognise=False))

    assert not isinstance(answer, str)
    assert "EXIF ImageDescription: harbour at night" in answer.text
    assert "not recognised here" in answer.text


def test_a_recording_tells_its_length_and_lyrics() -> None:
    (answer,) = reading(Request("pie.mp3", sample("pie.mp3")))

    assert not isinstance(answer, str)
    assert answer.text.startswith("[MP3 recording: 1.0 seconds (0:01.0), 128000 bit/s, 44100 Hz, 2 channel(s)]")
    assert "TIT2: The pie recipe" in answer.text
    assert "ripe strawberries\ngranulated sugar" in answer.text
    assert answer.facts["audio_seconds"] == pytest.approx(1.045, abs=0.01)


def test_a_molecule_is_summed_up_before_its_text() -> None:
    text = text_of("5wb7.pdb", sample("5wb7.pdb"))

    assert "TITLE     A SMALL ENZYME" in text
    assert "[6 ATOM records, 1 HETATM records, 1 model(s); chains: A with 3 residues]" in text
    assert sample("5wb7.pdb").decode().strip() in text


def test_tables_with_separators_say_their_shape_and_stay_as_they_are() -> None:
    assert text_of("food.csv", sample("food.csv")) == (
        "[table: 3 rows with the heading, if it has one; columns: 2; separator: comma]\nname,kind\nhummus,side\nkebab,main\n"
    )
    assert "separator: tab" in text_of("food.tsv", sample("food.tsv"))
    assert "separator: semicolon" in text_of("food.csv", b"a;b;c\n1,5;2;3\n")


def test_json_says_its_shape_and_whether_it_is_broken() -> None:
    assert text_of("people.jsonld", sample("people.jsonld")).startswith("[JSON: an object with 3 keys]\n{")
    assert text_of("broken.json", b"{").startswith("[no valid JSON: JSONDecodeError")
    deep = ("[" * 100_000).encode()
    assert text_of("deep.json", deep).startswith("[no valid JSON: RecursionError")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("utf-16"), "Grüße"),
        (b"\xef\xbb\xbfhello", "hello"),
        ("Grüße".encode("latin-1"), "[not UTF-8: read as cp1252]\nGrüße"),
        (b"", "(the file is empty)"),
    ],
)
def test_text_is_read_in_the_encoding_that_it_has(data: bytes, text: str) -> None:
    assert text_of("note.txt", data) == text


def test_source_and_xml_stay_as_they_are() -> None:
    for name in ("walk.py", "feed.xml"):
        assert text_of(name, sample(name)) == sample(name).decode()


def test_bytes_of_no_known_kind_are_dumped() -> None:
    text = text_of("blob.xyz", bytes(range(256)) * 4)

    assert text.startswith(
        "blob.xyz: 1,024 bytes, of no kind that can be read as text. Its first bytes:\n000000  00 01 02"
    )
    assert "0123456789" in text


def test_an_old_office_file_is_named_so() -> None:
    assert "an old Office format" in text_of("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_a_web_page_is_markdown_with_links_and_tables_and_no_scripts() -> None:
    text = text_of("tree.html", sample("tree.html"), url="https://trees.example/list")

    assert text.startswith("# Trees\n")
    assert "[the oak](https://trees.example/oak)" in text
    assert "| oak | 300 |" in text
    assert "evil" not in text


def test_an_archive_lists_its_members_and_each_is_read_by_its_own_kind() -> None:
    whole = sample("things.zip")

    assert "data.csv (8 bytes)" in text_of("things.zip", whole)
    assert text_of("things.zip", whole, member="data.csv").startswith("[table: 2 rows")
    assert text_of("things.zip", whole, member="inner.zip!deep.txt") == "found below"


def test_an_archive_without_a_member_lists_those_that_it_has() -> None:
    text = text_of("things.zip", sample("things.zip"), member="data.tsv")

    assert text == (
        "things.zip could not be read: it has no member 'data.tsv'; its members: notes/list.txt, data.csv, inner.zip"
    )
    assert "no archive" in text_of("note.txt", b"hi", member="x")


def test_long_texts_are_cut_and_say_so() -> None:
    text = text_of("long.txt", b"x" * 3_000_000)

    assert len(text) < 2_100_000
    assert text.endswith("[cut: only the first 2,000,000 characters are shown]")


def test_a_members_answer_is_as_that_of_the_file_itself() -> None:
    data = json.dumps({"a": 1}).encode()

    assert text_of("z.zip", zipped({"a.json": data}), member="a.json") == text_of("a.json", data)


def test_texts_are_proper_unicode_whatever_a_file_or_a_call_holds() -> None:
    data = b"\xff\xfe" + "ab".encode("utf-16-le") + b"\x00\xd8"

    for text in (text_of("a.txt", data), text_of("a.zip", zipped({"a": b""}), member="\ud800")):
        assert text.encode()
