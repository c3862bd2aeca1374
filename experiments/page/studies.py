"""A study's table as the page shows it: the rows of experiments/tables.py as plain data, numbers left as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.figures import HeatMap
from experiments.grouping import BASELINES
from experiments.stats import Interval, mean_interval, outcomes
from experiments.summary import PHASES, PointResult
from experiments.table_formats import UNEQUAL_NOTE
from experiments.tables import Row, StudyTable
from fgo.llm.ledger import Line
from fgo.types import Json


def study_data(
    table: StudyTable,
    verdicts: Sequence[Mapping[str, Json]] = (),
    tested: Mapping[str, Json] | None = None,
    heat: HeatMap | None = None,
) -> dict[str, Json]:
    """A study for the page.

    verdicts: cards as `judged.cards` makes them. tested: a section's title -> rows as `judged.differences` has them. heat: the
    study's map, where it has one in place of the usual figure.
    """
    return {
        "name": table.study,
        "title": table.title,
        "simulated": table.simulated,
        "notes": [UNEQUAL_NOTE] * table.unequal,
        "problems": list(table.problems),
        "footer": table.footer,
        "baselines": list(BASELINES),
        "phases": list(PHASES),
        "sections": [
            {
                "title": section.title,
                "rows": [_row(row) for row in section.rows],
                "tested": (tested or {}).get(section.title, []),
            }
            for section in table.sections
        ],
        "verdicts": [dict(verdict) for verdict in verdicts],
        "heat": None if heat is None else _heat(heat),
    }


def _heat(heat: HeatMap) -> dict[str, Json]:
    return {
        **{name: getattr(heat, name) for name in ("title", "x_label", "y_label", "lead")},
        "x": list(heat.x_values),
        "y": list(heat.y_values),
        "cells": [[_interval(cell) for cell in row] for row in heat.cells],
    }


def _row(row: Row) -> dict[str, Json]:
    return {
        "optimizer": row.optimizer,
        "size": row.train_size,
        "tasks": row.tasks,
        "seeds": list(row.seeds),
        "simulated": row.simulated,
        "problem": row.problem,
        "success": _interval(row.success),
        "differences": {name: _interval(found) for name, found in row.differences.items()},
        "episodes": row.training_episodes,
        "prompt_mean": row.prompt_mean,
        "prompt_max": row.prompt_max,
        "tokens": {phase: row.tokens.get(phase, 0) for phase in PHASES},
        "dollars": row.dollars,
    }


def _interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.estimate, interval.low, interval.high]


def run_data(result: PointResult, header: Mapping[str, Any]) -> dict[str, Json]:
    """What the page tells of a run before anyone looks into it."""
    git = header.get("git") or {}
    commit = str(git.get("commit", "unknown"))[:12] + (" with changes" if git.get("changed") else "")
    return {
        "name": result.folder.replace("\\", "/").rstrip("/").rpartition("/")[2],
        "point": result.point.to_json(),
        "title": str(result.point),
        "simulated": result.simulated,
        "restricted": result.restricted,
        "data": result.data,
        "state": result.state,
        "reason": result.reason,
        "success": _interval(mean_interval(outcomes([result]))) if result.complete else None,
        "solved": sum(outcome.success for outcome in result.outcomes.values()),
        "tasks": len(result.test_tasks),
        "categories": [[name, won, n] for name, (won, n) in result.by_category.items()],
        "played": {phase: dict(counts) for phase, counts in result.episodes.items()},
        "ledger": [[role, phase, *_amounts(line)] for (role, phase), line in result.ledger.items()],
        "total": _amounts(result.total),
        "overflows": result.overflows,
        "decisions": [result.decisions.accepted, result.decisions.rejected],
        "merges": [result.merges.accepted, result.merges.rejected],
        "seconds": round(result.seconds, 1),
        "about": [
            ["command", " ".join(map(str, header.get("command", [])))],
            ["made with", f"git {commit}, fingerprint {header.get('fingerprint', 'unknown')}"],
            ["versions", ", ".join(f"{name} {version}" for name, version in header.get("versions", {}).items())],
            *(
                [f"{key}.{name}", value]
                for key in ("optimizer", "agent", "model")
                for name, value in _plain(header, key)
            ),
        ],
    }


def _amounts(line: Line) -> list[Json]:
    """calls, cached, failed attempts, prompt tokens, output tokens, longest prompt, dollars, dollars paid."""
    usage = line.usage
    counts = [line.calls, line.cached, line.failed_attempts, usage.prompt_tokens, usage.completion_tokens]
    return [*counts, line.longest_prompt, usage.dollars, line.paid.dollars]


def _plain(header: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    node = header.get("config", {}).get(key)
    flat: list[tuple[str, str]] = []
    for name, value in node.items() if isinstance(node, Mapping) else ():
        if isinstance(value, Mapping):
            flat += [(f"{name}.{inner}", str(each)) for inner, each in value.items()]
        else:
            flat.append((str(name), str(value)))
    return flat
