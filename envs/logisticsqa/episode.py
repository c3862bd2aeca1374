"""One attempt at one document: tools read it, `answer` ends it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envs.logisticsqa import sections
from envs.logisticsqa.answers import Answer, read_answer, score
from envs.logisticsqa.documents import Document
from envs.logisticsqa.names import is_element
from envs.logisticsqa.tools import ANSWER, TOOLBOX, look
from envs.logisticsqa.xpath import XPathWorker
from envs.toolbox import ToolError
from fgo.types import Score

OVER = "The task is over: an answer has been given."
RECORDED = "Your answer has been recorded."
_OPENING_CHARS = 1_500  # of the outline that the opening shows
_SMALL = 2_000  # elements that are read faster than another thread is asked
_ANSWER = re.compile(rf"\s*(?:Action\s*:\s*)?{ANSWER}\b\s*:?\s*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rules:
    """feedback: what a wrong answer is told: "answer" (what would have been right), "verdict" (that it is wrong), or
    "none" (only that it was recorded)."""

    feedback: str
    page_chars: int


class LogisticsEpisode:
    """Success is the same set of references as the truth's (answers.py says how they are compared)."""

    def __init__(self, document: Document, goal: str, truth: Sequence[str], worker: XPathWorker, rules: Rules) -> None:
        self._document = document
        self._goal = goal
        self._truth = truth
        self._worker = worker
        self._rules = rules
        self._answer: Answer | None = None

    async def reset(self) -> str:
        self._answer = None
        document = self._document
        elements = sum(map(is_element, document.nodes))
        shown = sections.outline(document, limit=_OPENING_CHARS)
        return (
            f"Your task is to: {self._goal}\nThe document is a UBL {document.kind} of {len(document.source):,} bytes with "
            f"{elements:,} elements. Its outline begins:\n{shown}"
        )

    async def step(self, action: str) -> tuple[str, bool]:
        if self._answer is not None:
            return OVER, True
        answering = _ANSWER.fullmatch(action)
        if answering and answering[1].strip(" ()"):
            self._answer = read_answer(answering[1])
            return self._said(self._answer), True
        try:
            call = TOOLBOX.parse(action)
            if call.name != "xpath" and len(self._document.nodes) <= _SMALL:
                return look(self._document, call, self._worker, self._rules.page_chars), False
            return await asyncio.to_thread(look, self._document, call, self._worker, self._rules.page_chars), False
        except ToolError as error:
            return str(error), False

    def score(self) -> Score:
        return score(self._answer, self._truth)

    def files(self) -> Mapping[str, bytes]:
        return {"document.xml": self._document.source}

    async def close(self) -> None: ...

    def _said(self, answer: Answer) -> str:
        """The last observation."""
        if self._rules.feedback == "none":
            return RECORDED
        right = self.score().success
        verdict = "Your answer is right." if right else "Your answer is wrong."
        if not answer.readable:
            verdict = "Your answer could not be read as a list of references, and counts as wrong."
        if right or self._rules.feedback == "verdict":
            return verdict
        return f"{verdict} The right answer is {json.dumps(list(self._truth), ensure_ascii=False)}."
