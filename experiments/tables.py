"""A study's table: one row an optimizer and training size, all its numbers read from results that are complete.

Nothing in it depends on time, machine, cache hits or the order of files, so that a resumed or repeated study ends in
the same bytes (experiments/table_formats.py writes them). What is missing or can't be compared stands in the table as
such and in `StudyTable.problems`; whoever prints the table ends with a non-zero exit status if there are any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from experiments.grouping import BASELINES, Arm, Group, grouped, named_runs, titled, uneven
from experiments.stats import Interval, NotComparable, difference_interval, mean_interval
from experiments.summary import PHASES, PointResult
from fgo.llm.ledger import Line
from fgo.types import Json, Phase


@dataclass(frozen=True, slots=True)
class Row:
    """One optimizer at one training size, over its seeds.

    problem: why there are no numbers ("" where there are). success, differences (baseline -> interval): shares in
    [-1, 1]; a baseline is absent where there is none to compare with. The rest are means over seeds, except that prompt
    tokens a call are over all calls of the optimizer and merger (None: no such call). tokens: phase -> prompt +
    completion, prompts: prompt alone. dollars: what the run would cost without our cache. runs: fingerprints of the runs that
    the numbers come from.
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
    prompts: Mapping[Phase, float] = field(default_factory=dict)
    dollars: float = 0.0
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that share environment, model and whatever else the study varies."""

    env: str
    model: str
    varied: Mapping[str, Json]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return titled(self.env, self.model, self.varied)

    @property
    def runs(self) -> tuple[str, ...]:
        """Fingerprints of the runs behind its numbers."""
        return tuple(run for row in self.rows for run in row.runs)


@dataclass(frozen=True, slots=True)
class StudyTable:
    """problems: one line for each point or comparison without a number, with the folder to look into. model_files: names and
    SHA-256 of models' files, where runs served them."""

    study: str
    title: str
    sections: tuple[Section, ...]
    problems: tuple[str, ...]
    model_files: tuple[tuple[str, str], ...] = ()

    @property
    def simulated(self) -> bool:
        return any(row.simulated for section in self.sections for row in section.rows)

    @property
    def footer(self) -> str:
        """The runs behind its numbers, named, and the model files."""
        return named_runs(self.study, [run for section in self.sections for run in section.runs]) + self.files_named

    @property
    def files_named(self) -> str:
        """The model files as a footer ends with them; "" where there are none."""
        return "".join(f" Model file of {name}: SHA-256 {sha256}." for name, sha256 in self.model_files)

    @property
    def unequal(self) -> bool:
        """Whether methods that are compared differ in training episodes by more than a quarter of the larger number."""
        return any(
            uneven([(row.train_size, row.training_episodes) for row in section.rows]) for section in self.sections
        )


def study_table(results: Sequence[PointResult], study: str, title: str) -> StudyTable:
    """The table of a study's points. Add `summary.not_run` points for what a study asks for and nobody has begun.

    Raises ValueError where there are no points at all.
    """
    if not results:
        raise ValueError(f"study {study} has no points to tabulate")
    return table_of_groups(grouped(results), study, title)


def table_of_groups(groups: Sequence[Group], study: str, title: str) -> StudyTable:
    """The same of points that are grouped already."""
    problems = [problem for group in groups for problem in group.problems]
    sections = tuple(_section(group, problems) for group in groups)
    points = [point for group in groups for arm in group.points.values() for point in arm]
    files = sorted({file for point in points for file in point.model_files.items()})
    return StudyTable(study, title, sections, tuple(sorted(problems)), tuple(files))


def _section(group: Group, problems: list[str]) -> Section:
    rows = tuple(_row(arm, group, problems) for arm in group.points)
    return Section(group.env, group.model, group.varied, rows)


def _row(arm: Arm, group: Group, problems: list[str]) -> Row:
    points = group.points[arm]
    head = Row(
        optimizer=arm[0],
        train_size=arm[1],
        tasks=max(len(point.test_tasks) for point in points),
        seeds=tuple(point.point.seed for point in points),
        simulated=any(point.simulated for point in points),
        problem=group.why.get(arm, ""),
    )
    if head.problem:
        return head
    prompts = [point.optimizer_prompts for point in points]
    calls = sum(prompt.calls for prompt in prompts)
    usages = {phase: [point.by_phase.get(phase, Line()).usage for point in points] for phase in PHASES}
    return replace(
        head,
        success=mean_interval(group.outcomes[arm]),
        differences=_differences(arm, group, problems),
        training_episodes=_mean([point.training_episodes for point in points]),
        prompt_mean=sum(prompt.total for prompt in prompts) / calls if calls else None,
        prompt_max=max(prompt.largest for prompt in prompts) if calls else None,
        tokens={phase: _mean([usage.tokens for usage in usages[phase]]) for phase in PHASES},
        prompts={phase: _mean([usage.prompt_tokens for usage in usages[phase]]) for phase in PHASES},
        dollars=_mean([point.total.usage.dollars for point in points]),
        runs=tuple(point.fingerprint for point in points),
    )


def _differences(arm: Arm, group: Group, problems: list[str]) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    for baseline in BASELINES:
        if arm[0] in (baseline, "none"):
            continue
        other = group.match(baseline, arm[1])
        if other is None or other not in group.outcomes:
            continue
        try:
            found[baseline] = difference_interval(group.outcomes[arm], group.outcomes[other])
        except NotComparable as error:
            problems.append(f"{arm[0]}, {arm[1]} training tasks, against {baseline}: {error}")
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
