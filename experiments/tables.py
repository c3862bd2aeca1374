"""A study's table: one row an optimizer and training size, all its numbers read from results that are complete.

Nothing in it depends on time, machine, cache hits or the order of files, so that a resumed or repeated study ends in
the same bytes (experiments/table_formats.py writes them). What is missing or can't be compared stands in the table as
such and in `StudyTable.problems`; whoever prints the table ends with a non-zero exit status if there are any.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from experiments.stats import Interval, NotComparable, Outcomes, difference_interval, mean_interval, outcomes
from experiments.summary import PHASES, PointResult
from fgo.llm.ledger import Line
from fgo.types import Json, Phase

BASELINES = ("none", "all_at_once")


@dataclass(frozen=True, slots=True)
class Row:
    """One optimizer at one training size, over its seeds.

    problem: why there are no numbers ("" where there are). success, differences (baseline -> interval): shares in
    [-1, 1]; a baseline is absent where there is none to compare with. The rest are means over seeds, except that prompt
    tokens a call are over all calls of the optimizer and merger (None: no such call). tokens: phase -> prompt +
    completion. dollars: what the run would cost without our cache.
    """

    optimizer: str
    train_size: int
    tasks: int
    seeds: tuple[int, ...]
    simulated: bool
    problem: str = ""
    success: Interval | None = None
    differences: Mapping[str, Interval] = field(default_factory=dict)
    training_episodes: float = 0.0
    prompt_mean: float | None = None
    prompt_max: int | None = None
    tokens: Mapping[Phase, float] = field(default_factory=dict)
    dollars: float = 0.0


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that share environment, model and whatever else the study varies."""

    env: str
    model: str
    varied: Mapping[str, Json]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return ", ".join([self.env, self.model, *(f"{key} = {value}" for key, value in sorted(self.varied.items()))])


@dataclass(frozen=True, slots=True)
class StudyTable:
    """problems: one line for each point or comparison without a number, with the folder to look into."""

    study: str
    title: str
    sections: tuple[Section, ...]
    problems: tuple[str, ...]

    @property
    def simulated(self) -> bool:
        return any(row.simulated for section in self.sections for row in section.rows)

    @property
    def unequal(self) -> bool:
        """Whether methods that are compared differ in training episodes by more than a quarter of the larger number."""
        for section in self.sections:
            played: dict[int, list[float]] = defaultdict(list)
            for row in section.rows:
                if row.training_episodes:
                    played[row.train_size].append(row.training_episodes)
            if any(min(episodes) < 0.75 * max(episodes) for episodes in played.values()):
                return True
        return False


def study_table(results: Sequence[PointResult], study: str, title: str) -> StudyTable:
    """The table of a study's points. Add `summary.not_run` points for what a study asks for and nobody has begun.

    Raises ValueError where there are no points at all.
    """
    if not results:
        raise ValueError(f"study {study} has no points to tabulate")
    problems: list[str] = []
    groups: dict[tuple[str, str, str], list[PointResult]] = defaultdict(list)
    for result in results:
        point = result.point
        groups[point.env, point.model, repr(sorted(point.varied.items()))].append(result)
    sections = tuple(_section(groups[key], problems) for key in sorted(groups))
    return StudyTable(study, title, sections, tuple(sorted(problems)))


def _section(results: Sequence[PointResult], problems: list[str]) -> Section:
    by_row: dict[tuple[str, int], list[PointResult]] = defaultdict(list)
    for result in results:
        by_row[result.point.optimizer, result.point.train_size].append(result)
    compared: dict[tuple[str, int], Outcomes] = {}
    for key, points in by_row.items():
        problems += [_problem(point) for point in points if not point.complete]
        if all(point.complete for point in points):
            try:
                compared[key] = outcomes(points)
            except NotComparable as error:
                problems.append(f"{key[0]}, {key[1]} training tasks: {error}")
    rows = tuple(_row(key, by_row[key], compared, problems) for key in sorted(by_row, key=_order))
    first = results[0].point
    data = sorted({result.data for result in results if result.data})
    if len(data) > 1:
        problems.append(f"{first.env}: made with different data: {', '.join(data)}")
    env = f"{first.env} ({' and '.join(data)} tasks)" if data else first.env
    return Section(env, first.model, dict(first.varied), rows)


def _order(key: tuple[str, int]) -> tuple[int, str, int]:
    """Baselines first, the rest by name, then by training size."""
    optimizer, train_size = key
    rank = BASELINES.index(optimizer) if optimizer in BASELINES else len(BASELINES)
    return rank, optimizer, train_size


def _problem(point: PointResult) -> str:
    return f"{point.folder or 'no folder'}: {point.point}: {point.state} ({point.reason})"


def _row(
    key: tuple[str, int],
    points: Sequence[PointResult],
    compared: Mapping[tuple[str, int], Outcomes],
    problems: list[str],
) -> Row:
    points = sorted(points, key=lambda point: point.point.seed)
    head = Row(
        optimizer=key[0],
        train_size=key[1],
        tasks=max(len(point.test_tasks) for point in points),
        seeds=tuple(point.point.seed for point in points),
        simulated=any(point.simulated for point in points),
        problem=_why_no_numbers(points) or ("" if key in compared else "not comparable"),
    )
    if head.problem:
        return head
    prompts = [point.optimizer_prompts for point in points]
    calls = sum(prompt.calls for prompt in prompts)
    return Row(
        head.optimizer,
        head.train_size,
        head.tasks,
        head.seeds,
        head.simulated,
        success=mean_interval(compared[key]),
        differences=_differences(key, compared, problems),
        training_episodes=_mean([point.training_episodes for point in points]),
        prompt_mean=sum(prompt.total for prompt in prompts) / calls if calls else None,
        prompt_max=max(prompt.largest for prompt in prompts) if calls else None,
        tokens={phase: _mean([point.by_phase.get(phase, Line()).usage.tokens for point in points]) for phase in PHASES},
        dollars=_mean([point.total.usage.dollars for point in points]),
    )


def _why_no_numbers(points: Sequence[PointResult]) -> str:
    """As "incomplete (seed 1: 2 provider errors)", the seed only where there are several; "" where nothing is wrong."""
    faulty = [point for point in points if not point.complete]
    if any(point.state == "damaged" for point in faulty):
        return "damaged"  # the reason may hold a path, which differs between machines; it is among the problems
    if len(points) == 1:
        return f"incomplete ({faulty[0].reason})" if faulty else ""
    reasons = "; ".join(f"seed {point.point.seed}: {point.reason}" for point in faulty)
    return f"incomplete ({reasons})" if faulty else ""


def _differences(
    key: tuple[str, int], compared: Mapping[tuple[str, int], Outcomes], problems: list[str]
) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    for baseline in BASELINES:
        other = _baseline(baseline, key, compared)
        if other is None:
            continue
        try:
            found[baseline] = difference_interval(compared[key], other)
        except NotComparable as error:
            problems.append(f"{key[0]}, {key[1]} training tasks, against {baseline}: {error}")
    return found


def _baseline(baseline: str, key: tuple[str, int], compared: Mapping[tuple[str, int], Outcomes]) -> Outcomes | None:
    """The baseline's results at the same training size; those of `none`, if it has one size, at any."""
    optimizer, train_size = key
    if optimizer == baseline or (optimizer == "none" and baseline != "none"):
        return None
    same_size = compared.get((baseline, train_size))
    if same_size is not None or baseline != "none":
        return same_size
    sizes = [size for name, size in compared if name == "none"]
    return compared["none", sizes[0]] if len(sizes) == 1 else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
