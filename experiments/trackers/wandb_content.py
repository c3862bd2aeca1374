"""What W&B is told of a run, as plain data: config, curves, episodes and summary. Does not know the wandb library."""

from __future__ import annotations

from collections.abc import Mapping

from experiments.summary import PointResult
from fgo.llm.ledger import Ledger
from fgo.rendering import render_trajectory
from fgo.types import Json, Trajectory, Usage

EPISODE_COLUMNS = (
    "id",
    "phase",
    "scope",
    "task",
    "category",
    "status",
    "success",
    "score",
    "steps",
    "malformed",
    "tokens",
)

_PLACES = ("epoch", "level")  # these parts of a scope are how far along it is; the others say which curve it belongs to


def name_of(header: Mapping[str, Json]) -> str:
    """The run's name: optimizer, training size, seed, and SIMULATED where it is."""
    point = header["point"]
    parts = [f"{point['env']}-{point['model']}-{point['optimizer']}-n{point['train_size']}-s{point['seed']}"]
    return " ".join([*parts, "SIMULATED"] if header["simulated"] else parts)


def config_of(header: Mapping[str, Json]) -> dict[str, Json]:
    """The resolved config, and beside it what else the result depends on."""
    about = ("point", "fingerprint", "versions", "command", "git", "environment", "prompts")
    return {
        **header["config"],
        "results": "SIMULATED" if header["simulated"] else "measured",
        "run": {key: header[key] for key in about if key in header},
    }


class Curves:
    """Turns events into the next point of each curve: validation means by subset and epoch, merges, tokens and dollars.

    The same events give the same points under the same `step`, whenever they come.
    """

    def __init__(self) -> None:
        self.step = -1
        self._ledger = Ledger()
        self._episodes = 0

    def observe(self, event: Mapping[str, Json]) -> dict[str, float]:
        """Values to log under the new `step`; empty where the event is no point of a curve."""
        self._ledger.add(event)
        self._episodes += event["kind"] == "episode"
        values: dict[str, float] = {}
        match event["kind"]:
            case "validation":
                values = _placed("validation", event["scope"], {"mean": event["mean"]})
            case "decision":
                means = {"candidate": event["candidate_mean"], "incumbent": event["incumbent_mean"]}
                values = _placed("decision", event["scope"], {**means, "accepted": float(event["accepted"])})
            case "merge":
                values = _placed("merge", event["scope"], {"accepted": float(event["accepted"])})
        if values:
            self.step += 1
            total = self._ledger.total()
            values |= {"spent/episodes": self._episodes, "spent/tokens": total.usage.tokens}
            values["spent/dollars"] = total.usage.dollars
        return values


def _placed(kind: str, scope: Mapping[str, Json], values: Mapping[str, float]) -> dict[str, float]:
    """As {"validation/subset 0/mean": 0.5, "epoch": 1}: one curve for each part of the work, along epochs or levels."""
    curve = "/".join([kind, *(f"{key} {value}" for key, value in scope.items() if key not in _PLACES)])
    places = {key: float(scope[key]) for key in _PLACES if isinstance(scope.get(key), int)}
    return {f"{curve}/{name}": value for name, value in values.items()} | places


def episode_row(event: Mapping[str, Json], with_text: bool) -> list[Json]:
    """An episode's row under EPISODE_COLUMNS; what was said follows only where it is asked for."""
    trajectory = Trajectory.from_json(event["trajectory"])
    row: list[Json] = [
        event["id"], event["phase"], " ".join(f"{key}={value}" for key, value in event["scope"].items()),
        trajectory.task_id, trajectory.category, trajectory.status.value, trajectory.success, trajectory.score.value,
        len(trajectory.steps), trajectory.malformed, trajectory.usage.tokens,
    ]  # fmt: skip
    return [*row, render_trajectory(trajectory, event["id"])] if with_text else row


def summary_of(result: PointResult) -> dict[str, Json]:
    """The run's summary: flat keys, so that W&B can plot and compare them."""
    summary: dict[str, Json] = {
        "results": "SIMULATED" if result.simulated else "measured",
        "state": result.state,
        "reason": result.reason,
        "test/tasks": len(result.test_tasks),
        "optimizer_prompt_tokens/mean": result.optimizer_prompts.mean,
        "optimizer_prompt_tokens/max": result.optimizer_prompts.largest,
        "decisions/accepted": result.decisions.accepted,
        "decisions/rejected": result.decisions.rejected,
        "merges/accepted": result.merges.accepted,
        "merges/rejected": result.merges.rejected,
        "seconds": result.seconds,
    }
    if result.complete:
        summary["test/success"] = result.success
    for category, (won, n) in result.by_category.items():
        summary[f"test/success/{category or 'all'}"] = won / n
    for status, count in result.statuses.items():
        summary[f"test/status/{status.value}"] = count
    lines = {f"{role}/{phase}": line for (role, phase), line in result.ledger.items()}
    for name, line in {**lines, "total": result.total}.items():
        summary |= _spent(f"ledger/{name}", line.usage) | {f"ledger/{name}/calls": line.calls}
        summary |= {f"ledger/{name}/cached_calls": line.cached, f"ledger/{name}/paid_dollars": line.paid.dollars}
    return summary


def _spent(prefix: str, usage: Usage) -> dict[str, Json]:
    names = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "dollars")
    return {f"{prefix}/{name}": getattr(usage, name) for name in names}
