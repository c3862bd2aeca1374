"""All-at-once: every trajectory of the training set in one optimizer prompt, cut to the window by the policy in `asking`.

The usual way, which the paper compares itself with. It runs the very code that FGO runs on a subset, with the whole training
set as the only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fgo.optimizers.base import Lab
from fgo.optimizers.improve import Candidate, ImproveConfig, improve
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class AllAtOnce:
    improve: ImproveConfig = field(default_factory=ImproveConfig)

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        self.improve.check(seed)
        start = Candidate(seed, await lab.validate(seed))
        return (await improve(start, tasks, lab, self.improve)).modules

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self.improve.episodes(tasks, validation_size)
