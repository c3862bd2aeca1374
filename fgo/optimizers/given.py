"""No optimization but by hand: the agent with instructions that a person wrote. How much is there for an optimizer to win?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class Given:
    """instructions: the text that stands in place of the seed's, whole; None: the seed's own, as with `none`."""

    instructions: str | None = None

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        if self.instructions is None:
            return seed
        return seed.child({"instructions": self.instructions}, "given")

    def episodes(self, tasks: int, validation_size: int) -> int:
        return 0
