"""One turn of an agent's conversation, within the model's window; what has to be left out is journalled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from fgo.agents.base import Sitting
from fgo.llm.context import drop_oldest_steps
from fgo.llm.model import Model
from fgo.llm.types import Caller, ContextOverflow, Message, Reply
from fgo.types import Json, digest

Overflow = Literal["drop_oldest_steps", "fail"]
_SHRINK = 0.7  # of our count, where the provider found too long what we thought would fit


@dataclass(frozen=True, slots=True)
class Turns:
    """How an agent asks its model in one episode. tools: functions as providers take them.
    response_format: what replies must look like, as providers take it."""

    model: Model
    sitting: Sitting
    reply_tokens: int
    overflow: Overflow
    stop: tuple[str, ...] = ()
    tools: tuple[Json, ...] = ()
    response_format: Json = None

    async def ask(self, messages: Sequence[Message]) -> Reply:
        """The reply to a conversation, with its oldest steps left out where it exceeds the window.

        Raises ContextOverflow where that is not allowed or does not help.
        """
        limit = self.model.room(self.reply_tokens) - self._size_of_tools()
        tokens = self.model.door.count_tokens(tuple(messages))
        if tokens <= limit:
            try:
                return await self._send(messages)
            except ContextOverflow:  # the provider counts more than we do
                if self.overflow == "fail":
                    raise
                limit = int(tokens * _SHRINK)
        elif self.overflow == "fail":
            raise ContextOverflow(f"the conversation has {tokens} tokens, {limit} fit")
        fitted, left_out = drop_oldest_steps(messages, limit, self.model.door.count_tokens)
        caller = self._caller()
        self.model.journal.append_once(
            "context", digest(str(caller.scope), str(len(messages))), role=caller.role, phase=caller.phase,
            scope=dict(caller.scope), policy=self.overflow, limit=limit, tokens=tokens,
            left_out=[f"step {number}" for number in range(1, left_out + 1)],
        )  # fmt: skip
        return await self._send(fitted)

    async def _send(self, messages: Sequence[Message]) -> Reply:
        return await self.model.ask(
            messages,
            self._caller(),
            draw=self.sitting.seed,
            max_tokens=self.reply_tokens,
            stop=self.stop,
            tools=self.tools,
            response_format=self.response_format,
        )

    def _caller(self) -> Caller:
        return Caller("agent", self.sitting.phase, self.sitting.scope)

    def _size_of_tools(self) -> int:
        if not self.tools:
            return 0
        return self.model.door.count_tokens(({"role": "system", "content": orjson.dumps(self.tools).decode()},))
