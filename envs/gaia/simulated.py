"""GAIA's side of the simulated model: its lessons, its false rules, and a player that lacks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from envs.gaia.lessons import LESSONS, MISCONCEPTIONS
from envs.gaia.player import play
from fgo.types import Json, Lesson


@dataclass(frozen=True, slots=True)
class GaiaSimulated:
    """Meets fgo.types.SimulatedBenchmark."""

    lessons: Sequence[Lesson] = LESSONS
    misconceptions: Sequence[Lesson] = MISCONCEPTIONS

    def recognises(self, system_prompt: str) -> bool:
        return "GAIA" in system_prompt

    def act(self, turns: Sequence[Mapping[str, Json]], heeds: Callable[[str, str], bool]) -> str:
        return play(turns, heeds)
