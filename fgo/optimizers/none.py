"""No optimization: the agent as it comes. What every other arm is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class NoOptimizer:
    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        return seed

    def episodes(self, tasks: int, validation_size: int) -> int:
        return 0
