"""LogisticsQA's side of the simulated model: its lessons, its false rules, and a player that lacks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from envs.logisticsqa.lessons import LESSONS, MISCONCEPTIONS
from envs.logisticsqa.player import play
from fgo.types import Json, Lesson


@dataclass(frozen=True, slots=True)
class LogisticsQASimulated:
    """Meets fgo.types.SimulatedBenchmark. What there is to learn are the generated set's conventions."""

    lessons: Sequence[Lesson] = LESSONS
    misconceptions: Sequence[Lesson] = MISCONCEPTIONS

    def recognises(self, system_prompt: str) -> bool:
        text = system_prompt.lower()
        return "logisticsqa" in text or ("ubl" in text and "reference" in text and "action:" in text)

    def act(self, turns: Sequence[Mapping[str, Json]], heeds: Callable[[str, str], bool]) -> str:
        return play(turns, heeds)
