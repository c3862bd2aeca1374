"""One attempt at one question: tool calls until an answer is given, which the leaderboard's rule then scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

from envs.base import EnvironmentFailure
from envs.gaia import texts
from envs.gaia.answers import has_template, read_answer
from envs.gaia.records import Record
from envs.gaia.scorer import is_right
from envs.toolbox import Call, Toolbox, ToolError
from fgo.types import Json, Score

Feedback = Literal["none", "verdict", "answer"]
"""What the last observation says: nothing, whether the answer was right, or what would have been right as well."""


class Tally(Protocol):
    def counts(self) -> Mapping[str, Json]:
        """How many calls were made and failed: the same in every run."""

    def measures(self) -> Mapping[str, Json]:
        """What they took, "tool_dollars" among it."""


class ToolSession(Protocol):
    """The tools of one episode: what they keep (a running Python, say) begins and ends with it."""

    async def call(self, name: str, arguments: Mapping[str, Json]) -> str:
        """The observation. Raises ToolError for what the agent can mend."""

    @property
    def costs(self) -> Tally: ...

    async def close(self) -> None: ...


OpenTools = Callable[[Mapping[str, Path]], ToolSession]
"""From a question's files, by plain name, to its tools."""


class GaiaEpisode:
    """quiet: a tool's failure is told without its message, which may quote the task."""

    def __init__(
        self, record: Record, toolbox: Toolbox, open_tools: OpenTools, feedback: Feedback, quiet: bool
    ) -> None:
        self._record = record
        self._toolbox = toolbox
        self._open_tools = open_tools
        self._feedback = feedback
        self._quiet = quiet
        self._session: ToolSession | None = None
        self._costs: Tally | None = None
        self._answer: str | None = None
        self._unparsable = 0

    async def reset(self) -> str:
        await self.close()
        self._costs, self._answer, self._unparsable = None, None, 0
        return texts.opening(self._record.question, sorted(self._record.files))

    async def step(self, action: str) -> tuple[str, bool]:
        if self._answer is not None:
            return texts.OVER, True
        try:
            call = self._toolbox.parse(action)
            if call.name != texts.FINAL_ANSWER.name:
                return await self._call(call), False
            answer = str(call.arguments["answer"])
            claimed = read_answer(answer) if has_template(answer) else answer.strip()
        except ToolError as error:
            if not has_template(action):
                return str(error), False
            claimed = read_answer(action)
        if not claimed:
            self._unparsable += 1
            return texts.NO_ANSWER, False
        self._answer = claimed
        return self._last_observation(), True

    def score(self) -> Score:
        """Details: whether an answer was given and which, how many claimed answers held none (they count as no answer, not as
        a wrong one), hidden where nobody here knows the truth, and what the tools were called for and cost."""
        right = self._right()
        details: dict[str, Json] = {
            "answered": self._answer is not None,
            "unparsable": self._unparsable,
            "answer": self._answer,
        }
        if self._record.answer is None:
            details["hidden"] = True
        if self._costs is not None:
            details |= {**self._costs.counts(), "tool_dollars": self._costs.measures()["tool_dollars"]}
        return Score(right, float(right), details)

    def files(self) -> Mapping[str, bytes]:
        return {name: path.read_bytes() for name, path in self._record.files.items()}

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _call(self, call: Call) -> str:
        if self._session is None:
            self._session = self._open_tools(self._record.files)
            self._costs = self._session.costs
        try:
            return await self._session.call(call.name, call.arguments)
        except (ToolError, EnvironmentFailure):
            raise
        except Exception as error:
            message = type(error).__name__ if self._quiet else f"{type(error).__name__}: {error}"
            raise EnvironmentFailure(f"the tool {call.name} broke ({message})") from error

    def _right(self) -> bool:
        truth = self._record.answer
        return self._answer is not None and truth is not None and is_right(self._answer, truth)

    def _last_observation(self) -> str:
        if self._feedback == "none":
            return texts.RECORDED
        return texts.feedback(self._right(), self._record.answer if self._feedback == "answer" else None)
