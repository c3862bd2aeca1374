"""Prompts of given lengths with lessons planted in them: the optimizer's own prompt, trajectories in a random order."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from experiments.calibration.snippets import Supply
from fgo.llm.types import Message
from fgo.optimizers.improve import current_modules
from fgo.optimizers.module_text import asking_for
from fgo.rendering import render_trajectory
from fgo.types import Modules, Trajectory

MODULES = ("instructions",)
Count = Callable[[tuple[Message, ...]], int]


@dataclass(frozen=True, slots=True)
class Prompt:
    """length: tokens asked for, at most. times: in how many trajectories each planted lesson shows. planted: lesson -> where
    its trajectories end in the prompt, as shares of its characters. tokens: by our count."""

    length: int
    times: int
    number: int
    messages: tuple[Message, ...]
    planted: dict[str, tuple[float, ...]]
    tokens: int


def build(
    supply: Supply,
    modules: Modules,
    length: int,
    times: int,
    number: int,
    lessons: int,
    count: Count,
    seed: int,
    request: str = "",
) -> Prompt | None:
    """A prompt with up to so many lessons, filled up to its length; None where not even one lesson fits.

    Which lessons, whose trajectories and in which order is drawn by seed and number, so that places are spread evenly.
    request: what ends the prompt.
    """
    rng = random.Random(f"{seed}/{length}/{times}/{number}")
    names = [name for name, found in supply.planted.items() if len(found) >= times]
    rng.shuffle(names)
    fillers = rng.sample(supply.fillers, len(supply.fillers))
    chosen: list[tuple[str, Trajectory]] = []
    taken: list[str] = []

    def tokens(shown: Sequence[tuple[str, Trajectory]]) -> int:
        return count(_messages(modules, shown, request))

    for name in names:
        more = [(name, trajectory) for trajectory in rng.sample(supply.planted[name], times)]
        if len(taken) < lessons and tokens([*chosen, *more]) <= length:
            chosen += more
            taken.append(name)
    if not taken:
        return None
    sizes = tokens(chosen)
    empty = tokens([])
    for filler in fillers:
        size = tokens([("", filler)]) - empty
        if sizes + size <= length:
            chosen.append(("", filler))
            sizes += size
    rng.shuffle(chosen)
    messages = _messages(modules, chosen, request)
    return Prompt(length, times, number, messages, _places(messages, chosen, taken), count(messages))


def _messages(modules: Modules, shown: Sequence[tuple[str, Trajectory]], request: str) -> tuple[Message, ...]:
    """As the lab would write them (fgo/lab.py)."""
    rendered = [render_trajectory(trajectory, f"T{number}") for number, (_, trajectory) in enumerate(shown, start=1)]
    user = "\n\n".join([current_modules(modules), *rendered, *([request] if request else [])])
    return ({"role": "system", "content": asking_for("optimize", MODULES)}, {"role": "user", "content": user})


def _places(
    messages: Sequence[Message], shown: Sequence[tuple[str, Trajectory]], lessons: Sequence[str]
) -> dict[str, tuple[float, ...]]:
    text = "\n".join(str(message["content"]) for message in messages)
    ends: dict[str, list[float]] = {name: [] for name in lessons}
    at = 0
    for number, (name, trajectory) in enumerate(shown, start=1):
        rendered = render_trajectory(trajectory, f"T{number}")
        at = text.index(rendered, at) + len(rendered)
        if name:
            ends[name].append(round(at / len(text), 4))
    return {name: tuple(places) for name, places in ends.items()}
