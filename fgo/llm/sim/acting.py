"""The simulated model as an agent: the benchmark's player acts, and does right where its prompt teaches it to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fgo.llm.sim.draws import draw
from fgo.llm.sim.parameters import Parameters
from fgo.llm.sim.prompt_parts import content, guidance
from fgo.llm.sim.rulebook import CARELESS, Rulebook
from fgo.types import Json, SimulatedBenchmark

_LEFT_OUT = re.compile(
    r"\n*\[The next (?:1 step|\d+ steps) of this conversation had to be left out to fit the context window\.\]\s*$"
)
"""What fgo.llm.context.drop_oldest_steps adds to an opening, in other words at each step."""


def act(
    parameters: Parameters,
    rulebook: Rulebook,
    benchmark: SimulatedBenchmark,
    seed: int,
    system: str,
    turns: Sequence[Mapping[str, Json]],
    told: str = "",
) -> str:
    """The player's next reply. told: descriptions of the functions that the request offers.

    A rule counts as taught if a line of the instructions, of the demonstrations or of a tool's description states it, with
    or without its condition.
    Taught, a lesson is heeded with chance `follow`, else with `competence`; a false rule is followed with `follow`
    where it is stated, else never; a careless one only where its proper version is not stated too. The draw does not
    depend on the instructions: teaching a lesson never undoes what the agent did right without it. Nor does it depend
    on what was left out of the conversation for want of room.
    """
    stated = rulebook.stated(f"{guidance(system)}\n{told}")
    opening = _LEFT_OUT.sub("", next((content(turn) for turn in turns if turn["role"] == "user"), ""))

    def heeds(lesson: str, occasion: str) -> bool:
        if lesson.endswith(CARELESS):
            chance = parameters.follow if lesson in stated and lesson.removesuffix(CARELESS) not in stated else 0.0
        elif lesson in rulebook.misconceptions:
            chance = parameters.follow if lesson in stated else 0.0
        else:
            taught = lesson in stated or lesson + CARELESS in stated
            chance = parameters.follow if taught else parameters.competence
        return draw(seed, "heed", opening, lesson, occasion) < chance

    return benchmark.act(turns, heeds)
