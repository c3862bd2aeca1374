"""ReAct (Yao et al. 2023, arXiv 2210.03629) over text actions: each reply is a thought and an action.

The conversation only ever grows at its end, so that providers' and local servers' prefix caches pay. A reply that can't be
read as an action costs a step, like an invalid action does in ALFWorld, and is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from fgo.agents.base import Episode, Play, Sitting, World
from fgo.llm.context import drop_oldest_steps
from fgo.llm.model import Model
from fgo.llm.types import Caller, ContextOverflow, Message, Reply
from fgo.types import Modules, Status, Step, Usage, digest

_ACTION = re.compile(r"^[ \t>*_`]*Action[ \t]*:[ \t*_`]*(.*)$", re.IGNORECASE | re.MULTILINE)
_STOP = ("\nObservation:",)
_SHRINK = 0.7  # of our count, where the provider found too long what we thought would fit
MALFORMED = "Your reply could not be read. Write exactly two lines: `Thought: ...` and `Action: ...`."


def read_action(reply: Reply) -> str | None:
    """The first `Action:` line of a reply, without quotes and markup around it; None where there is none to carry out.

    A reply cut off at its token limit counts only if the action's line was finished.
    """
    found = _ACTION.search(reply.text)
    if found is None or (reply.finish == "length" and found.end() == len(reply.text)):
        return None
    return found.group(1).strip().strip("`*\"'").strip() or None


@cache
def _template(name: str) -> str:
    return (files("fgo.agents") / "prompts" / name).read_text(encoding="utf-8")


def system_prompt(description: str, modules: Modules) -> str:
    """What the agent always sees: the environment's description, its instructions and, if any, demonstrations."""
    text = _template("react.txt").replace("{environment}", description.strip())
    text = text.replace("{instructions}", modules["instructions"].strip())
    demonstrations = modules.texts.get("demonstrations", "").strip()
    if demonstrations:
        text += _template("react_demonstrations.txt").replace("{demonstrations}", demonstrations)
    return text


@dataclass(frozen=True, slots=True)
class ReAct:
    """max_steps: the standard ALFWorld protocol has 50. malformed_limit: unreadable replies in a row that end the episode.

    reply_tokens: room for a thought and an action. overflow: what to do when the conversation fills the window,
    "drop_oldest_steps" or "fail" (the episode ends with status context_overflow).
    """

    max_steps: int = 50
    malformed_limit: int = 3
    reply_tokens: int = 256
    overflow: Literal["drop_oldest_steps", "fail"] = "drop_oldest_steps"

    def __post_init__(self) -> None:
        for key in ("max_steps", "malformed_limit", "reply_tokens"):
            if getattr(self, key) < 1:
                raise ValueError(f"agent.{key}={getattr(self, key)}: expected a whole number of at least 1")

    async def play(self, world: World, episode: Episode, modules: Modules, model: Model, sitting: Sitting) -> Play:
        opening = await episode.reset()
        messages: list[Message] = [
            {"role": "system", "content": system_prompt(world.describe(), modules)},
            {"role": "user", "content": f"Observation: {opening}"},
        ]
        caller = Caller("agent", sitting.phase, sitting.scope)
        steps: list[Step] = []
        usage = Usage()
        unreadable = 0
        limited_by: Status | None = Status.STEP_LIMIT
        while len(steps) < self.max_steps:
            try:
                reply = await self._ask(messages, model, caller, sitting.seed)
            except ContextOverflow:
                limited_by = Status.CONTEXT_OVERFLOW
                break
            usage += reply.usage
            action = read_action(reply)
            if action is None:
                unreadable += 1
                observation, over = MALFORMED, False
            else:
                unreadable = 0
                observation, over = await episode.step(action)
            steps.append(Step(reply.text, action, observation))
            messages += [
                {"role": "assistant", "content": reply.text},
                {"role": "user", "content": f"Observation: {observation}"},
            ]
            if over:
                limited_by = None
                break
            if unreadable == self.malformed_limit:
                limited_by = Status.MALFORMED
                break
        return Play(opening, tuple(steps), limited_by, usage)

    async def _ask(self, messages: list[Message], model: Model, caller: Caller, seed: int) -> Reply:
        """One reply, with the oldest steps left out (and that journalled) where the conversation exceeds the window."""
        limit = model.room(self.reply_tokens)
        tokens = model.door.count_tokens(tuple(messages))
        if tokens <= limit:
            try:
                return await model.ask(messages, caller, draw=seed, max_tokens=self.reply_tokens, stop=_STOP)
            except ContextOverflow:  # the provider counts more than we do
                if self.overflow == "fail":
                    raise
                limit = int(tokens * _SHRINK)
        elif self.overflow == "fail":
            raise ContextOverflow(f"the conversation has {tokens} tokens, {limit} fit")
        fitted, left_out = drop_oldest_steps(messages, limit, model.door.count_tokens)
        model.journal.append_once(
            "context", digest(str(caller.scope), str(len(messages))), role=caller.role, phase=caller.phase,
            scope=dict(caller.scope), policy=self.overflow, limit=limit, tokens=tokens,
            left_out=[f"step {number}" for number in range(1, left_out + 1)],
        )  # fmt: skip
        return await model.ask(fitted, caller, draw=seed, max_tokens=self.reply_tokens, stop=_STOP)
