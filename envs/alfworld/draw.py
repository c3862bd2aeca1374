"""Which games a run uses: the held-out validation pool, and seeded draws, larger ones beginning with smaller ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from envs.alfworld.data import GameEntry
from fgo.types import digest


def hold_out(games: Sequence[GameEntry], share: float) -> tuple[list[GameEntry], list[GameEntry]]:
    """(train, validation): of each task type, the `share` of games whose hashed ids come first is held out.

    No seed enters, so no run, whatever its seed, trains on what another validates on. The number held out of a type is
    rounded half up.
    """
    train, validation = [], []
    for _, members in sorted(_by_category(games).items()):
        ranked = sorted(members, key=lambda game: digest("validation", game.id))
        count = int(share * len(ranked) + 0.5)
        validation += ranked[:count]
        train += ranked[count:]
    return train, validation


def draw_order(games: Sequence[GameEntry], purpose: str, seed: int) -> list[GameEntry]:
    """All games in the order a seed draws them: the first n are the draw of size n, hence draws are nested.

    Stratified: each type is shuffled and spread evenly over the order, so that every prefix has the types in the
    split's own proportions, within one game where types are equally frequent.
    """
    generator = random.Random(f"{seed}/{purpose}")
    placed: list[tuple[float, float, GameEntry]] = []
    for _, members in sorted(_by_category(games).items()):
        shuffled = sorted(members, key=lambda game: game.id)
        generator.shuffle(shuffled)
        placed += [((rank + 0.5) / len(shuffled), generator.random(), game) for rank, game in enumerate(shuffled)]
    return [game for _, _, game in sorted(placed, key=lambda item: item[:2])]


def _by_category(games: Sequence[GameEntry]) -> dict[str, list[GameEntry]]:
    groups: dict[str, list[GameEntry]] = defaultdict(list)
    for game in games:
        groups[game.category].append(game)
    return groups
