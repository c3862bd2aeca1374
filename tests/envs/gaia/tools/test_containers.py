"""Archives and office files that try to escape, to explode or to read what they should not."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

import pytest

from envs.gaia.tools.pool import ReaderLimits, Request
from envs.gaia.tools.readers.container import MOST_BYTES, MOST_MEMBER_BYTES
from tests.envs.gaia.tools.kits import reading, text_of
from tests.envs.gaia.tools.samples import sample, zipped


def test_a_member_that_unpacks_to_far_more_than_its_size_is_refused() -> None:
    text = text_of("bomb.zip", zipped({"zeros.txt": bytes(20 * 2**20)}))

    assert (
        text == "bomb.zip could not be read: its member 'zeros.txt' unpacks to over 200 times its size, like a zip bomb"
    )


def test_an_archive_that_claims_to_be_small_gives_no_more_than_it_claims() -> None:
    whole = bytearray(zipped({"zeros.txt": bytes(2 * 2**20)}))
    for at, offset in ((whole.find(b"PK\x03\x04"), 22), (whole.find(b"PK\x01\x02"), 24)):
        whole[at + offset : at + offset + 4] = struct.pack("<I", 100)

    text = text_of("liar.zip", bytes(whole), member="zeros.txt")

    assert "Bad CRC-32" in text


def test_a_member_or_an_archive_over_the_limit_is_refused_before_it_is_unpacked() -> None:
    one = _declaring({"a.bin": MOST_MEMBER_BYTES + 1})
    many = _declaring({f"{number}.bin": MOST_MEMBER_BYTES for number in range(MOST_BYTES // MOST_MEMBER_BYTES + 1)})

    assert "no more than 67,108,864 bytes are unpacked" in text_of("one.zip", one)
    assert "no more than 268,435,456 bytes are unpacked" in text_of("many.zip", many)


def test_an_archive_with_too_many_members_is_refused() -> None:
    assert "no more than 10,000 are read" in text_of("many.zip", zipped(dict.fromkeys(map(str, range(10_001)), b"")))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "C:/boot.ini", "..\\x"])
def test_members_whose_names_lead_out_are_listed_and_not_read(name: str) -> None:
    whole = zipped({name: b"secret", "fine.txt": b"fine"})
    listed, read, fine = reading(
        Request("a.zip", whole), Request("a.zip", whole, member=name), Request("a.zip", whole, member="fine.txt")
    )

    assert not isinstance(listed, str)
    assert "not read: its name leads out of the archive" in listed.text
    assert isinstance(read, str)
    assert "leads out" in read
    assert not isinstance(fine, str)
    assert fine.text == "fine"


def test_a_link_in_an_archive_is_not_followed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        link = zipfile.ZipInfo("link.txt")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        container.writestr(link, "/etc/passwd")

    assert "it is a symbolic link" in text_of("a.zip", out.getvalue(), member="link.txt")


def test_archives_in_archives_are_read_to_a_limit() -> None:
    whole = b"deep"
    for _ in range(5):
        whole = zipped({"in.zip": whole})

    assert text_of("a.zip", whole, member="in.zip!in.zip!in.zip").startswith("[zip archive with 1 member(s)")
    assert "to a depth of 3" in text_of("a.zip", whole, member="in.zip!in.zip!in.zip!in.zip")


def test_a_damaged_member_is_named_and_leaves_the_others_readable() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("good.txt", "good")
        container.writestr("bad.txt", "precious")
    whole = out.getvalue().replace(b"precious", b"precioux", 1)

    assert text_of("a.zip", whole, member="good.txt") == "good"
    assert "its member 'bad.txt' is damaged (BadZipFile: Bad CRC-32" in text_of("a.zip", whole, member="bad.txt")


@pytest.mark.parametrize(
    ("name", "part"),
    [("plots.xlsx", "xl/workbook.xml"), ("gifts.docx", "word/document.xml"), ("show.pptx", "ppt/presentation.xml")],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_office_files_that_declare_entities_are_refused(name: str, part: str, encoding: str) -> None:
    laughs = (
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>"
        "<x>&b;&c;</x>"
    )
    with zipfile.ZipFile(io.BytesIO(sample(name))) as container:
        members = {member: container.read(member) for member in container.namelist()}

    text = text_of(name, zipped({**members, part: laughs.encode(encoding)}))

    assert text == f"{name} could not be read: its part {part!r} declares XML entities, which are not read"


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    huge = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )

    assert "pixels: no more than 40,000,000 are read" in text_of("huge.png", huge).replace(";", ":")


def test_a_picture_whose_texts_unpack_to_too_much_is_refused() -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "x" * 50_000_000, zip=True)
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, "PNG", pnginfo=notes)

    assert "damaged, or no picture" in text_of("note.png", out.getvalue())


@pytest.mark.parametrize(
    ("name", "part", "old", "new"),
    [
        ("plots.xlsx", "xl/worksheets/sheet1.xml", b"A3:C3", b"A1:XFD1048576"),
        ("gifts.docx", "word/document.xml", b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="2000000000"/>'),
    ],
    ids=["merged cells", "spanned columns"],
)
def test_a_small_file_that_unfolds_to_a_huge_one_is_given_up(name: str, part: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(sample(name))) as container:
        members = {member: container.read(member) for member in container.namelist()}
    assert old in members[part]
    members[part] = members[part].replace(old, new, 1)

    text = text_of(name, zipped(members), limits=ReaderLimits(seconds=1, memory_mb=1024))

    assert text.startswith(f"{name} could not be read: it takes more than 1")


def _declaring(sizes: dict[str, int]) -> bytes:
    """An archive whose directory claims these sizes, packed to a tenth."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name in sizes:
            container.writestr(name, b"x")
    whole = bytearray(out.getvalue())
    at = 0
    for size in sizes.values():
        at = whole.find(b"PK\x01\x02", at + 1)
        whole[at + 20 : at + 28] = struct.pack("<II", size // 10, size)
    return bytes(whole)
