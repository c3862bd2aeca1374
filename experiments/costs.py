"""What a study's methods cost: a row an optimizer and training size, beside its success: episodes, tokens by role, dollars.

Like the table of results it depends on no time, machine or cache hit; wall times are kept apart (`CostRow.seconds`), since
they do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from experiments.price_list import price_list, pricing_of
from experiments.settings import Settings
from experiments.stats import Interval
from experiments.summary import PointResult
from experiments.tables import Row, Section, StudyTable
from fgo.types import Role, Usage

ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Means over seeds. `cached` (by the provider's prompt cache) is a part of `prompt`."""

    prompt: float = 0.0
    cached: float = 0.0
    completion: float = 0.0


@dataclass(frozen=True, slots=True)
class CostRow:
    """problem: as in `tables.Row`; where there is one, there are no numbers. episodes, tokens, dollars, seconds (of wall
    time): means over seeds. dollars: what it would cost without our cache, see `CostTable.prices`."""

    optimizer: str
    train_size: int
    tasks: int
    seeds: tuple[int, ...]
    simulated: bool
    problem: str
    success: Interval | None
    training_episodes: float = 0.0
    test_episodes: float = 0.0
    tokens: Mapping[Role, Tokens] = field(default_factory=dict)
    dollars: float = 0.0
    seconds: float = 0.0

    @property
    def cached_share(self) -> float:
        """Part of all prompt tokens that the provider's cache held."""
        prompt = sum(tokens.prompt for tokens in self.tokens.values())
        return sum(tokens.cached for tokens in self.tokens.values()) / prompt if prompt else 0.0


@dataclass(frozen=True, slots=True)
class CostSection:
    """Rows that share environment, model and whatever else the study varies."""

    title: str
    env: str
    model: str
    varied: str
    rows: tuple[CostRow, ...]


@dataclass(frozen=True, slots=True)
class CostTable:
    """prices: whose prices the dollars are, a sentence."""

    study: str
    title: str
    sections: tuple[CostSection, ...]
    prices: str

    @property
    def simulated(self) -> bool:
        return any(row.simulated for section in self.sections for row in section.rows)


def cost_table(points: Sequence[Settings], results: Sequence[PointResult], table: StudyTable) -> CostTable:
    """The costs of a study's points, in the sections and rows of its table.

    points[i] are the settings of results[i]. Raises UsageError where `price_as` names a model that the list lacks.
    """
    groups: dict[tuple[str, str, str], list[tuple[Settings, PointResult]]] = defaultdict(list)
    for settings, result in zip(points, results, strict=True):
        point = result.point
        groups[point.env, point.model, repr(sorted(point.varied.items()))].append((settings, result))
    sections = tuple(
        _section(section, groups[key]) for key, section in zip(sorted(groups), table.sections, strict=True)
    )
    return CostTable(table.study, table.title, sections, prices_of(points))


def prices_of(points: Iterable[Settings]) -> str:
    """Whose prices dollars are shown at, as a sentence for readers."""
    pricings = [pricing_of(settings) for settings in points]
    stand_ins = sorted({pricing.stand_in for pricing in pricings if pricing.stand_in})
    said = [
        f"tokens of models that cost nothing themselves at {model}'s prices ({price_list().name})"
        for model in stand_ins
    ]
    if any(len(pricing.priced_by_list) < 2 for pricing in pricings):
        said.append("tokens of others at the run's own prices (model.prices, else the installed litellm's table)")
    return f"Dollars: {'; '.join(said)}; without our cache."


def _section(section: Section, found: Sequence[tuple[Settings, PointResult]]) -> CostSection:
    by_row: dict[tuple[str, int], list[tuple[Settings, PointResult]]] = defaultdict(list)
    for settings, result in found:
        by_row[result.point.optimizer, result.point.train_size].append((settings, result))
    rows = tuple(_row(row, by_row[row.optimizer, row.train_size]) for row in section.rows)
    varied = " ".join(f"{key}={value}" for key, value in sorted(section.varied.items()))
    return CostSection(section.title, section.env, section.model, varied, rows)


def _row(row: Row, found: Sequence[tuple[Settings, PointResult]]) -> CostRow:
    head = CostRow(row.optimizer, row.train_size, row.tasks, row.seeds, row.simulated, row.problem, row.success)
    if row.problem:
        return head
    results = [result for _, result in found]
    return CostRow(
        head.optimizer,
        head.train_size,
        head.tasks,
        head.seeds,
        head.simulated,
        head.problem,
        head.success,
        training_episodes=_mean([result.training_episodes for result in results]),
        test_episodes=_mean([len(result.outcomes) for result in results]),
        tokens={role: _tokens(role, results) for role in ROLES},
        dollars=_mean([dollars_of(settings, result) for settings, result in found]),
        seconds=_mean([result.seconds for result in results]),
    )


def dollars_of(settings: Settings, result: PointResult) -> float:
    """A point's calls in dollars, our cache aside."""
    pricing = pricing_of(settings)
    return sum(pricing.dollars(role, line.usage) for (role, _), line in result.ledger.items())


def _tokens(role: Role, results: Sequence[PointResult]) -> Tokens:
    used = [sum((line.usage for line in result.lines(role)), Usage()) for result in results]
    return Tokens(
        _mean([usage.prompt_tokens for usage in used]),
        _mean([usage.cached_tokens for usage in used]),
        _mean([usage.completion_tokens for usage in used]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
