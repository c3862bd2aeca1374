"""Pictures on machines and of sizes that recognition can't cope with."""

from __future__ import annotations

import io

import pytest

from envs.gaia.tools.readers import image
from envs.gaia.tools.readers.source import Source
from tests.envs.gaia.tools.kits import text_of
from tests.envs.gaia.tools.samples import sample


def test_a_machine_without_the_libraries_of_recognition_says_which_one_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails() -> None:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(image, "_recogniser", fails)

    text = image.read_image(Source("scan.png", sample("scan.png"))).text

    assert text.startswith("[PNG picture, 420 x 120 pixels")
    assert "libGL.so.1: cannot open shared object file" in text
    assert "apt install libgl1" in text


def test_lines_of_writing_are_ordered_by_row_and_column() -> None:
    def box(x: int, y: int) -> list[list[int]]:
        return [[x, y], [x + 50, y], [x + 50, y + 20], [x, y + 20]]

    found = [[box(200, 4), "b", 1], [box(10, 30), "c", 1], [box(10, 8), "a", 1], [box(100, 33), "d", 1]]

    assert "".join(text for _, text, _ in image._in_reading_order(found)) == "abcd"


def test_a_large_picture_is_read_within_the_memory_and_places_are_its_own_pixels() -> None:
    from PIL import Image, ImageDraw, ImageFont

    large = Image.new("RGBA", (6000, 3000), (0, 0, 0, 0))
    ImageDraw.Draw(large).text((600, 1200), "LARGE 42", fill="black", font=ImageFont.load_default(300))
    out = io.BytesIO()
    large.save(out, "PNG", compress_level=1)

    text = text_of("large.png", out.getvalue())

    (line,) = [line for line in text.splitlines() if "LARGE 42" in line]
    x, y = map(int, line[1 : line.index(")")].split(","))
    assert 540 < x < 660
    assert 1150 < y < 1330
