"""A trajectory made shorter before a model reads many: what is long, repeated or went well says least.

This project's own idea, behind `improve.compress`; no model is asked, so it costs nothing but what it leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from fgo.types import Step, Trajectory

_HEAD, _TAIL = 200, 60  # characters kept of a long text's beginning and end


def compressed(trajectory: Trajectory) -> Trajectory:
    """The same episode with long observations cut in the middle, and steps that repeat the one before folded into it. Of
    a success only what the agent said is kept. The last step is kept whole: it tells how the episode ended."""
    if not trajectory.steps:
        return trajectory
    *before, last = trajectory.steps
    shorter = [_briefly(step, 0 if trajectory.success else _HEAD) for step in before]
    return replace(trajectory, opening=_cut(trajectory.opening, 2 * _HEAD), steps=(*_folded(shorter), last))


def _briefly(step: Step, head: int) -> Step:
    return replace(step, observation=_cut(step.observation, head) if head else "...")


def _cut(text: str, head: int) -> str:
    left_out = len(text) - head - _TAIL
    return text if left_out <= 0 else f"{text[:head]} [{left_out} characters] {text[-_TAIL:]}"


def _folded(steps: Sequence[Step]) -> list[Step]:
    folded = []
    for _, alike in groupby(steps, key=lambda step: (step.action, step.observation)):
        first, *others = alike
        note = f" [and {len(others)} more times]" if others else ""
        folded.append(replace(first, observation=first.observation + note))
    return folded
