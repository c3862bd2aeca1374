"""Chance without a generator: each draw is a hash of what it is for, the same in any process and any order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(seed: int, purpose: str, *texts: str) -> float:
    """A number in [0, 1), uniform over seeds, purposes and texts."""
    hasher = hashlib.blake2b(digest_size=8)
    for part in (str(seed), purpose, *texts):
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    return (int.from_bytes(hasher.digest(), "big") >> 11) / (1 << 53)


def pick(options: Sequence[T], seed: int, purpose: str, *texts: str) -> T:
    """One of the options (at least one), uniformly."""
    return options[int(draw(seed, purpose, *texts) * len(options))]
