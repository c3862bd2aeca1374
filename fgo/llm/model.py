"""A model as agents and optimizers hold it: the door, and the settings with which they ask through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fgo.journal import Journal
from fgo.llm.config import ModelConfig
from fgo.llm.types import Caller, Door, Message, Reply, Request
from fgo.types import Json


@dataclass(frozen=True, slots=True)
class Model:
    """One configured model behind the door. `journal` takes the record of what a prompt had to leave out."""

    door: Door
    config: ModelConfig
    journal: Journal

    async def ask(
        self,
        messages: Sequence[Message],
        caller: Caller,
        *,
        draw: int,
        max_tokens: int,
        stop: tuple[str, ...] = (),
        tools: tuple[Json, ...] = (),
        response_format: Json = None,
    ) -> Reply:
        """One completion. `draw` (a non-negative 31-bit number) makes it independent of others with the same messages;
        it is also the seed of providers that take one."""
        config = self.config
        request = Request(
            model=config.name,
            messages=tuple(messages),
            temperature=config.temperature,
            top_p=config.top_p,
            max_tokens=max_tokens,
            stop=stop if config.stops else (),
            seed=draw if config.seeded else None,
            sample=draw,
            tools=tools,
            response_format=response_format,
            extra=config.extra(),
        )
        reply = await self.door.complete(request, caller)
        for mark in () if config.stops else stop:  # the provider would not cut here, so we do
            reply = replace(reply, text=reply.text.split(mark, 1)[0])
        return reply

    def room(self, max_tokens: int) -> int:
        """Prompt tokens that fit beside a reply of `max_tokens`."""
        return self.config.window - max_tokens
