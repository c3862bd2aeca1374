from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from experiments.composition import settings_of
from experiments.settings import differences, fingerprint

RESOLVED: dict[str, Any] = json.loads(json.dumps(settings_of([]).resolved))

IDLE = {
    "executor.episodes": 3, "executor.tries": 7, "tracker.project": "other", "tracker.mode": "disabled",
    "budget.dollars": 3.0, "budget.calls": 9, "runs": "/elsewhere", "run_dir": "/there", "cache": None, "record": "r.jsonl",
    "replay": "r.jsonl", "env.workers": 9, "env.recycle_after": 5, "env.cache": "/c", "model.max_concurrency": 2,
    "model.attempts": 9, "model.timeout_seconds": 5.0, "model.requests_per_minute": 60, "study.title": "T",
    "study.grid": {"seed": [0]}, "plan.yes": True, "plan.ask_above_dollars": 0.0, "price_as": "gpt-4o",
}  # fmt: skip

TELLING = {
    "seed": 1, "train_size": 25, "validation_size": 13, "test_size": 7, "epochs": 3, "patience": 3, "study.name": "other",
    "allowance.unit": "episodes", "asking.drop": "oldest", "asking.context_cap": 5000, "agent.max_steps": 49,
    "agent._target_": "envs.alfworld.environment.AlfWorld", "optimizer.split": "category", "optimizer.improve.epochs": 3,
    "optimizer.merge.arity": None, "env.generated_seed": 1, "env.source": "generated", "model.name": "sim/other",
    "model.window": 9000, "model.temperature": 0.5, "model.extra_body": {"k": 1}, "model.prices.input": 1.0,
    "sandbox.seconds": 3.0, "model.simulated.competence": 0.5, "optimizer_model": {"name": "openai/gpt-4o-mini"},
}  # fmt: skip


def changed(key: str, value: Any) -> dict[str, Any]:
    resolved = copy.deepcopy(RESOLVED)
    node = resolved
    *path, last = key.split(".")
    for part in path:
        node = node[part]
    node[last] = value
    return resolved


@pytest.mark.parametrize("key", IDLE)
def test_where_how_fast_and_how_visibly_a_run_is_made_is_no_part_of_its_fingerprint(key: str) -> None:
    other = changed(key, IDLE[key])

    assert other != RESOLVED
    assert fingerprint(other) == fingerprint(RESOLVED)
    assert differences(RESOLVED, other) == []


@pytest.mark.parametrize("key", TELLING)
def test_everything_else_changes_the_fingerprint_and_is_named_as_the_difference(key: str) -> None:
    other = changed(key, TELLING[key])

    assert fingerprint(other) != fingerprint(RESOLVED)
    named = [line.split(": ")[0] for line in differences(RESOLVED, other)]
    assert any(name.startswith(key) or key.startswith(name) for name in named)


def test_a_difference_tells_old_and_new_value() -> None:
    assert differences(RESOLVED, changed("optimizer.improve.epochs", 3)) == ["optimizer.improve.epochs: 2 -> 3"]
    assert differences(RESOLVED, changed("model.temperature", None)) == ["model.temperature: 0.0 -> None"]


def test_the_order_of_keys_means_nothing() -> None:
    backwards = {key: RESOLVED[key] for key in reversed(RESOLVED)}

    assert fingerprint(backwards) == fingerprint(RESOLVED)


def test_every_key_has_been_weighed() -> None:
    weighed = {key.split(".")[0] for key in (*IDLE, *TELLING)}

    assert set(RESOLVED) == weighed
