"""ReAct (Yao et al. 2023, arXiv 2210.03629) over text actions: each reply is a thought and an action.

The conversation only ever grows at its end, so that providers' and local servers' prefix caches pay. A reply that can't be
read as an action costs a step, like an invalid action does in ALFWorld, and is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fgo.agents.base import Admissible, Episode, Play, Sitting, World
from fgo.agents.conversing import Overflow, Turns
from fgo.agents.prompting import system_prompt, tools_in_words
from fgo.constrained import in_lines, reply_format
from fgo.llm.model import Model
from fgo.llm.types import ContextOverflow, Message, Reply
from fgo.types import Json, Misconfigured, Modules, Status, Step, Tool, Usage

_ACTION = re.compile(r"^[ \t>*_`]*Action[ \t]*:[ \t*_`]*(.*)$", re.IGNORECASE | re.MULTILINE)
_NEXT_PART = re.compile(r"^[ \t>*_`]*(?:Thought|Action|Observation)[ \t*_`]*:", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r"^```\w*$", re.MULTILINE)
_STOP = ("\nObservation:",)
MALFORMED = "Your reply could not be read. Write exactly two lines: `Thought: ...` and `Action: ...`."
MALFORMED_OBJECT = "Your reply could not be read. Write one short JSON object, with a thought and an action."


def read_action(reply: Reply) -> str | None:
    """The first `Action:` line of a reply, without quotes and markup around it; None where there is none to carry out.

    A reply cut off at its token limit counts only if the action's line was finished.
    """
    found = _ACTION.search(reply.text)
    if found is None or (reply.finish == "length" and found.end() == len(reply.text)):
        return None
    return found.group(1).strip().strip("`*\"'").strip() or None


def read_call(reply: Reply) -> str | None:
    """The same where actions are calls, which may go over several lines (code, lists): up to the next part of the reply.

    A reply cut off at its token limit is no call.
    """
    found = _ACTION.search(reply.text)
    if found is None or reply.finish == "length":
        return None
    after = _NEXT_PART.search(reply.text, found.end())
    call = reply.text[found.start(1) : after.start() if after else len(reply.text)]
    return _FENCE.sub("", call).strip().strip("`*").strip() or None


def _applying(episode: Episode) -> Json:
    """The `response_format` for the actions that apply now. Raises Misconfigured where the episode does not tell them."""
    actions = episode.admissible() if isinstance(episode, Admissible) else None
    if actions is None:
        raise Misconfigured(
            "agent.constrain=admissible: this environment does not tell which actions apply; env=alfworld_guided does, "
            "and agent.constrain=schema works with all"
        )
    return reply_format((), actions)


@dataclass(frozen=True, slots=True)
class ReAct:
    """max_steps: the standard ALFWorld protocol has 50. malformed_limit: unreadable replies in a row that end the episode.

    reply_tokens: room for a thought and an action. call_tokens: the same where actions are calls of tools, which may hold
    code. overflow: what to do when the conversation fills the window, "drop_oldest_steps" or "fail" (the episode ends
    with status context_overflow). constrain: "schema" has the provider hold replies to a JSON schema, so that they can always
    be read unless cut off; the conversation keeps them as they were written, trajectories show the two lines they stand for.
    "admissible" also holds actions that are text to those that apply, which the environment must tell (env=alfworld_guided).
    """

    max_steps: int = 50
    malformed_limit: int = 3
    reply_tokens: int = 256
    call_tokens: int = 1024
    overflow: Overflow = "drop_oldest_steps"
    constrain: Literal["none", "schema", "admissible"] = "none"

    def __post_init__(self) -> None:
        for key in ("max_steps", "malformed_limit", "reply_tokens", "call_tokens"):
            if getattr(self, key) < 1:
                raise ValueError(f"agent.{key}={getattr(self, key)}: expected a whole number of at least 1")

    async def play(self, world: World, episode: Episode, modules: Modules, model: Model, sitting: Sitting) -> Play:
        opening = await episode.reset()
        tools = world.tools()
        room = self.call_tokens if tools else self.reply_tokens
        form, read, malformed = self._form(tools)
        turns = Turns(model, sitting, room, self.overflow, stop=_STOP)
        if self.constrain != "none":
            turns = replace(turns, stop=(), response_format=reply_format(tools))
        changing = self.constrain == "admissible" and not tools  # calls have schemas of their own
        messages: list[Message] = [
            {"role": "system", "content": system_prompt(form, world.describe() + tools_in_words(tools), modules)},
            {"role": "user", "content": f"Observation: {opening}"},
        ]
        steps: list[Step] = []
        usage = Usage()
        unreadable = 0
        limited_by: Status | None = Status.STEP_LIMIT
        while len(steps) < self.max_steps:
            if changing:
                turns = replace(turns, response_format=_applying(episode))
            try:
                reply = await turns.ask(messages)
            except ContextOverflow:
                limited_by = Status.CONTEXT_OVERFLOW
                break
            usage += reply.usage
            written = self._in_lines(reply)
            action = read(written)
            if action is None:
                unreadable += 1
                observation, over = malformed, False
            else:
                unreadable = 0
                observation, over = await episode.step(action)
            steps.append(Step(written.text, action, observation))
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

    def _form(self, tools: Sequence[Tool]) -> tuple[str, Callable[[Reply], str | None], str]:
        """The prompt that tells how to reply, how a reply is read, and what is answered where it can't be."""
        read = read_call if tools else read_action
        if self.constrain == "none":
            return "react", read, MALFORMED
        return ("react_schema_tools" if tools else "react_schema"), read, MALFORMED_OBJECT

    def _in_lines(self, reply: Reply) -> Reply:
        text = in_lines(reply.text) if self.constrain != "none" else None
        return reply if text is None else replace(reply, text=text, finish="stop")  # a whole object is not cut off
