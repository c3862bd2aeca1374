"""Sequential batch-wise: the training set in batches, one after the other, each updating the same modules.

The obvious way to keep prompts short, without FGO's merge. AgentOptimizer's paper (arXiv 2402.11359, section 3.3.4) trains on
batches in this way and found that random ones hurt: what one batch needs, the next one's update may undo. Here each batch is
one epoch of FGO's own explore, evaluate, optimize and acceptance; batches are drawn anew for each pass over the training set.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fgo.optimizers.base import Lab
from fgo.optimizers.checks import require_positive
from fgo.optimizers.improve import Candidate, ImproveConfig, improve
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class Sequential:
    """batch_size: tasks in a batch (the last may have fewer). improve: as for all-at-once; an epoch is a pass over all batches,
    patience counts passes without an accepted proposal."""

    batch_size: int = 6
    improve: ImproveConfig = field(default_factory=ImproveConfig)

    def __post_init__(self) -> None:
        require_positive(batch_size=self.batch_size)

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        self.improve.check(seed)
        best = Candidate(seed, await lab.validate(seed))
        idle, once = 0, replace(self.improve, epochs=1)
        for epoch in range(self.improve.epochs):
            if idle >= self.improve.patience:
                break
            before = best
            for number, batch in enumerate(self._batches(tasks, lab.within(epoch=epoch).rng("batches"))):
                best = await improve(best, batch, lab.within(batch=number), once, first_epoch=epoch)
            idle = idle + 1 if best is before else 0
        return best.modules

    def _batches(self, tasks: Sequence[Task], rng: random.Random) -> list[list[Task]]:
        order = list(tasks)
        rng.shuffle(order)
        return [order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size)]

    def episodes(self, tasks: int, validation_size: int) -> int:
        batches = -(-tasks // self.batch_size)
        return validation_size + self.improve.epochs * (tasks + batches * validation_size)
