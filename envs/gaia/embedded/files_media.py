"""Pictures with text on them, and recordings that are silent but carry the words that are spoken."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import import_module
from typing import Any

_FRAME = bytes.fromhex("fffb90c4") + bytes(413)
"""A silent frame of MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes, 26 ms."""
_FRAMES = 300


def picture(lines: Sequence[str], form: str) -> bytes:
    """Lines of large black text on white; form: "PNG" or "JPEG". The words stand in the picture's metadata too."""
    from PIL import Image, ImageDraw, ImageFont
    from PIL.PngImagePlugin import PngInfo

    font = ImageFont.load_default(size=48)
    width = 120 + int(max(font.getlength(line) for line in lines))
    image = Image.new("RGB", (width, 60 + 90 * len(lines)), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((60, 40 + 90 * number), line, fill="black", font=font)
    buffer = io.BytesIO()
    words = "\n".join(lines)
    if form == "PNG":
        info = PngInfo()
        info.add_text("Description", words)
        image.save(buffer, "PNG", pnginfo=info)
    else:
        exif = Image.Exif()
        exif[0x010E] = words  # ImageDescription
        image.save(buffer, "JPEG", quality=92, exif=exif)
    return buffer.getvalue()


def recording(title: str, artist: str, words: str) -> bytes:
    """An mp3 of about 8 s. No encoder is at hand, so what is said stands in the lyrics tag."""
    id3: Any = import_module("mutagen.id3")  # it has no types

    buffer = io.BytesIO(_FRAME * _FRAMES)
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=3, text=title))
    tags.add(id3.TPE1(encoding=3, text=artist))
    tags.add(id3.USLT(encoding=3, lang="eng", desc="", text=words))
    tags.save(buffer, v2_version=4)
    return buffer.getvalue()
