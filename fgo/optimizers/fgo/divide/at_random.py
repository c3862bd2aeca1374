"""Subsets drawn at random, equal in size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab
from fgo.optimizers.fgo.divide.base import deal
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class Random:
    async def divide(self, tasks: Sequence[Task], n: int, seed: Modules, lab: Lab) -> list[list[Task]]:
        order = list(tasks)
        lab.rng("divide at random").shuffle(order)
        return deal(order, n)
