"""What finished runs used, as measured grounds for plans: from the folder of runs, and from manifests of committed results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from experiments.errors import UsageError
from experiments.manifest import MANIFEST
from experiments.settings import telling
from fgo.types import Json, Usage

_AGENT = "agent."


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished run. agent: its flat settings. episodes: by phase. ledger: "role/phase" -> (calls, their tokens).
    seconds: wall time, None where it is not known. source: where it was found, for readers."""

    env: str
    agent: Mapping[str, Json]
    model: str
    optimizer: str
    episodes: Mapping[str, int]
    ledger: Mapping[str, tuple[int, Usage]]
    seconds: float | None
    source: str

    @property
    def calls(self) -> int:
        return sum(calls for calls, _ in self.ledger.values())

    @property
    def training_episodes(self) -> int:
        return sum(count for phase, count in self.episodes.items() if phase != "test")


def samples(runs: Path, results: Path) -> list[Sample]:
    """All that there are, in a fixed order; runs of the user's own first."""
    return [*_of_runs(runs), *_of_results(results)]


def _of_runs(runs: Path) -> Iterator[Sample]:
    for metrics in sorted(runs.glob("*/*/metrics.json")):
        try:
            data, run = (orjson.loads(path.read_bytes()) for path in (metrics, metrics.with_name("run.json")))
            if data["state"] != "complete":
                continue
            config = telling(run["config"])
            yield Sample(
                env=data["point"]["env"],
                agent=agent_of(config),
                model=str(config["model.name"]),
                optimizer=data["point"]["optimizer"],
                episodes={phase: sum(counts.values()) for phase, counts in data["episodes"].items()},
                ledger={key: (line["calls"], Usage.from_json(line["usage"])) for key, line in data["ledger"].items()},
                seconds=data["seconds"],
                source=str(metrics.parent.parent),
            )
        except (OSError, KeyError, TypeError, ValueError, UsageError):
            continue  # a run of an earlier version, or of parts that are not here: no ground to plan on


def _of_results(results: Path) -> Iterator[Sample]:
    for path in sorted(results.glob(f"*/{MANIFEST}")):
        data = orjson.loads(path.read_bytes())
        for point in data["points"]:
            if point.get("state") == "complete" and "ledger" in point:
                yield _of_point(data, point, str(path.parent))


def _of_point(data: Mapping[str, Any], point: Mapping[str, Any], source: str) -> Sample:
    config = {**data["config"], **point["config"]}
    return Sample(
        env=point["env"],
        agent=agent_of(config),
        model=str(config["model.name"]),
        optimizer=point["optimizer"],
        episodes=point["episodes"],
        ledger={
            key: (line["calls"], Usage(line["prompt_tokens"], line["cached_tokens"], line["completion_tokens"]))
            for key, line in point["ledger"].items()
        },
        seconds=None,
        source=source,
    )


def agent_of(config: Mapping[str, Json]) -> dict[str, Json]:
    """The agent's part of a flat configuration."""
    return {key: value for key, value in config.items() if key.startswith(_AGENT)}
