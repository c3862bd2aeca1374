"""Decisions that several rules share: is a difference on one side, within a range, and how many seeds would tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.formatting import points, probability
from experiments.paired import over_both, over_tasks
from experiments.power import components, seeds_to_detect
from experiments.stats import Interval, interval_of

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """holds: None where it can't be told. needed: seeds that would, None where no number would, or it is told already."""

    holds: bool | None
    value: Interval
    reason: str
    needed: int | None = None


def above_zero(value: Interval, p: float) -> bool | None:
    """Whether a difference is positive: by its interval and its p-value both."""
    if p > LEVEL or 0 in value:
        return None
    return value.low > 0


def in_range(value: Interval, p: float, p_edge: float | None, low: float, high: float) -> bool | None:
    """Whether a difference is positive and of a claimed size: its estimate is in the range. Not: it is outside, by its interval
    and by the test against the range's nearer end (p_edge, see `nearer`) both; None there tells nothing."""
    if value.high < low or value.low > high:
        return False if p_edge is not None and p_edge <= LEVEL else None
    return True if low <= value.estimate <= high and above_zero(value, p) else None


def nearer(value: float, low: float, high: float) -> float:
    """The end of a range that a value is nearer to."""
    return low if abs(value - low) <= abs(value - high) else high


def distance(value: float, low: float, high: float) -> float:
    """What would have to be told apart for a decision on a range: how far outside a value is, or inside, from zero."""
    return value if low <= value <= high else max(low - value, value - high)


def one_sided(differences: NDArray[np.float64], sign: int, limit: float) -> Finding:
    """Whether (tasks, seeds) differences are positive (sign 1) or negative (-1) on average; none is beyond +-limit.

    With one seed it can't be told, however clear: another may have gone another way.
    """
    value = interval_of(differences, -limit, limit)
    p = over_both(differences)
    p = over_tasks(differences) if p is None else p
    above = above_zero(value, p) if differences.shape[1] > 1 else None
    needed = None if above is not None else seeds_needed(differences, value.estimate)
    return Finding(None if above is None else above == (sign > 0), value, told(value, p), needed)


def seeds_needed(differences: NDArray[np.float64], gap: float) -> int | None:
    """How many seeds would tell a gap from nothing; more than there are, since these did not."""
    tasks, seeds = differences.shape
    parts = components(differences)
    needed = None if parts is None else seeds_to_detect(parts, tasks, gap)
    return None if needed is None else max(needed, seeds + 1)


def told(value: Interval, p: float) -> str:
    """A difference with its interval and p-value in points."""
    shown = probability(p)
    return f"{points(value)}, p {shown if shown.startswith('<') else f'= {shown}'}."
