"""Tests run with bubblewrap where it works, and, where that makes sense, without."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fgo.sandbox import Outcome, PythonSession, SandboxConfig, isolation

QUICK = SandboxConfig(seconds=5, memory_mb=256, disk_mb=8, processes=12, output_chars=2000)


def needs_bubblewrap() -> None:
    found = isolation()
    if not found.guarded:
        pytest.skip(f"no isolation here: {found.why}")


class Place:
    """Where code runs in a test: runs blocks in one session, and closes it."""

    def __init__(self, guarded: bool) -> None:
        self.guarded = guarded
        self.config = replace(QUICK, unguarded="refuse" if guarded else "allow")

    def run(self, *blocks: str, files: Mapping[str, bytes] | None = None, **changes: float) -> list[Outcome]:
        async def go() -> list[Outcome]:
            async with PythonSession(replace(self.config, **changes)) as session:  # type: ignore[arg-type]
                await session.start(files)
                return [await session.run(block) for block in blocks]

        return asyncio.run(go())

    def one(self, block: str, files: Mapping[str, bytes] | None = None, **changes: float) -> Outcome:
        return self.run(block, files=files, **changes)[0]


@pytest.fixture
def guarded() -> Place:
    needs_bubblewrap()
    return Place(True)


@pytest.fixture
def unguarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PATH", str(tmp_path))  # nothing there
    return Place(False)


@pytest.fixture(params=["bubblewrap", "unguarded"])
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue("guarded" if request.param == "bubblewrap" else "unguarded")
