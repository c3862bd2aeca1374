"""Each method of a study against its baselines: differences, effects, p-values corrected for their number.

Numbers only, as in tables.py; comparison_formats.py writes them, claims judge by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from experiments.grouping import BASELINES, Arm, Group, named_runs
from experiments.paired import Effect, effect, holm, over_both, over_tasks
from experiments.power import components, detectable
from experiments.stats import Interval, NotComparable, difference_interval, paired, relative_interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """One method over another, at one training size of the first.

    difference: in shares of test tasks; relative: as a share of the baseline's success (None where it has none). p_both:
    None with one seed. The adjusted ones are Holm's over all comparisons of a section. detectable: the smallest difference
    that so many tasks and seeds find in four of five such studies; None with one seed.
    """

    optimizer: str
    train_size: int
    baseline: str
    tasks: int
    seeds: tuple[int, ...]
    simulated: bool
    difference: Interval
    relative: Interval | None
    effect: Effect
    p_tasks: float
    p_both: float | None
    detectable: float | None
    runs: tuple[str, ...]
    adjusted_tasks: float = 1.0
    adjusted_both: float | None = None

    @property
    def p(self) -> float:
        """The adjusted p-value to judge by: over tasks and seeds, or with one seed over tasks."""
        return self.adjusted_tasks if self.adjusted_both is None else self.adjusted_both


@dataclass(frozen=True, slots=True)
class SectionComparisons:
    """Comparisons that share environment, model and what else is varied."""

    env: str
    model: str
    title: str
    rows: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class StudyComparisons:
    """A study's comparisons with none, with all-at-once and of variants with their method. What can't be compared is missing;
    the table says why."""

    study: str
    title: str
    sections: tuple[SectionComparisons, ...]

    @property
    def simulated(self) -> bool:
        return any(row.simulated for section in self.sections for row in section.rows)

    @property
    def footer(self) -> str:
        """The runs behind its numbers, named."""
        rows = [row for section in self.sections for row in section.rows]
        return named_runs(self.study, sorted({run for row in rows for run in row.runs}))


def compare(group: Group, arm: Arm, other: Arm) -> Comparison:
    """One arm of a group over another, p-values not adjusted yet. Raises NotComparable."""
    for each in (arm, other):
        if each not in group.outcomes:
            raise NotComparable(f"{each[0]}, {each[1]} training tasks: {group.why.get(each, 'not in the study')}")
    ours, theirs = group.outcomes[arm], group.outcomes[other]
    differences = paired(ours, theirs)
    parts = components(differences)
    n, m = differences.shape
    points = [*group.points[arm], *group.points[other]]
    return Comparison(
        optimizer=arm[0],
        train_size=arm[1],
        baseline=other[0],
        tasks=n,
        seeds=ours.seeds,
        simulated=any(point.simulated for point in points),
        difference=difference_interval(ours, theirs),
        relative=relative_interval(ours, theirs),
        effect=effect(ours.values, theirs.values),
        p_tasks=over_tasks(differences),
        p_both=over_both(differences),
        detectable=None if parts is None else detectable(parts, n, m),
        runs=tuple(point.fingerprint for point in points),
    )


def adjusted(rows: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """The same with p-values adjusted for all of them together."""
    by_tasks = holm([row.p_tasks for row in rows])
    by_both = iter(holm([row.p_both for row in rows if row.p_both is not None]))
    return tuple(
        replace(row, adjusted_tasks=p, adjusted_both=None if row.p_both is None else next(by_both))
        for row, p in zip(rows, by_tasks, strict=True)
    )


def comparisons(groups: Sequence[Group], study: str, title: str) -> StudyComparisons:
    """Of every arm with the baselines at its training size (`none`, if it has one size, at any), and of a variant with the
    method that it is a variant of."""
    sections = []
    for group in groups:
        rows = []
        for arm in group.points:
            method, _, variant = arm[0].partition("+")
            for baseline in (*BASELINES, *([method] if variant else [])):
                other = None if arm[0] in (baseline, "none") else group.match(baseline, arm[1])
                if other is not None and arm in group.outcomes and other in group.outcomes:
                    rows += _if_comparable(group, arm, other)
        sections.append(SectionComparisons(group.env, group.model, group.title, adjusted(rows)))
    return StudyComparisons(study, title, tuple(sections))


def _if_comparable(group: Group, arm: Arm, other: Arm) -> list[Comparison]:
    try:
        return [compare(group, arm, other)]
    except NotComparable:  # the table names it among its problems
        return []
