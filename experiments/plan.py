"""What a sweep would come to, before anything is spent: points, episodes, calls, tokens, dollars and hours, low and high."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from envs.base import Environment
from experiments.composition import config_folder
from experiments.errors import UsageError
from experiments.point import draw_splits
from experiments.price_list import costs_nothing, own_rates, pricing_of
from experiments.provenance import identity
from experiments.rates import NO_WORK, NOTHING, Range, Rates, Work, rates_for, stated
from experiments.runfolder import RunFolder
from experiments.samples import Sample, samples
from experiments.settings import Settings
from fgo.journal import DamagedJournal
from fgo.llm.prices import priced
from fgo.types import Json


@dataclass(frozen=True, slots=True)
class PointPlan:
    """One point; with `done` it costs nothing any more, and the figures are zero. begun: a part of it has been paid already, how
    much is not subtracted. shown: dollars as tables show them (see `price_as`); billed: at the models' own prices."""

    settings: Settings
    done: bool
    begun: bool = False
    training: Range = NOTHING
    test: int = 0
    work: Work = NO_WORK
    shown: Range = NOTHING
    billed: Range = NOTHING
    seconds: Range = NOTHING
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    points: tuple[PointPlan, ...]

    @property
    def billed(self) -> Range:
        return sum((point.billed for point in self.points), NOTHING)


def plan_of(points: Sequence[Settings]) -> Plan:
    """Prepares the environments (which may make or fetch data) and asks no model. Raises UsageError for what can't be run."""
    first = points[0].plain
    known = samples(Path(first.runs), Path(config_folder()).parent / "results")
    return Plan(tuple(asyncio.run(_plans(points, known))))


async def _plans(points: Sequence[Settings], known: Sequence[Sample]) -> list[PointPlan]:
    plans = []
    prepared: dict[bytes, tuple[Environment, Mapping[str, Json]]] = {}
    try:
        for settings in points:
            key = orjson.dumps([settings.resolved["env"], settings.simulated])
            if key not in prepared:
                await settings.env.prepare()
                prepared[key] = settings.env, identity(settings)
            env, now = prepared[key]
            plans.append(_plan(replace(settings, env=env), now, known))
    except (ValueError, FileNotFoundError) as error:  # data or a tool, in the environment's words
        raise UsageError(str(error)) from error
    finally:
        for env, _ in prepared.values():
            await env.close()
    return plans


def _plan(settings: Settings, now: Mapping[str, Json], known: Sequence[Sample]) -> PointPlan:
    folder = RunFolder(settings.folder)
    try:
        if folder.finished({"config": settings.resolved, **now}):
            return PointPlan(settings, done=True)
    except DamagedJournal as error:
        raise UsageError(str(error)) from error
    splits = draw_splits(settings.env, settings)
    rates = rates_for(settings, known)
    training = _training(settings, len(splits.train), len(splits.validation))
    test = len(splits.test)
    agent = rates.training.times(training) + rates.test.times(Range(test, test))
    others = rates.optimizing.times(training)
    return PointPlan(
        settings,
        done=False,
        begun=folder.journal.exists(),
        training=training,
        test=test,
        work=agent + others,
        shown=_shown(settings, agent, others),
        billed=_billed(settings, agent, others),
        seconds=(agent + others).calls.times(rates.seconds),
        grounds=_grounds(rates, training),
    )


def _training(settings: Settings, tasks: int, validation: int) -> Range:
    most = float(settings.optimizer.episodes(tasks, validation))
    if settings.plain.allowance.unit == "episodes":
        most = min(most, settings.plain.allowance.amount)
    return stated("played").times(Range(most, most))


def _grounds(rates: Rates, training: Range) -> tuple[str, ...]:
    if not training.high:
        return rates.grounds
    return (
        *rates.grounds,
        "optimizers play half to all of the episodes that they may: assumed (experiments/assumptions.yaml)",
    )


def _shown(settings: Settings, agent: Work, others: Work) -> Range:
    pricing = pricing_of(settings)
    low, high = (
        pricing.planned("agent", agent.usage(end)) + pricing.planned("optimizer", others.usage(end))
        for end in (False, True)
    )
    return Range(low, high)


def _billed(settings: Settings, agent: Work, others: Work) -> Range:
    """At the models' own prices, and never above a run's budget."""
    if settings.plain.replay is not None:
        return NOTHING
    low, high = (
        priced(agent.usage(end), own_rates(settings, "agent")).dollars
        + priced(others.usage(end), own_rates(settings, "optimizer")).dollars
        for end in (False, True)
    )
    limit = settings.plain.budget.dollars
    return Range(low, high) if limit is None else Range(low, high).at_most(limit)


def confirm(points: Sequence[Settings]) -> None:
    """Ask before a sweep that may cost more than `plan.ask_above_dollars`. Raises UsageError where the answer is no, or nobody
    can be asked. A sweep of models that cost nothing isn't planned at all."""
    if points[0].plain.plan.yes or all(_free(settings) for settings in points):
        return
    plan = plan_of(points)
    limit = points[0].plain.plan.ask_above_dollars
    if plan.billed.high <= limit:
        return
    from experiments.plan_format import plan_markdown

    print(plan_markdown(plan))
    sum_ = f"this sweep may cost up to ${plan.billed.high:,.2f}, more than plan.ask_above_dollars={limit:g}"
    if not sys.stdin.isatty():
        raise UsageError(
            f"{sum_}. Nothing was run. There is no terminal to ask on: set plan.yes=true to run it, or a budget.dollars for each "
            "point"
        )
    if input(f"{sum_}. Run it? [y/N] ").strip().lower() not in ("y", "yes"):
        raise UsageError("not confirmed; nothing was run")


def _free(settings: Settings) -> bool:
    return settings.plain.replay is not None or (
        costs_nothing(settings.model) and costs_nothing(settings.optimizer_model)
    )
