"""A provider without a network for tests of the client, and shorthands for requests and callers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fgo.journal import Journal
from fgo.llm.config import ModelConfig, Prices
from fgo.llm.provider import Completion
from fgo.llm.types import Caller, Request
from fgo.types import Json, Usage

USAGE = Usage(prompt_tokens=20, cached_tokens=6, completion_tokens=10, reasoning_tokens=4)


def config(name: str = "test/model", **fields: Any) -> ModelConfig:
    defaults: dict[str, Any] = {
        "window": 4000, "max_output": 400, "prices": Prices(1.0, 2.0, 0.5), "first_wait_seconds": 0.001,
    }  # fmt: skip
    return ModelConfig(name, **{**defaults, **fields})


def request(text: str = "hello", **fields: Any) -> Request:
    return Request(**{"model": "test/model", "messages": ({"role": "user", "content": text},), **fields})


def caller(role: Any = "agent", phase: Any = "explore", **scope: Json) -> Caller:
    return Caller(role, phase, scope)


def echo(request: Request) -> Completion:
    return Completion(f"echo {request.messages[-1]['content']} {request.sample}", "stop", USAGE, model="served")


class Scripted:
    """Counts its calls. What it answers comes from `respond` (which may raise); `seconds` is how long that takes."""

    def __init__(
        self,
        respond: Callable[[Request], Completion] = echo,
        seconds: float = 0.0,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.respond, self.seconds, self.before = respond, seconds, before
        self.calls = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        self.calls += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.before is not None:
                await self.before()
            await asyncio.sleep(self.seconds)
            return self.respond(request)
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        self.closed = True


def events(path: Path, kind: str) -> list[dict[str, Any]]:
    """The events of a kind in a journal."""
    with Journal(path) as journal:
        return [event for event in journal.events() if event["kind"] == kind]
