"""Every number of the simulated model. Values and their sources stand in conf/model/sim*.yaml, not here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Parameters:
    """Rates and recalls are probabilities in [0, 1], lengths are tokens.

    competence: chance that an agent does right, on one occasion, what its prompt does not teach.
    follow: chance that it does, on one occasion, what its prompt tells it to, right or wrong.

    recall_base, recall_lengths, recall_scores: chance to notice something in a prompt of up to `BASE_LENGTH` tokens,
    and of each of the lengths; between them linear in the logarithm of the length, beyond the last its last slope
    goes on.
    recall_decay: multiplies the loss against length: 0 none, 1 as given, 2 twice. recall_scale: multiplies the chance.
    place_scores: relative chance by place, from a prompt's start to its end, evenly spaced; divided by their mean.
    place_depth: how much of the difference between places to apply: 0 none, 1 as given.
    occurrences: a lesson that shows at several places is noticed with the chance of the best of them ("max":
    repetition does not help) or with each place's chance independently ("independent": it helps as much as it can).

    wrong_rate: chance that a critique or a rewriting holds one made-up rule. careless_rate: chance that a rule is
    written or merged without its condition, where there is such a misreading. merge_retention: multiplies the recall
    of a rule in a merge.
    malformed_rate: chance that a reply misses the format that was asked for.
    """

    competence: float
    follow: float
    recall_base: float
    recall_lengths: Sequence[int]
    recall_scores: Sequence[float]
    recall_decay: float
    recall_scale: float
    place_scores: Sequence[float]
    place_depth: float
    occurrences: Literal["max", "independent"]
    wrong_rate: float
    careless_rate: float
    merge_retention: float
    malformed_rate: float

    def __post_init__(self) -> None:
        chances = ("competence", "follow", "recall_base", "recall_scale", "place_depth", "wrong_rate", "careless_rate")
        for key in (*chances, "merge_retention", "malformed_rate"):
            self._check(key, 0 <= getattr(self, key) <= 1, "a probability from 0 to 1")
        self._check("recall_decay", self.recall_decay >= 0, "0 (none), 1 (as given) or more")
        lengths, scores = list(self.recall_lengths), list(self.recall_scores)
        rising = len(lengths) >= 2 and all(a < b for a, b in zip([BASE_LENGTH, *lengths], lengths, strict=False))
        self._check("recall_lengths", rising, f"at least two rising lengths above {BASE_LENGTH}")
        fits = len(scores) == len(lengths) and all(0 <= score <= 1 for score in scores)
        self._check("recall_scores", fits, f"{len(lengths)} probabilities, one for each of recall_lengths")
        places = list(self.place_scores)
        self._check("place_scores", len(places) >= 2 and min(places) > 0, "at least two positive numbers")
        self._check("occurrences", self.occurrences in ("max", "independent"), "max or independent")

    def _check(self, key: str, holds: bool, expected: str) -> None:
        if not holds:
            raise ValueError(f"model.simulated.{key}={getattr(self, key)!r}: expected {expected}")


BASE_LENGTH = 256
"""Up to this many tokens a prompt counts as short (NoLiMa takes its base scores at 250 to 1,000 tokens)."""
