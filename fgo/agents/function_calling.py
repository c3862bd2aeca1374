"""An agent that calls tools through the provider's function calling, for worlds that offer tools.

Each call is carried out as the action `NAME {arguments}`, and a step of its own, so that environments, trajectories and
optimizers see what they see of a text agent. A model that writes an `Action:` line instead of a call is understood, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.agents.base import Episode, Play, Sitting, World
from fgo.agents.conversing import Overflow, Turns
from fgo.agents.prompting import system_prompt, tools_as_functions
from fgo.agents.react import read_call
from fgo.llm.model import Model
from fgo.llm.types import BadRequest, ContextOverflow, Message, Reply
from fgo.types import Json, Modules, Status, Step, Usage

MALFORMED = "Your reply called no function. Call one of them in every reply."
_OVER = "The episode is over."


@dataclass(frozen=True, slots=True)
class FunctionCalling:
    """max_steps: calls in an episode. malformed_limit: replies in a row without a readable call that end the episode.

    reply_tokens: room for a thought and a call, which may hold code. overflow: as for ReAct.
    """

    max_steps: int = 50
    malformed_limit: int = 3
    reply_tokens: int = 1024
    overflow: Overflow = "drop_oldest_steps"

    def __post_init__(self) -> None:
        for key in ("max_steps", "malformed_limit", "reply_tokens"):
            if getattr(self, key) < 1:
                raise ValueError(f"agent.{key}={getattr(self, key)}: expected a whole number of at least 1")

    async def play(self, world: World, episode: Episode, modules: Modules, model: Model, sitting: Sitting) -> Play:
        opening = await episode.reset()
        functions = tools_as_functions(world.tools())
        if not functions:
            raise BadRequest("this environment has no tools to call, its actions are free text: use agent=react")
        turns = Turns(model, sitting, self.reply_tokens, self.overflow, tools=functions)
        messages: list[Message] = [
            {"role": "system", "content": system_prompt("function_calling", world.describe(), modules)},
            {"role": "user", "content": f"Observation: {opening}"},
        ]
        steps: list[Step] = []
        usage = Usage()
        unreadable = 0
        while len(steps) < self.max_steps:
            try:
                reply = await turns.ask(messages)
            except ContextOverflow:
                return Play(opening, tuple(steps), Status.CONTEXT_OVERFLOW, usage)
            usage += reply.usage
            actions = _actions(reply)
            if not actions:
                unreadable += 1
                steps.append(Step(reply.text, None, MALFORMED))
                messages += [{"role": "assistant", "content": reply.text}, {"role": "user", "content": MALFORMED}]
                if unreadable == self.malformed_limit:
                    return Play(opening, tuple(steps), Status.MALFORMED, usage)
                continue
            unreadable = 0
            observations: list[str] = []
            over = False
            for number, action in enumerate(actions[: self.max_steps - len(steps)]):
                observation, over = await episode.step(action)
                observations.append(observation)
                thought = reply.text.strip() if number == 0 and reply.tool_calls else ""
                written = reply.text if not reply.tool_calls else f"Action: {action}"
                steps.append(
                    Step(f"Thought: {_one_line(thought)}\n{written}" if thought else written, action, observation)
                )
                if over:
                    return Play(opening, tuple(steps), None, usage)
            messages += _answered(reply, observations)
        return Play(opening, tuple(steps), Status.STEP_LIMIT, usage)


def _actions(reply: Reply) -> list[str]:
    """The actions that a reply's calls stand for; without calls, that of its `Action:` line; none where it is cut off."""
    if not reply.tool_calls:
        written = read_call(reply)
        return [] if written is None else [written]
    if reply.finish == "length":  # the last call's arguments may be half written
        return []
    return [_action(call) for call in reply.tool_calls]


def _action(call: Mapping[str, Json]) -> str:
    """A provider's call as an action. Arguments that are no JSON are passed on as they are, for the world to complain of."""
    function = call["function"]
    return f"{function['name']} {function.get('arguments') or '{}'}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _answered(reply: Reply, observations: Sequence[str]) -> list[Message]:
    """The reply and what it got, as the conversation's next messages: each call needs its answer."""
    if not reply.tool_calls:
        return [
            {"role": "assistant", "content": reply.text},
            {"role": "user", "content": f"Observation: {observations[0]}"},
        ]
    answers = [*observations, *[_OVER] * (len(reply.tool_calls) - len(observations))]
    return [
        {"role": "assistant", "content": reply.text, "tool_calls": list(reply.tool_calls)},
        *(
            {"role": "tool", "tool_call_id": call["id"], "content": answer}
            for call, answer in zip(reply.tool_calls, answers, strict=True)
        ),
    ]
