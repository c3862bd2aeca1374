"""Subsets of tasks whose texts are alike: k-means over TF-IDF embeddings of their goals (no model call, no download)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab
from fgo.optimizers.fgo.divide.base import deal
from fgo.types import Modules, Task

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Cluster:
    async def divide(self, tasks: Sequence[Task], n: int, seed: Modules, lab: Lab) -> list[list[Task]]:
        goals = [" ".join(_WORD.findall(task.goal.lower())) for task in tasks]
        clusters = min(n, len({frozenset(goal.split()) for goal in goals}))
        if clusters < 2:  # nothing to tell them apart by
            return deal(tasks, n)
        from sklearn.cluster import KMeans
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectors = TfidfVectorizer(token_pattern=_WORD.pattern).fit_transform(goals)
        state = lab.rng("divide by cluster").randrange(2**31)
        labels = KMeans(clusters, n_init=10, random_state=state).fit_predict(vectors)
        subsets = [[t for t, label in zip(tasks, labels, strict=True) if label == k] for k in range(clusters)]
        return [subset for subset in subsets if subset]
