"""Which candidates are merged with which: at random, with those most like them, or by cluster. One function each."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from fgo.optimizers.fgo.divide.base import cut
from fgo.optimizers.improve import Candidate

if TYPE_CHECKING:
    from numpy.typing import NDArray

Grouping = Literal["random", "similarity", "cluster"]
Groups = list[list[Candidate]]


def at_random(candidates: Sequence[Candidate], arity: int, rng: random.Random) -> Groups:
    """Groups of `arity` (the last may be smaller), drawn at random."""
    order = list(candidates)
    rng.shuffle(order)
    return [order[start : start + arity] for start in range(0, len(order), arity)]


def by_similarity(candidates: Sequence[Candidate], arity: int, rng: random.Random) -> Groups:
    """Groups of `arity`: the first candidate left, with those whose texts are most like its own; and so on."""
    likeness = _likeness(candidates)
    left = list(range(len(candidates)))
    groups: Groups = []
    while left:
        first, *others = left
        nearest = sorted(others, key=lambda other: (-likeness[first, other], other))[: arity - 1]
        groups.append([candidates[index] for index in (first, *nearest)])
        left = [index for index in others if index not in nearest]
    return groups


def by_cluster(candidates: Sequence[Candidate], arity: int, rng: random.Random) -> Groups:
    """Average-linkage clusters of like texts, about `arity` in each; a cluster over `arity` is cut up."""
    clusters = -(-len(candidates) // arity)
    from sklearn.cluster import AgglomerativeClustering

    distance = 1.0 - _likeness(candidates)
    labels = AgglomerativeClustering(clusters, metric="precomputed", linkage="average").fit_predict(distance)
    groups: Groups = []
    for label in range(clusters):
        members = [candidate for candidate, own in zip(candidates, labels, strict=True) if own == label]
        groups += cut(members, -(-len(members) // arity))
    return groups


GROUPINGS: Mapping[Grouping, Callable[[Sequence[Candidate], int, random.Random], Groups]] = {
    "random": at_random,
    "similarity": by_similarity,
    "cluster": by_cluster,
}


def _likeness(candidates: Sequence[Candidate]) -> NDArray[Any]:
    """Cosine similarity of the candidates' texts as TF-IDF vectors, (n, n)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    texts = ["\n".join(candidate.modules.texts.values()) or "empty" for candidate in candidates]
    matrix: NDArray[Any] = cosine_similarity(TfidfVectorizer(token_pattern=r"(?u)\b\w+\b").fit_transform(texts))
    return matrix
