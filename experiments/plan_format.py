"""A plan as Markdown: a row for points that differ only in their seed, a sum, and what the figures rest on."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.costs import prices_of
from experiments.formatting import pipe_table
from experiments.plan import Plan, PointPlan
from experiments.rates import NOTHING, Range, Work

_HEADER = ["Points", "Number", "Done", "Episodes", "Calls", "MTok in", "MTok out", "$", "Hours"]


def plan_markdown(plan: Plan) -> str:
    """The whole plan, for a terminal or a file."""
    groups: dict[str, list[PointPlan]] = {}
    for point in plan.points:
        groups.setdefault(_name(point), []).append(point)
    rows = [_row(name, points) for name, points in groups.items()]
    study = plan.points[0].settings.plain.study
    done = sum(point.done for point in plan.points)
    begun = sum(point.begun for point in plan.points)
    lines = [f"# Plan: {study.title} ({study.name})", ""]
    lines += [
        f"{_counted(len(plan.points))}, {done} of them done, which cost nothing. Low to high; nothing has been run.",
        "",
    ]
    lines += [*pipe_table([_HEADER, *rows, _row("all", plan.points)]), ""]
    lines.append(
        f"{prices_of(point.settings for point in plan.points)} Low: as much cached by the provider as was measured."
    )
    billed = plan.billed
    lines.append(
        f"On a bill: ${_dollars(billed)}, at the models' own prices and within budget.dollars."
        if billed.high
        else "On a bill: nothing; these models cost nothing, or all is replayed."
    )
    lines.append("Hours: one point after another; points that run side by side take less.")
    if begun:
        lines.append(f"{_counted(begun)} begun before; what was paid then is not subtracted.")
    grounds = list(dict.fromkeys(ground for point in plan.points for ground in point.grounds))
    if grounds:
        lines += ["", "Rests on:", *(f"- {ground}" for ground in grounds)]
    return "\n".join([*lines, ""])


def _counted(points: int) -> str:
    return f"{points} point{'' if points == 1 else 's'}"


def _name(point: PointPlan) -> str:
    told = point.settings.point
    varied = [f"{key}={value}" for key, value in sorted(told.varied.items())]
    return ", ".join([told.env, told.optimizer, told.model, f"{told.train_size} training tasks", *varied])


def _row(name: str, points: Sequence[PointPlan]) -> list[str]:
    work = sum((point.work for point in points), Work())
    tests = float(sum(point.test for point in points))
    episodes = _sum([point.training for point in points]) + Range(tests, tests)
    return [
        name,
        str(len(points)),
        str(sum(point.done for point in points)),
        _figures(episodes, ",.0f"),
        _figures(work.calls, ",.0f"),
        _figures(Range(work.prompt.low / 1e6, work.prompt.high / 1e6), ",.2f"),
        _figures(Range(work.completion.low / 1e6, work.completion.high / 1e6), ",.2f"),
        _dollars(_sum([point.shown for point in points])),
        _hours(_sum([point.seconds for point in points])),
    ]


def _sum(ranges: Sequence[Range]) -> Range:
    return sum(ranges, NOTHING)


def _dollars(amount: Range) -> str:
    return _figures(amount, ",.2f")


def _hours(seconds: Range) -> str:
    return _figures(Range(seconds.low / 3600, seconds.high / 3600), ",.2f")


def _figures(range_: Range, form: str) -> str:
    low, high = (format(value, form) for value in (range_.low, range_.high))
    return low if low == high else f"{low} to {high}"
