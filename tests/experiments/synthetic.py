"""Journals written as a run writes them, with every kind of event, for tests of what is made of them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from fgo.types import Json, Modules, Score, Status, Step, Trajectory, Usage, digest

Event = dict[str, Json]

FINAL = "Act.\n- Open closed receptacles first."
CATEGORIES = ("clean", "heat", "pick_two")


@dataclass(frozen=True)
class Synthetic:
    """A made-up run; `events` is what its journal holds. `solved` says which of the test tasks are won."""

    optimizer: str = "fgo"
    train_size: int = 4
    seed: int = 0
    solved: Sequence[bool] = (True, False, True, True)
    env: str = "alfworld"
    model: str = "sim-base"
    study: str = "smoke"
    simulated: bool = True
    varied: Mapping[str, Json] = field(default_factory=dict)
    cached: bool = False
    started: float = 1_700_000_000.0
    pace: float = 0.5  # seconds between events

    @property
    def test_tasks(self) -> list[str]:
        return [f"test-{i:02d}" for i in range(len(self.solved))]

    def but(self, **changes: Json) -> Synthetic:
        return replace(self, **changes)

    def write(self, folder: Path, events: Sequence[Event] | None = None) -> Path:
        """The journal's path, in `folder` (made if need be)."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "journal.jsonl"
        lines = (orjson.dumps(event) + b"\n" for event in (self.events() if events is None else events))
        path.write_bytes(b"".join(lines))
        return path

    def events(self) -> list[Event]:
        events = [self.header(), {"kind": "session", "pid": 1, "dropped": 0}]
        events.append({"kind": "tasks", "id": "t1", "use": "test", "tasks": self.test_tasks})
        if self.optimizer != "none":
            events += self.training()
        events.append(
            {"kind": "modules", "id": "result", "modules": Modules({"instructions": FINAL}, "merge").to_json()}
        )
        for task, won in zip(self.test_tasks, self.solved, strict=True):
            events += self.episode("test", task, won)
        events.append({"kind": "finished", "metrics": {}})
        return [{"at": round(self.started + i * self.pace, 3)} | event for i, event in enumerate(events)]

    def header(self) -> Event:
        point = {"env": self.env, "optimizer": self.optimizer, "model": self.model, "train_size": self.train_size}
        point |= {"seed": self.seed, "study": self.study, "varied": dict(self.varied)}
        config = {"optimizer": {"name": self.optimizer, "epochs": 2}, "model": {"name": self.model}, "seed": self.seed}
        return {
            "kind": "run",
            "config": config,
            "fingerprint": digest(str(point)),
            "point": point,
            "simulated": self.simulated,
            "versions": {"python": "3.11.2", "litellm": "1.104.0"},
            "command": ["fgo", "run", f"optimizer={self.optimizer}", f"seed={self.seed}"],
            "git": {"commit": "0123abc", "changed": False},
            "environment": {"source": "generated"},
            "prompts": "fedc",
        }

    def training(self) -> list[Event]:
        """Two subsets of one epoch each, and a merge of what came of them."""
        tasks = [f"train-{i}" for i in range(self.train_size)]
        subsets = [tasks[::2], tasks[1::2]]
        events: list[Event] = [{"kind": "division", "id": "d1", "splitter": "random", "subsets": subsets}]
        for subset in (0, 1):
            scope = {"subset": subset, "epoch": 0}
            for task in tasks[subset::2]:
                events += self.episode("explore", task, task == "train-0", scope)
            shown = {f"T{i}": f"explore-{task}" for i, task in enumerate(tasks[subset::2], start=1)}
            proposal = Modules({"instructions": f"Act.\n- Rule {subset}."}, "proposal", ("seed",))
            events += [
                self.call("evaluator", "optimize", 400, scope),
                self.call("optimizer", "optimize", 1000 + 500 * subset, scope),
                {"kind": "proposal", "id": f"p{subset}", "scope": scope, "parent": "seed",
                 "modules": proposal.to_json(), "problem": "", "shown": shown, "evidence": {f"Rule {subset}.": ["T1"]}},
                *self.episode("validate", "val-0", True, scope),
                {"kind": "validation", "id": f"v{subset}", "scope": scope, "modules": proposal.digest,
                 "scores": {"val-0": 1.0, "val-1": float(subset)}, "mean": 0.5 + 0.5 * subset},
                {"kind": "decision", "id": f"c{subset}", "scope": scope, "candidate": proposal.digest,
                 "incumbent": "seed", "candidate_mean": 0.5 + 0.5 * subset, "accepted": subset == 1,
                 "incumbent_mean": 0.5, "why": "better on validation" if subset else "not better on validation"},
            ]  # fmt: skip
        parents = [Modules({"instructions": f"Act.\n- Rule {s}."}, "proposal", ("seed",)) for s in (0, 1)]
        merged = parents[0].child({"instructions": FINAL}, "merge", parents[1])
        scope = {"level": 1, "group": 0}
        events += [
            self.call("merger", "merge", 600, scope),
            {"kind": "validation", "id": "v2", "scope": scope, "modules": merged.digest, "scores": {"val-0": 1.0},
             "mean": 1.0},
            {"kind": "merge", "id": "g0", "scope": scope, "parents": [parent.digest for parent in parents],
             "parent_means": [0.5, 1.0], "modules": merged.to_json(), "accepted": True, "kept": merged.digest,
             "why": "no worse than its best parent"},
        ]  # fmt: skip
        return events

    def episode(self, phase: str, task: str, won: bool, scope: Mapping[str, Json] | None = None) -> list[Event]:
        """Its one call and itself."""
        call = self.call("agent", phase, 200, {**(scope or {}), "episode": f"{phase}-{task}"})
        trajectory = Trajectory(
            task_id=task,
            category=CATEGORIES[sum(task.encode()) % len(CATEGORIES)],
            goal=f"solve {task}",
            modules="seed",
            opening="You are in a room.",
            steps=(Step("Thought: look.\nAction: look", "look", "You see a mug."), Step("mumble", None, "Unreadable.")),
            status=Status.WON if won else Status.STEP_LIMIT,
            score=Score(won, float(won)),
            usage=Usage.from_json(call["usage"]),
        )
        event = {"kind": "episode", "id": f"{phase}-{task}", "phase": phase, "scope": dict(scope or {}), "repeat": 0}
        return [call, {**event, "trajectory": trajectory.to_json()}]

    def call(self, role: str, phase: str, prompt: int, scope: Mapping[str, Json]) -> Event:
        dollars = prompt * 1.5e-7 + 50 * 6e-7
        usage = Usage(prompt, 0, 50, 0, dollars)
        paid = Usage() if self.cached else usage
        return {
            "kind": "call", "id": digest(role, phase, str(scope)), "role": role, "phase": phase, "scope": dict(scope),
            "key": digest("key", role, str(scope)), "model": self.model, "usage": usage.to_json(),
            "paid": paid.to_json(), "cached": self.cached, "finish": "stop", "seconds": 0.1,
            "text": "Thought: look.\nAction: look", "tool_calls": [],
        }  # fmt: skip


def attempt(role: str = "agent", phase: str = "test", at: float = 1_700_000_000.0) -> Event:
    """A failed attempt that cost 10 prompt tokens and a cent."""
    usage = Usage(10, 0, 0, 0, 0.01).to_json()
    return {"kind": "attempt", "at": at, "call": "x", "role": role, "phase": phase, "error": "RateLimitError",
            "message": "slow down", "usage": usage, "seconds": 0.1}  # fmt: skip


def without(events: Sequence[Event], task: str, failure: str = "") -> list[Event]:
    """The events but for a test task's episode; with an infrastructure status, its failure in place of it."""
    kept: list[Event] = []
    for event in events:
        if event["kind"] == "episode" and event["trajectory"]["task_id"] == task:
            if failure:
                kept.append({"kind": "failure", "at": event["at"], "episode": event["id"], "phase": event["phase"],
                             "task_id": task, "status": failure, "error": "503 from the provider"})  # fmt: skip
            continue
        kept.append(event)
    return kept


def shuffled(events: Sequence[Event], seed: int) -> list[Event]:
    """The same events in an order that concurrency could have given them: header first, end last."""
    middle = list(events[2:-1])
    random.Random(seed).shuffle(middle)
    return [*events[:2], *middle, events[-1]]
