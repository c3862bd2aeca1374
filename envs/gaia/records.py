"""A question of GAIA, whoever wrote it, and how questions are divided into splits and drawn."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fgo.types import digest


@dataclass(frozen=True, slots=True)
class Record:
    """answer: None where it is not public. files: what is attached, by plain file name. solution: actions known to lead to
    the answer; empty: only the answer is known."""

    id: str
    question: str
    level: int
    answer: str | None
    files: Mapping[str, Path] = field(default_factory=dict)
    solution: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        return f"level {self.level}"


def divide(records: Sequence[Record], test_share: float, validation_share: float) -> dict[str, list[Record]]:
    """Train, validation and test: of each level, by the order of the hashed ids, the first `test_share` are test tasks and
    the next `validation_share` validation tasks.

    No seed enters, so no run, whatever its seed, trains on what another is tested on. Numbers are rounded half up.
    """
    splits: dict[str, list[Record]] = {"train": [], "validation": [], "test": []}
    for _, members in sorted(_by_level(records).items()):
        ranked = sorted(members, key=lambda record: digest("gaia split", record.id))
        test = int(test_share * len(ranked) + 0.5)
        validation = test + int(validation_share * len(ranked) + 0.5)
        splits["test"] += ranked[:test]
        splits["validation"] += ranked[test:validation]
        splits["train"] += ranked[validation:]
    return splits


def draw_order(records: Sequence[Record], purpose: str, seed: int) -> list[Record]:
    """All records in the order a seed draws them: the first n are the draw of size n, hence draws are nested.

    Stratified: each level is shuffled and spread evenly over the order, so every prefix has the levels in proportion.
    """
    generator = random.Random(f"{seed}/{purpose}")
    placed: list[tuple[float, float, Record]] = []
    for _, members in sorted(_by_level(records).items()):
        shuffled = sorted(members, key=lambda record: record.id)
        generator.shuffle(shuffled)
        placed += [((rank + 0.5) / len(shuffled), generator.random(), record) for rank, record in enumerate(shuffled)]
    return [record for _, _, record in sorted(placed, key=lambda item: item[:2])]


def ids_digest(records: Sequence[Record]) -> str:
    return digest(*sorted(record.id for record in records))


def content_digest(records: Sequence[Record]) -> str:
    """Of all that a result depends on; one short hash of everything, from which no text can be had."""
    parts = []
    for record in sorted(records, key=lambda record: record.id):
        parts += [record.id, record.question, str(record.level), str(record.answer), *sorted(record.files)]
    return digest(*parts)


def count_levels(records: Sequence[Record]) -> dict[str, int]:
    """Level -> number of records, with keys as JSON has them."""
    return {str(level): len(members) for level, members in sorted(_by_level(records).items())}


def _by_level(records: Sequence[Record]) -> dict[int, list[Record]]:
    groups: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        groups[record.level].append(record)
    return groups
