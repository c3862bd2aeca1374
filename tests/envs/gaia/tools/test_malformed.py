"""Whatever a file holds, reading it neither crashes nor hangs, stays within its memory and tells nothing of the host."""

from __future__ import annotations

import asyncio
import re
import resource
import time

import pytest

from envs.gaia.tools.pool import ReaderLimits, ReaderPool, Request
from envs.toolbox import ToolError
from tests.envs.gaia.tools.malformed import KINDS, damaged
from tests.envs.gaia.tools.samples import SAMPLES, sample, strip_png

LIMITS = ReaderLimits(seconds=10, recognition_seconds=10, memory_mb=1024)
WHOLE = {name: (strip_png if name.endswith(".png") else None) for name in SAMPLES}
HOST = re.compile(r"/(?:usr|home|root|lib|tmp|work|opt)/|site-packages|0x[0-9a-f]{6,}|Traceback")


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_fifty_damaged_files_of_a_type_are_read_or_refused_in_plain_words(name: str) -> None:
    make = WHOLE[name]
    files = list(damaged(name, make() if make else sample(name)))
    assert len(files) == KINDS
    said: list[str] = []
    slowest = 0.0

    async def read_all() -> None:
        nonlocal slowest
        async with ReaderPool(1, LIMITS) as pool:
            for data in files:
                started = time.monotonic()
                try:
                    said.append((await pool.read(Request(name, data, recognise=False))).text)
                except ToolError as error:
                    said.append(str(error))
                    assert not HOST.search(said[-1]), said[-1]
                    assert name in said[-1]
                slowest = max(slowest, time.monotonic() - started)

    asyncio.run(read_all())

    assert len(said) == KINDS
    assert all(said)
    assert slowest < 10
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert most < LIMITS.memory_mb


@pytest.mark.parametrize(
    "name", sorted(name for name in SAMPLES if name.endswith((".xlsx", ".pdf", ".png", ".docx", ".mp3")))
)
def test_a_file_under_a_wrong_name_is_read_by_what_it_holds(name: str) -> None:
    data = strip_png() if name.endswith(".png") else sample(name)

    async def both() -> tuple[str, str]:
        async with ReaderPool(1, LIMITS) as pool:
            right = await pool.read(Request(name, data, recognise=False))
            wrong = await pool.read(Request("data.csv", data, recognise=False))
            return right.text, wrong.text

    right, wrong = asyncio.run(both())

    assert right == wrong
