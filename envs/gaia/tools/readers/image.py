"""Pictures, as far as text goes: size, embedded text, and the writing in them by optical character recognition.

Observations are text, so a model's own vision can't be used: what is drawn and not written stays unseen, and the reader
says so. Recognition takes seconds, and so may take longer than other reading.
"""

from __future__ import annotations

import io
import warnings
from functools import cache
from typing import Any

from envs.gaia.tools.readers.source import Reading, Source, Unreadable, explain, lacks_memory
from envs.gaia.tools.readers.timer import allow

MOST_PIXELS = 40_000_000
_MOST_NOTE = 2000  # characters of one embedded text
_LARGEST = 2000  # pixels a side that recognition works on; it would shrink larger pictures itself
_SMALLEST = 8  # pixels a side: nothing is written on less
_CAVEAT = "[pictures are read as text only: what is drawn is not described]"


def read_image(source: Source) -> Reading:
    """Raises Unreadable for what is no whole picture, or a huge one."""
    from PIL import Image

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        image = Image.open(io.BytesIO(source.data))
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise Unreadable(f"it has {width} x {height} pixels; no more than {MOST_PIXELS:,} are read")
        kind, mode, frames = image.format, image.mode, getattr(image, "n_frames", 1)
        notes = [*_notes(image.info), *_exif(image)]
        image.load()
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable(f"it has too many pixels: no more than {MOST_PIXELS:,} are read") from error
    except Exception as error:  # the library raises whatever a damaged file leads it to
        if lacks_memory(error):
            raise MemoryError from error
        raise Unreadable(f"it is damaged, or no picture ({explain(error)})") from error
    head = f"[{kind} picture, {width} x {height} pixels, mode {mode}{f', {frames} frames' if frames > 1 else ''}]"
    return Reading(
        "\n".join(
            [
                head,
                *notes,
                _CAVEAT,
                _writing(image) if source.recognise else "(writing in pictures is not recognised here)",
            ]
        )
    )


def _notes(info: dict[Any, Any]) -> list[str]:
    return [
        f"embedded {key}: {value.strip()[:_MOST_NOTE]}"
        for key, value in info.items()
        if isinstance(key, str) and isinstance(value, str) and value.strip()
    ]


def _exif(image: Any) -> list[str]:
    from PIL.ExifTags import TAGS

    return [
        f"EXIF {TAGS.get(key, key)}: {str(value).strip()[:_MOST_NOTE]}"
        for key, value in sorted(image.getexif().items())
        if isinstance(value, (str, int, float)) and str(value).strip()
    ]


def _writing(image: Any) -> str:
    """The lines of writing, each with the place of its top left corner in pixels."""
    if min(image.size) < _SMALLEST:
        return "(too small to hold writing)"
    try:
        recognise = _recogniser()
    except ImportError as error:
        return (
            f"(writing in pictures can't be read on this machine: optical character recognition needs a system library that "
            f"is missing, {explain(error)}; on Debian and Ubuntu: apt install libgl1 libglib2.0-0 libxcb1)"
        )
    import numpy
    from PIL import Image

    allow("recognition")
    width = image.width
    image.thumbnail((_LARGEST, _LARGEST))  # in place, before anything is copied: huge pictures would take the memory
    flat = image.convert("RGBA")
    paper = Image.new("RGBA", flat.size, "white")  # what is transparent is seen on white
    found, _ = recognise(numpy.array(Image.alpha_composite(paper, flat).convert("RGB"))[:, :, ::-1])
    if not found:
        return "(no writing was recognised)"
    scale = width / image.width
    places = ((round(box[0][0] * scale), round(box[0][1] * scale), text) for box, text, _ in _in_reading_order(found))
    lines = [f"({x}, {y}) {text}" for x, y, text in places]
    return "\n".join(["writing recognised, with the place (x, y) of its top left corner in pixels:", *lines])


@cache
def _recogniser() -> Any:
    """Loaded once a process, with one thread: processes already share the machine's cores. Its classifier of upside-down
    lines is off: it turns upright lines over, which are then lost (8 of 25 on a page of print)."""
    import cv2
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1, use_cls=False)


def _in_reading_order(found: list[Any]) -> list[Any]:
    """Boxes by line and within a line from left to right. Those that overlap by half their height share a line."""
    rows: list[list[Any]] = []
    for item in sorted(found, key=lambda item: (item[0][0][1], item[0][0][0])):
        top, bottom = item[0][0][1], item[0][2][1]
        if rows and top < (rows[-1][0][0][0][1] + rows[-1][0][0][2][1]) / 2 < bottom + (bottom - top):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [item for row in rows for item in sorted(row, key=lambda item: item[0][0][0])]
