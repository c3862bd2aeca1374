"""A journal of any number of episodes, as long as real ones are: 20 steps and 20 calls an episode, no two alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import orjson

from fgo.types import Json
from tests.experiments.synthetic import CATEGORIES, Synthetic

STEPS = 20
_THINGS = [
    f"{thing} {n}" for thing in ("cabinet", "drawer", "mug", "plate", "lamp", "apple", "pencil") for n in range(1, 40)
]


def write_large(folder: Path, episodes: int, seed: int = 0) -> Path:
    """A complete run's journal, of which at most 500 episodes are the test's. About 14 kB an episode."""
    tested = min(500, episodes // 2)
    run = Synthetic(solved=[i % 3 > 0 for i in range(tested)])
    small = [event for event in run.events() if event["kind"] not in ("episode", "call")]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "journal.jsonl"
    chance = random.Random(seed)
    with path.open("wb") as file:
        file.writelines(orjson.dumps(event) + b"\n" for event in small[:-1])
        for number in range(episodes):
            file.writelines(orjson.dumps(event) + b"\n" for event in _episode(run, number, tested, chance))
        file.write(orjson.dumps(small[-1]) + b"\n")
    return path


def _episode(run: Synthetic, number: int, tested: int, chance: random.Random) -> Iterator[dict[str, Json]]:
    phase = "test" if number < tested else ("explore", "validate")[number % 2]
    task = run.test_tasks[number] if number < tested else f"train-{number % 97}"
    won = number % 3 > 0
    steps = []
    for step in range(STEPS):
        goes, sees = chance.choice(_THINGS), ", a ".join(chance.sample(_THINGS, 8))
        reply = f"Thought: I look for it at the {goes} next.\nAction: go to {goes}"
        steps.append([reply, f"go to {goes}", f"You arrive at {goes}. On it, you see a {sees}."])
        usage = {"prompt_tokens": 900 + 40 * step, "completion_tokens": 22}
        yield {
            "kind": "call", "at": 1_700_000_100.0 + number, "id": f"{number:08x}{step:08x}", "role": "agent", "phase": phase,
            "scope": {"modules": "55d71b3ca2a77de1", "episode": f"{number:016x}"}, "key": f"{chance.getrandbits(128):032x}",
            "model": "sim-base", "usage": usage, "paid": {}, "cached": True, "finish": "stop", "seconds": 0.1, "text": reply,
            "tool_calls": [],
        }  # fmt: skip
    trajectory = {
        "task_id": task, "category": CATEGORIES[number % len(CATEGORIES)], "goal": f"put a {chance.choice(_THINGS)} away",
        "modules": "seed", "opening": f"You see a {', a '.join(chance.sample(_THINGS, 20))}.", "steps": steps,
        "status": "won" if won else "step_limit", "score": {"success": won, "value": float(won), "details": {}},
        "usage": {"prompt_tokens": 25_000, "cached_tokens": 0, "completion_tokens": 440, "reasoning_tokens": 0, "dollars": 0.0},
        "error": "", "episode": f"{number:016x}",
    }  # fmt: skip
    yield {
        "kind": "episode", "at": 1_700_000_100.0 + number, "id": f"{number:016x}", "phase": phase,
        "scope": {"modules": "seed"}, "repeat": 0, "trajectory": trajectory,
    }  # fmt: skip
