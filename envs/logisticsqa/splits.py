"""Which documents a run uses: splits by a hash of their ids, and seeded draws, larger ones beginning with smaller ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

from envs.logisticsqa.data import Entry
from fgo.types import digest

SPLITS = ("train", "validation", "test")


def split_by_hash(entries: Sequence[Entry], validation: float, test: float) -> Mapping[str, list[Entry]]:
    """Shares of the documents in the order of their hashed ids, rounded half up, at least one each.

    No seed enters: no run, whatever its seed, trains on what another is tested on. Raises ValueError for under 3 documents.
    """
    if len(entries) < len(SPLITS):
        raise ValueError(
            f"{len(entries)} usable documents can't be split into {', '.join(SPLITS)}: at least 3 are needed."
        )
    ranked = sorted(entries, key=lambda entry: digest("split", entry.id))
    tested = min(max(1, int(test * len(ranked) + 0.5)), len(ranked) - 2)
    validated = min(max(1, int(validation * len(ranked) + 0.5)), len(ranked) - tested - 1)
    return {
        "test": ranked[:tested],
        "validation": ranked[tested : tested + validated],
        "train": ranked[tested + validated :],
    }


def draw_order(entries: Sequence[Entry], purpose: str, seed: int) -> list[Entry]:
    """All entries in the order a seed draws them: the first n are the draw of size n, hence draws are nested.

    Stratified: each category is shuffled and spread evenly over the order, so that prefixes have the split's proportions.
    """
    generator = random.Random(f"{seed}/{purpose}")
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.category].append(entry)
    placed: list[tuple[float, float, Entry]] = []
    for _, members in sorted(groups.items()):
        shuffled = sorted(members, key=lambda entry: entry.id)
        generator.shuffle(shuffled)
        placed += [((rank + 0.5) / len(shuffled), generator.random(), entry) for rank, entry in enumerate(shuffled)]
    return [entry for _, _, entry in sorted(placed, key=lambda item: item[:2])]
