"""What a splitter is, and the two cuts that the splitters share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from fgo.optimizers.base import Lab
from fgo.types import Modules, Task

T = TypeVar("T")


class Splitter(Protocol):
    async def divide(self, tasks: Sequence[Task], n: int, seed: Modules, lab: Lab) -> list[list[Task]]:
        """At most `n` disjoint, non-empty subsets that together hold every task. Deterministic given the lab's generators.

        `seed` are the modules that optimization starts from, for splitters that need to see the agent at work.
        """


def deal(items: Sequence[T], n: int) -> list[list[T]]:
    """Deal items out like cards: `n` hands (fewer if there are fewer items) whose sizes differ by one at most."""
    return [list(items[start::n]) for start in range(min(n, len(items)))]


def cut(items: Sequence[T], n: int) -> list[list[T]]:
    """Cut a sequence into `n` consecutive pieces (fewer if there are fewer items) whose sizes differ by one at most."""
    n = max(1, min(n, len(items)))
    bounds = [round(index * len(items) / n) for index in range(n + 1)]
    return [list(items[start:end]) for start, end in pairwise(bounds) if end > start]
