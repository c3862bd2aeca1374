"""A run's journal, read once, as the page shows it: sums and curve, the tree of modules, a line an episode; trajectories
packed as they come, so that a run of any length fits into memory.

Where a run's tasks may not be passed on (`summary.is_restricted`), ids, scores and sizes alone are kept: no goal, no
trajectory, no module's text, no message, unless the caller asks for the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from experiments.page.pack import Packer, packed
from experiments.page.tree import Tree
from experiments.summary import PointResult, Reading, is_restricted
from fgo.journal import DamagedJournal, read_events
from fgo.types import Json


@dataclass(frozen=True, slots=True)
class RunData:
    """What a page holds of a run. result, header: also what the study's tables need.

    curve: a dict a validation, in the order of the journal: scope, modules, mean and what had been spent by then
    (training episodes, tokens, dollars). details: a packed block of the tree and the list of episodes. blocks: packed
    trajectories; starts[k]: the first episode in block k. seeds: digest -> texts of modules nobody optimized.
    """

    result: PointResult
    header: Mapping[str, Json]
    curve: tuple[Mapping[str, Json], ...]
    details: str
    blocks: tuple[str, ...]
    starts: tuple[int, ...]
    episodes: int
    has_text: bool
    seeds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def collect(journal: Path, text: bool = False) -> RunData:
    """Read a run. text: also what may quote restricted tasks.

    Raises FileNotFoundError; ValueError where there is no header; DamagedJournal where the very first line is broken.
    Damage further on makes a run whose state says so, told up to there.
    """
    reading = _Collecting(text)
    try:
        reading.take(read_events(journal))
    except DamagedJournal as error:
        if not reading.sums.begun:
            raise
        reading.sums.problem = reading.sums.problem or str(error)
    if not reading.sums.begun:
        raise ValueError(f"{journal} has no header yet, so what it belongs to is unknown. Run its command again.")
    return reading.data(str(journal.parent))


class _Names:
    """Strings that occur again and again, as numbers."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))


class _Collecting:
    def __init__(self, text: bool) -> None:
        self.sums = Reading()
        self._asked = text
        self._told = True
        self._header: Mapping[str, Json] = {}
        self._packer = Packer()
        self._names = {name: _Names() for name in ("task", "goal", "category", "phase", "status", "modules", "scope")}
        self._rows: list[list[Json]] = []
        self._ids: list[str] = []
        self._failures: list[dict[str, Json]] = []
        self._tree = Tree()
        self._curve: list[dict[str, Json]] = []
        self._spent = {"episodes": 0, "tokens": 0, "dollars": 0.0}

    def take(self, events: Iterable[Mapping[str, Json]]) -> None:
        for event in events:
            self.sums.observe(event)
            match event["kind"]:
                case "run":
                    self._header = event
                    self._told = self._asked or not is_restricted(event)
                    self._tree.told = self._told
                case "call":
                    if event["phase"] != "test":
                        usage = event["usage"]
                        self._spent["tokens"] += usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
                        self._spent["dollars"] += usage.get("dollars", 0.0)
                case "episode":
                    self._episode(event)
                case "failure":
                    self._failure(event)
                case "validation":
                    place = {"scope": event["scope"], "modules": event["modules"], "mean": event["mean"]}
                    self._curve.append({**place, **self._spent, "tasks": len(event["scores"])})
                    self._tree.observe(event)
                case _:
                    self._tree.observe(event)

    def _episode(self, event: Mapping[str, Json]) -> None:
        trajectory, phase = event["trajectory"], event["phase"]
        if phase != "test":
            self._spent["episodes"] += 1
        names, usage = self._names, trajectory["usage"]
        self._ids.append(event["id"])
        self._rows.append(
            [
                names["task"](trajectory["task_id"]),
                names["goal"](trajectory["goal"] if self._told else ""),
                names["category"](trajectory["category"]),
                names["phase"](phase),
                names["status"](trajectory["status"]),
                names["modules"](trajectory["modules"]),
                names["scope"](place_of(event["scope"])),
                int(trajectory["score"]["success"]),
                len(trajectory["steps"]),
                sum(step[1] is None for step in trajectory["steps"]),
                usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0),
                event["repeat"],
            ]
        )
        if self._told:
            kept = ("opening", "steps", "error")
            self._packer.add(
                {key: trajectory[key] for key in kept}
                | {"value": trajectory["score"]["value"], "details": trajectory["score"]["details"], "usage": usage}
            )

    def _failure(self, event: Mapping[str, Json]) -> None:
        kept = {key: event[key] for key in ("phase", "task_id", "status")}
        self._failures.append({**kept, "error": event["error"] if self._told else ""})

    def data(self, folder: str) -> RunData:
        blocks = tuple(self._packer.blocks())
        details = {
            "tree": self._tree.nodes(),
            "unused": self._tree.failed,
            "final": self._tree.final,
            "names": {name: list(names.numbers) for name, names in self._names.items()},
            "ids": self._ids,
            "rows": self._rows,
            "failures": self._failures,
        }
        return RunData(
            result=self.sums.result(folder),
            header=self._header,
            curve=tuple(self._curve),
            details=packed(details),
            blocks=blocks,
            starts=tuple(self._packer.starts),
            episodes=len(self._rows),
            has_text=self._told,
            seeds=self._tree.seeds,
        )


def place_of(scope: Mapping[str, Json]) -> str:
    """Where in the optimization: "subset 0, epoch 1"; "" at its start and in the test."""
    return ", ".join(f"{key} {value}" for key, value in scope.items() if key not in ("modules", "episode"))
