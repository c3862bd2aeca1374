"""Fifty damaged files made from a whole one, the same in every run."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from io import BytesIO

KINDS = 50


def damaged(name: str, whole: bytes) -> Iterator[bytes]:
    """Truncations, flipped bits, overwritten and repeated stretches, damage within the members of a container."""
    dice = random.Random(name)
    yield b""
    yield b"\0" * 64
    yield whole[:1]
    for at in range(1, 12):
        yield whole[: len(whole) * at // 12]
    for flips in (1, 2, 4, 8, 16, 32, 64, 128):
        for _ in range(2):
            yield _flipped(whole, flips, dice)
    inner = _inner(whole)
    for number in range(KINDS - 30):
        if inner and number % 2:
            yield _with_damaged_member(inner, dice)
            continue
        start = dice.randrange(len(whole))
        stretch = bytes(dice.randrange(256) for _ in range(dice.choice((4, 64, 1024))))
        yield whole[:start] + stretch + (whole[start:] if number % 4 else whole[start + len(stretch) :])


def _flipped(data: bytes, count: int, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(count):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _inner(data: bytes) -> dict[str, bytes]:
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(BytesIO(data)) as container:
        return {name: container.read(name) for name in container.namelist()}


def _with_damaged_member(members: dict[str, bytes], dice: random.Random) -> bytes:
    """A proper container, so that the damage reaches the library that reads the member."""
    chosen = dice.choice(sorted(name for name, data in members.items() if data))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in members.items():
            if name == chosen:
                data = (
                    _flipped(data, dice.choice((1, 8, 64)), dice)
                    if dice.random() < 0.6
                    else data[: dice.randrange(len(data))]
                )
            if name != chosen or dice.random() < 0.9:
                container.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
