"""The simulated model itself: messages in, a completion out. Pure and without litellm, so that tests can hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fgo.llm.sim.acting import act
from fgo.llm.sim.draws import draw
from fgo.llm.sim.foreign_forms import is_foreign, write_foreign
from fgo.llm.sim.function_calls import as_call, descriptions, in_plain_text
from fgo.llm.sim.groups import write_groups
from fgo.llm.sim.operating import write_edit, write_operations
from fgo.llm.sim.parameters import Parameters
from fgo.llm.sim.prompt_parts import asked_for, content, system_text, versions_in
from fgo.llm.sim.reader import Reader
from fgo.llm.sim.rulebook import Rulebook
from fgo.llm.sim.writing import write_critique, write_merge, write_modules
from fgo.llm.tokens import count_messages, count_text
from fgo.types import Json, SimulatedBenchmark, digest

_UNCLEAR = "I can't tell what you are asking me to do. Please show the form of the reply that you expect."


class WindowExceeded(Exception):
    """The prompt has more tokens than the model's window."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply, how it ended, and its real token counts."""

    text: str
    finish: Literal["stop", "length", "tool_calls"]
    prompt_tokens: int
    completion_tokens: int
    tool_calls: tuple[Json, ...] = ()


class SimulatedModel:
    """A model with these parameters, which knows the given benchmarks. Stateless but for caches.

    window: tokens that prompt and reply share. max_output: reply tokens at most, and where a request sets no limit.
    """

    def __init__(
        self,
        parameters: Parameters,
        benchmarks: Sequence[SimulatedBenchmark],
        window: int,
        max_output: int = 4096,
    ) -> None:
        self.parameters, self.window, self.max_output = parameters, window, max_output
        self._benchmarks = tuple(benchmarks)
        self._rulebook = Rulebook(benchmarks)

    def complete(
        self,
        messages: Sequence[Mapping[str, Json]],
        *,
        seed: int = 0,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        tools: Sequence[Mapping[str, Json]] = (),
    ) -> Completion:
        """The reply to a request, a call where it offers tools. Raises WindowExceeded where the prompt does not fit."""
        tokens = count_messages(messages, tools=tools)
        if tokens >= self.window:
            raise WindowExceeded(
                f"This model's maximum context length is {self.window} tokens. "
                f"However, your messages resulted in {tokens} tokens. Please reduce the length of the messages."
            )
        if tools:
            messages = in_plain_text(messages)
        text = self._reply(messages, seed, tokens, tools)
        for mark in stop:
            text = text.split(mark, 1)[0]
        room = min(max_tokens or self.max_output, self.max_output, self.window - tokens)
        length = count_text(text)
        if length <= room:
            text, calls = as_call(text, len(messages)) if tools else (text, ())
            return Completion(text, "tool_calls" if calls else "stop", tokens, length, calls)
        text = _cut(text, room)
        return Completion(text, "length", tokens, count_text(text))

    def _reply(
        self, messages: Sequence[Mapping[str, Json]], seed: int, tokens: int, tools: Sequence[Mapping[str, Json]]
    ) -> str:
        system = system_text(messages)
        if tools:  # only agents are offered tools
            text = self._act(system, messages, seed, descriptions(tools))
            return _malformed(text) if self._slips(messages, seed) else text
        material = _material(messages)
        ask = asked_for(system, bool(versions_in(material))) if "<version" in material else asked_for(system, False)
        foreign = is_foreign(system, material)
        if ask == "act" and not foreign:
            text = self._act(system, messages, seed)
        elif ask == "unclear" and not foreign:
            return _UNCLEAR
        else:
            reader = Reader.of(self.parameters, self._rulebook, seed, f"{system}\n{material}", tokens)
            if foreign:
                text = write_foreign(reader, system, material)
            elif ask == "critique":
                text = write_critique(reader, material)
            elif ask == "operate":
                text = write_operations(reader, system, material)
            elif ask == "edit":
                text = write_edit(reader, material)
            elif ask == "groups":
                text = write_groups(reader, material)
            elif ask == "rewrite":
                text = write_modules(reader, system, material)
            else:
                text = write_merge(reader, system, material)
        if not text:  # nothing was shown to write
            return _UNCLEAR
        return _malformed(text) if self._slips(messages, seed) else text

    def _act(self, system: str, messages: Sequence[Mapping[str, Json]], seed: int, told: str = "") -> str:
        """told: what the request says beside its messages, descriptions of functions."""
        benchmark = next((b for b in self._benchmarks if b.recognises(system)), None)
        if benchmark is None:
            return "Thought: I do not know this environment.\nAction: look"
        return act(self.parameters, self._rulebook, benchmark, seed, system, messages, told)

    def _slips(self, messages: Sequence[Mapping[str, Json]], seed: int) -> bool:
        """Whether the reply to exactly these messages misses its format."""
        last = content(messages[-1])
        opening = next((content(m) for m in messages if m["role"] == "user"), "")
        place = str(len(messages))
        return draw(seed, "malformed", digest(opening), place, last) < self.parameters.malformed_rate


def _material(messages: Sequence[Mapping[str, Json]]) -> str:
    """What was given to work on: the user's turns before the model's first reply. What follows are repairs."""
    texts = []
    for message in messages:
        if message["role"] == "assistant":
            break
        if message["role"] == "user":
            texts.append(content(message))
    return "\n".join(texts)


def _malformed(text: str) -> str:
    """The reply as a model gives it that forgets the form: the content without the tags and keywords around it."""
    kept = [line for line in text.splitlines() if not line.startswith(("<", "Action:"))]
    return "\n".join(["Sure, here is my answer.", *(line.removeprefix("Thought: ") for line in kept)])


def _cut(text: str, tokens: int) -> str:
    """The longest beginning of a text that has at most so many tokens (to a character or so)."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_text(text[:middle]) <= tokens else (low, middle - 1)
    return text[:low]
