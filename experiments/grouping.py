"""A study's points in groups that may be compared: one a combination of environment, model and whatever else is varied.

Tables, comparisons, verdicts and figures all read groups, so that what one refuses to average, no other averages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.stats import Drifted, NotComparable, Outcomes, outcomes
from experiments.summary import PointResult
from fgo.types import Json, digest

BASELINES = ("none", "all_at_once")

Arm = tuple[str, int]  # an optimizer and its number of training tasks


@dataclass(frozen=True)
class Group:
    """env: with where its tasks come from. points: all of them, by arm, in the order of tables, each sorted by seed.

    outcomes: of the arms that may be averaged; why: of each other arm, why it may not be.
    """

    env: str
    model: str
    varied: Mapping[str, Json]
    points: Mapping[Arm, tuple[PointResult, ...]]
    outcomes: Mapping[Arm, Outcomes]
    why: Mapping[Arm, str]
    problems: tuple[str, ...]

    @property
    def title(self) -> str:
        return titled(self.env, self.model, self.varied)

    @property
    def optimizers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(optimizer for optimizer, _ in self.points))

    @property
    def simulated(self) -> bool:
        return any(point.simulated for points in self.points.values() for point in points)

    @property
    def unequal(self) -> bool:
        """Whether its methods played unequally many training episodes (`uneven`)."""
        played = {
            arm: sum(point.training_episodes for point in points) / len(points) for arm, points in self.points.items()
        }
        return uneven((size, episodes) for (_, size), episodes in played.items())

    def sizes(self, optimizer: str) -> tuple[int, ...]:
        """The numbers of training tasks that an optimizer is run with, ascending."""
        return tuple(sorted(size for name, size in self.points if name == optimizer))

    def match(self, baseline: str, train_size: int) -> Arm | None:
        """The baseline's arm at this training size; that of `none`, if it has one size, at any."""
        if (baseline, train_size) in self.points:
            return baseline, train_size
        sizes = self.sizes(baseline)
        return (baseline, sizes[0]) if baseline == "none" and len(sizes) == 1 else None


def grouped(results: Sequence[PointResult]) -> tuple[Group, ...]:
    """The groups of a study's points, sorted. Points that nobody has begun belong among them (`summary.not_run`)."""
    groups: dict[tuple[str, str, str], list[PointResult]] = defaultdict(list)
    for result in results:
        point = result.point
        groups[point.env, point.model, repr(sorted(point.varied.items()))].append(result)
    return tuple(_group(groups[key]) for key in sorted(groups))


def _group(results: Sequence[PointResult]) -> Group:
    arms: dict[Arm, list[PointResult]] = defaultdict(list)
    for result in results:
        arms[result.point.optimizer, result.point.train_size].append(result)
    points = {arm: tuple(sorted(arms[arm], key=lambda point: point.point.seed)) for arm in sorted(arms, key=_order)}
    averaged: dict[Arm, Outcomes] = {}
    why: dict[Arm, str] = {}
    problems = []
    for arm, found in points.items():
        problems += [_problem(point) for point in found if not point.complete]
        why[arm] = _why_no_numbers(found)
        if why[arm]:
            continue
        try:
            averaged[arm] = outcomes(found)
        except NotComparable as error:
            why[arm] = "drifted" if isinstance(error, Drifted) else "not comparable"
            problems.append(f"{arm[0]}, {arm[1]} training tasks: {error}")
    first = results[0].point
    data = sorted({result.data for result in results if result.data})
    if len(data) > 1:
        problems.append(f"{first.env}: made with different data: {', '.join(data)}")
    env = f"{first.env} ({' and '.join(data)} tasks)" if data else first.env
    return Group(
        env, first.model, dict(first.varied), points, averaged,
        {arm: reason for arm, reason in why.items() if reason}, tuple(problems),
    )  # fmt: skip


def _order(arm: Arm) -> tuple[int, str, int]:
    """Baselines first, the rest by name, then by training size."""
    optimizer, train_size = arm
    rank = BASELINES.index(optimizer) if optimizer in BASELINES else len(BASELINES)
    return rank, optimizer, train_size


def _problem(point: PointResult) -> str:
    return f"{point.folder or 'no folder'}: {point.point}: {point.state} ({point.reason})"


def _why_no_numbers(points: Sequence[PointResult]) -> str:
    """As "incomplete (seed 1: 2 provider errors)", the seed only where there are several; "" where nothing is wrong."""
    faulty = [point for point in points if not point.complete]
    if any(point.state == "damaged" for point in faulty):
        return "damaged"  # the reason may hold a path, which differs between machines; it is among the problems
    if len(points) == 1:
        return f"incomplete ({faulty[0].reason})" if faulty else ""
    reasons = "; ".join(f"seed {point.point.seed}: {point.reason}" for point in faulty)
    return f"incomplete ({reasons})" if faulty else ""


def uneven(played: Iterable[tuple[int, float]]) -> bool:
    """Whether methods at one training size differ in training episodes by more than a quarter of the larger number.

    played: (training size, episodes) of each; those that play none are not compared.
    """
    by_size: dict[int, list[float]] = defaultdict(list)
    for size, episodes in played:
        if episodes:
            by_size[size].append(episodes)
    return any(min(episodes) < 0.75 * max(episodes) for episodes in by_size.values())


def titled(env: str, model: str, varied: Mapping[str, Json]) -> str:
    """What a group or a table's section is called."""
    return ", ".join([env, model, *(f"{key} = {value}" for key, value in sorted(varied.items()))])


def named_runs(study: str, fingerprints: Sequence[str]) -> str:
    """What a footer names the runs by that a table or figure was made of: their study, number and a digest.

    The digest is of their fingerprints, sorted; manifest.json lists these.
    """
    if not fingerprints:
        return f"Runs: none of study {study}."
    runs = f"{len(fingerprints)} run{'' if len(fingerprints) == 1 else 's'}"
    return f"Runs: {runs} of study {study}, digest {digest(*sorted(fingerprints))[:12]}."
