"""Subsets of like tasks, by the category that the benchmark gives them (ALFWorld's six task types, say).

With more categories than subsets, the smallest subset takes the next category; with fewer, large categories are cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab
from fgo.optimizers.fgo.divide.base import cut
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class Category:
    async def divide(self, tasks: Sequence[Task], n: int, seed: Modules, lab: Lab) -> list[list[Task]]:
        by_category: dict[str, list[Task]] = {}
        for task in tasks:
            by_category.setdefault(task.category, []).append(task)
        groups = sorted(by_category.values(), key=lambda group: (-len(group), group[0].category))
        while len(groups) < min(n, len(tasks)):  # the largest category is cut in two until there are enough
            groups.sort(key=len, reverse=True)
            groups[:1] = cut(groups[0], 2)
        subsets: list[list[Task]] = [[] for _ in range(min(n, len(groups)))]
        for group in groups:
            min(subsets, key=len).extend(group)
        return subsets
