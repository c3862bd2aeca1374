"""The chance to notice something in a prompt, by the prompt's length and the place in it: the heart of the simulation.

Length: the decline that NoLiMa measured (Modarressi et al. 2025, arXiv 2502.05167). Place: the U-shape of "Lost in
the Middle" (Liu et al. 2023, arXiv 2307.03172), with mean 1 over all places so that it redistributes recall instead
of lowering it (but for the cut at 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from fgo.llm.sim.parameters import BASE_LENGTH, Parameters


def recall(parameters: Parameters, tokens: int, place: float) -> float:
    """Chance to notice what stands at `place` (0 start, 1 end) in a prompt of `tokens` tokens."""
    base = parameters.recall_base
    loss = base - _at_length(parameters, tokens)
    kept = max(0.0, base - parameters.recall_decay * loss)
    weight = 1 + parameters.place_depth * (_at_place(parameters, place) - 1)
    return min(1.0, max(0.0, parameters.recall_scale * kept * weight))


def notice(parameters: Parameters, tokens: int, places: Iterable[float]) -> float:
    """Chance to notice what stands at all of `places` (0 without any), by `parameters.occurrences`."""
    chances = [recall(parameters, tokens, place) for place in places]
    if parameters.occurrences == "max":
        return max(chances, default=0.0)
    return 1 - math.prod(1 - chance for chance in chances)


def _at_length(parameters: Parameters, tokens: int) -> float:
    """The given curve at a length, before `recall_decay`. May be negative far beyond the last length."""
    given = zip(parameters.recall_lengths, parameters.recall_scores, strict=True)
    points = [(BASE_LENGTH, parameters.recall_base), *given]
    if tokens <= BASE_LENGTH:
        return parameters.recall_base
    (left, low), (right, high) = next(
        (pair for pair in pairwise(points) if tokens <= pair[1][0]), (points[-2], points[-1])
    )
    share = math.log2(tokens / left) / math.log2(right / left)
    return low + share * (high - low)


def _at_place(parameters: Parameters, place: float) -> float:
    """The place's score relative to the mean over all places."""
    scores = parameters.place_scores
    mean = (sum(scores) - (scores[0] + scores[-1]) / 2) / (len(scores) - 1)
    position = min(1.0, max(0.0, place)) * (len(scores) - 1)
    left = min(int(position), len(scores) - 2)
    score = scores[left] + (position - left) * (scores[left + 1] - scores[left])
    return score / mean
