"""Kits for the tests: tools over files and pages that a test names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from envs.gaia.tools.kit import ToolKit, ToolSession, ToolSettings, make_kit
from envs.gaia.tools.pool import Answer, ReaderLimits, ReaderPool, Request
from envs.toolbox import ToolError

FAST = ReaderLimits(seconds=10, recognition_seconds=20)


def laid(folder: Path, files: Mapping[str, bytes]) -> dict[str, Path]:
    """Files written into a folder, by name."""
    paths = {name: folder / name for name in files}
    for name, data in files.items():
        paths[name].write_bytes(data)
    return paths


def reading(*requests: Request, limits: ReaderLimits = FAST, workers: int = 1) -> list[Answer | str]:
    """What one pool answers to requests, one after the other: answers, or the message of a ToolError."""

    async def read() -> list[Answer | str]:
        answers: list[Answer | str] = []
        async with ReaderPool(workers, limits) as pool:
            for request in requests:
                try:
                    answers.append(await pool.read(request))
                except ToolError as error:
                    answers.append(str(error))
        return answers

    return asyncio.run(read())


def text_of(name: str, data: bytes, limits: ReaderLimits = FAST, **options: Any) -> str:
    (answer,) = reading(Request(name, data, **options), limits=limits)
    return answer if isinstance(answer, str) else answer.text


def with_session(
    do: Callable[[ToolSession], Awaitable[None]],
    files: Mapping[str, Path] | None = None,
    settings: ToolSettings | None = None,
    kit: Callable[[ToolSettings], ToolKit] = make_kit,
) -> None:
    """Open a session, do something with it, and close it and its kit."""

    async def run() -> None:
        made = kit(settings or ToolSettings(("read_file",), limits=FAST))
        try:
            session = made.open(files or {})
            try:
                await do(session)
            finally:
                await session.close()
        finally:
            await made.close()

    asyncio.run(run())


async def refused(session: ToolSession, name: str, **arguments: Any) -> str:
    """The message of the ToolError that a call raises."""
    try:
        said = await session.call(name, arguments)
    except ToolError as error:
        return str(error)
    raise AssertionError(f"{name} {arguments} was carried out: {said[:200]}")
