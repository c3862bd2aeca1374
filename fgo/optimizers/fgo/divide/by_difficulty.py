"""Subsets of like difficulty, easiest first: tasks ordered by how the unoptimized agent does on them, then cut.

The first look costs one exploration of all tasks, booked to FGO like any other (with equal seeds the first epoch's own
exploration then asks the same requests, which the cache answers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab, Misconfigured
from fgo.optimizers.fgo.divide.base import cut
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class Difficulty:
    async def divide(self, tasks: Sequence[Task], n: int, seed: Modules, lab: Lab) -> list[list[Task]]:
        if not lab.affords(len(tasks)):
            raise Misconfigured(
                f"the allowance is too small to see how difficult {len(tasks)} tasks are; choose another split"
            )
        trajectories = await lab.within(divide="difficulty").explore(seed, tasks)
        hardness = {t.task_id: (-t.score.value, len(t.steps), t.task_id) for t in trajectories}
        return cut(sorted(tasks, key=lambda task: hardness[task.id]), n)
