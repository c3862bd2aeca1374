"""A benchmark small enough to see through: a lesson with a careless version, one without, and a false rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fgo.llm.sim.model import SimulatedModel
from fgo.llm.sim.parameters import Parameters
from fgo.types import Json, Lesson

STOP = Lesson(
    "stop",
    "When the light is red, stop.",
    r"\bstop\b",
    r"ran a red light",
    "Always halt at a light.",
    r"always halt",
)
LOOK = Lesson("look", "Look both ways before you cross.", r"both ways", r"did not look")
HORN = Lesson("horn", "Blow the horn at every corner.", r"\bhorn\b", r"woke the town")
CARELESS_STOP = Lesson("stop!careless", "Always halt at a light.", r"always halt", r"halted at a green light")

SYSTEM = """You drive.

Write every reply as exactly two lines:
Thought: <one short sentence>
Action: <one action>

Your instructions:
<instructions>
{instructions}
</instructions>"""


@dataclass(frozen=True)
class Road:
    lessons: Sequence[Lesson] = (STOP, LOOK)
    misconceptions: Sequence[Lesson] = (HORN, CARELESS_STOP)

    def recognises(self, system_prompt: str) -> bool:
        return "You drive." in system_prompt

    def act(self, turns: Sequence[Mapping[str, Json]], heeds: Callable[[str, str], bool]) -> str:
        heeded = [name for name in ("stop", "look", "horn", "stop!careless") if heeds(name, "corner 1")]
        return f"Thought: I go by {' '.join(heeded) or 'nothing'}.\nAction: drive"


PLAIN = Parameters(
    competence=0.0,
    follow=1.0,
    recall_base=1.0,
    recall_lengths=(1024, 32768),
    recall_scores=(1.0, 0.5),
    recall_decay=1.0,
    recall_scale=1.0,
    place_scores=(75.8, 57.2, 53.8, 55.4, 63.2),
    place_depth=0.0,
    occurrences="max",
    wrong_rate=0.0,
    careless_rate=0.0,
    merge_retention=1.0,
    malformed_rate=0.0,
)
"""Notices all in short prompts, never errs of itself."""


def model(window: int = 100_000, max_output: int = 4096, **changes: Json) -> SimulatedModel:
    return SimulatedModel(replace(PLAIN, **changes), [Road()], window, max_output)


def chat(system: str, user: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def trajectory(label: str, *observations: str, critique: str = "", outcome: str = "failure") -> str:
    steps = [f"Thought: on.\nAction: drive\nObservation: You {seen}." for seen in observations]
    remarks = [f"<critique>\n{critique}\n</critique>"] if critique else []
    head = f'<trajectory id="{label}" category="" outcome="{outcome}" steps="{len(steps)}">\nObservation: A road.'
    return "\n".join([head, *steps, *remarks, "</trajectory>"])


def current(text: str = "Drive.", demonstrations: str | None = None) -> str:
    more = "" if demonstrations is None else f'\n<module name="demonstrations">\n{demonstrations}\n</module>'
    return f'<current_modules>\n<module name="instructions">\n{text}\n</module>{more}\n</current_modules>'


def version(label: str, validation: float, text: str) -> str:
    return (
        f'<version id="{label}" validation="{validation}">\n<module name="instructions">\n{text}\n</module>\n</version>'
    )
