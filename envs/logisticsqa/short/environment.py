"""LogisticsQA without its longer documents.

Success rates are those of an easier selection (fewer lines, fewer decoys), so it is an environment of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from envs.logisticsqa.environment import LogisticsQA
from fgo.types import Task


@dataclass(frozen=True)
class ShortLogisticsQA(LogisticsQA):
    """LogisticsQA's documents of at most so many bytes; the draw among them is as among all. The other fields are its own."""

    max_bytes: int = 7000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_bytes < 1:
            raise ValueError(f"env.max_bytes={self.max_bytes}: must be a positive number of bytes")

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        """See `Environment.tasks`."""
        short = [task for task in super().tasks(split, None, seed) if self._bytes(task) <= self.max_bytes]
        if n is not None and not 0 <= n <= len(short):
            raise ValueError(
                f"{n} tasks of the LogisticsQA split {split!r} were asked for; it has {len(short)} of at most "
                f"{self.max_bytes:,} bytes (env.max_bytes)."
            )
        return short[:n]

    def _bytes(self, task: Task) -> int:
        return self._library.entry(task.split, task.id).path.stat().st_size
