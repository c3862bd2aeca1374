"""What every optimizer owes every environment, at the smallest size: a new YAML in either folder is tested here as it comes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest

from experiments.composition import config_folder, settings_of
from experiments.point import run_point
from experiments.settings import Settings
from experiments.summary import PointResult
from fgo.llm.provider import AttemptFailed, Completion
from fgo.llm.sim.model import SimulatedModel, WindowExceeded
from fgo.llm.types import ContextOverflow, Request
from fgo.optimizers.base import Misconfigured
from fgo.types import Json, Modules, Phase, Role, Usage
from tests.experiments.words import events

CONF = Path(config_folder())
PAIRS = [
    (optimizer.stem, env.stem)
    for optimizer in sorted((CONF / "optimizer").glob("*.yaml"))
    for env in sorted((CONF / "env").glob("*.yaml"))
    if optimizer.stem == "fgo"
    or env.stem not in ("alfworld_guided", "logisticsqa_short")  # the same but for their tasks
]
PLACED = {  # what an environment needs to be the same everywhere
    "alfworld": ["env.source=generated"],
    "alfworld_guided": ["env.source=generated"],
    "gaia": ["env.source=embedded"],
    "logisticsqa": ["env.source=generated"],
    "logisticsqa_short": ["env.source=generated"],
}
PACKAGES = ("gepa", "dspy_miprov2", "dspy_simba")  # which decide themselves what text they try
ALLOWANCE = 24
UNTIMED = ("at", "seconds", "paid", "cached", "pid")
RESULTS = ("division", "episode", "uncritiqued", "proposal", "validation", "decision", "merge", "context", "modules")
UNUSABLE = (
    "Sorry, I can't help with that.",
    "",
    '<module name="instructions">\n</module>\n<module name="instructions">\n</module>',
    "<critique></critique>",
    "<operations>\nDROP TABLE rules;\nADD\nEDIT 99: x\n</operations>" + "<operations>" * 50,
    '<edit action="add" name="f">\nimport os\nos.system("true")\n</edit>',
    "\x00<module>\u202e</instructions>" * 300,
)


@dataclass
class Simulated:
    """The simulated model without litellm. spoils: whether all but agents get replies that can't be used, some cut off."""

    settings: Settings
    spoils: bool = False
    calls: int = 0
    spoilt: int = 0
    _model: SimulatedModel = field(init=False)

    def __post_init__(self) -> None:
        config, parameters = self.settings.model.config, self.settings.model.simulated
        assert parameters is not None
        self._model = SimulatedModel(parameters, [self.settings.env.simulated()], config.window, config.max_output)

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        self.calls += 1
        first = request.messages[0]
        told = first["role"] == "system" and self.settings.env.simulated().recognises(str(first["content"]))
        is_agent = bool(request.tools) or told
        if self.spoils and not is_agent:
            self.spoilt += 1
            return self._spoilt(request, self.spoilt)
        try:
            made = self._model.complete(
                request.messages,
                seed=request.seed or 0,
                max_tokens=request.max_tokens,
                stop=request.stop,
                tools=request.tools,
            )
        except WindowExceeded as error:
            raise AttemptFailed(str(error), name="WindowExceeded", retry=False, final=ContextOverflow) from error
        return Completion(made.text, made.finish, Usage(made.prompt_tokens, 0, made.completion_tokens), made.tool_calls)

    def _spoilt(self, request: Request, number: int) -> Completion:
        usage = Usage(10, 0, 10)
        if number % 4 == 0:  # half of a good reply
            whole = self._model.complete(request.messages, seed=request.seed or 0).text
            return Completion(whole[: len(whole) // 2], "length", usage)
        return Completion(UNUSABLE[number % len(UNUSABLE)], "stop", usage)

    async def close(self) -> None:
        return None


def point(folder: Path, optimizer: str, env: str, *more: str) -> Settings:
    return settings_of([
        f"env={env}", f"optimizer={optimizer}", "model=sim", "tracker=none", "cache=null", f"runs={folder}",
        f"run_dir={folder / 'run'}", "agent.max_steps=6", "train_size=4", "validation_size=2", "test_size=1",
        "allowance.unit=episodes", f"allowance.amount={ALLOWANCE}", *PLACED.get(env, ()), *more,
    ])  # fmt: skip


def run(settings: Settings, provider: Simulated) -> PointResult:
    return asyncio.run(run_point(settings, ["fgo", "run"], provider))


def skip_what_does_not_fit(settings: Settings) -> None:
    """An optimizer of modules that an environment lacks says so before anything is asked; the rest is not for this pair."""
    optimizer: Any = settings.optimizer
    wanted = {*getattr(optimizer, "modules", ()), *getattr(getattr(optimizer, "improve", None), "modules", ())}
    wanted |= {optimizer.module} if hasattr(optimizer, "module") else set()
    there = settings.env.seed_modules().texts
    if wanted <= set(there):
        return
    provider = Simulated(settings)
    with pytest.raises(Misconfigured, match=f"this environment's modules are {', '.join(there)}"):
        run(settings, provider)
    assert provider.calls == 0
    pytest.skip(f"{sorted(wanted - set(there))}: refused, as it should be")


def results(folder: Path) -> dict[tuple[str, str], Mapping[str, Json]]:
    """What a run came to, by kind and id, without what differs from run to run."""
    return {
        (event["kind"], event["id"]): {key: value for key, value in event.items() if key not in UNTIMED}
        for event in events(folder, *RESULTS)
    }


def killed(whole: Path, folder: Path, at: int) -> None:
    """A folder as a kill leaves it after so many events, in the middle of writing the next one."""
    lines = (whole / "journal.jsonl").read_bytes().splitlines(keepends=True)
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_bytes(b"".join(lines[:at]) + lines[at][: len(lines[at]) // 2])


def paid_calls(folder: Path) -> list[dict[str, Json]]:
    return [call for call in events(folder, "call") if not call["cached"]]


def call_ids(folder: Path) -> set[str]:
    return {call["id"] for call in events(folder, "call")}


@pytest.mark.parametrize(("optimizer", "env"), PAIRS)
def test_it_keeps_to_the_rules_and_ends_the_same_however_it_is_run(tmp_path: Path, optimizer: str, env: str) -> None:
    whole = point(tmp_path / "whole", optimizer, env)
    skip_what_does_not_fit(whole)
    provider = Simulated(whole)
    result = run(whole, provider)

    assert result.complete
    assert_it_plays_fair(whole, result)
    assert_it_reports_all_calls(whole.folder, provider.calls)

    stopped = point(
        tmp_path / "stopped", optimizer, env, "executor.episodes=1"
    )  # not side by side: no result may change
    at = random.Random(f"{optimizer} {env}").randrange(5, len(events(whole.folder)) - 1)
    killed(whole.folder, stopped.folder, at)
    paid = len(paid_calls(stopped.folder))
    again = Simulated(stopped)
    run(stopped, again)

    assert results(stopped.folder) == results(whole.folder)
    assert again.calls == provider.calls - paid
    assert call_ids(stopped.folder) == call_ids(whole.folder)


def assert_it_plays_fair(settings: Settings, result: PointResult) -> None:
    """No more episodes than allowed or foretold, each of a split in its phase, and the test only once all is decided."""
    planned = settings.optimizer.episodes(4, 2)
    assert result.training_episodes <= min(planned, ALLOWANCE)
    tasks = {event["use"]: set(event["tasks"]) for event in events(settings.folder, "tasks")}
    of_phase = {"explore": "train", "validate": "validation", "test": "test"}
    decided = False
    for event in events(settings.folder):
        decided = decided or event["kind"] == "modules"
        if event["kind"] == "episode":
            assert event["trajectory"]["task_id"] in tasks[of_phase[event["phase"]]]
        if event["kind"] in ("episode", "call"):
            assert (event["phase"] == "test") == decided


def assert_it_reports_all_calls(folder: Path, asked: int) -> None:
    assert len(paid_calls(folder)) == asked
    for call in events(folder, "call"):
        assert call["role"] in get_args(Role)
        assert call["phase"] in (("explore", "validate", "test") if call["role"] == "agent" else ("optimize", "merge"))
        assert call["phase"] in get_args(Phase)
        assert call["usage"]["prompt_tokens"] > 0


@pytest.mark.parametrize(("optimizer", "env"), PAIRS)
def test_replies_that_can_not_be_used_end_no_run_and_change_no_agent(tmp_path: Path, optimizer: str, env: str) -> None:
    settings = point(tmp_path, optimizer, env)
    skip_what_does_not_fit(settings)
    provider = Simulated(settings, spoils=True)
    result = run(settings, provider)
    (event,) = events(settings.folder, "modules")

    assert result.complete
    final, seed = Modules.from_json(event["modules"]), settings.env.seed_modules()
    assert final["instructions"] == seed["instructions"]
    if provider.spoilt:
        assert final.digest == seed.digest
        told = [e for e in events(settings.folder, "proposal", "uncritiqued", "merge") if not e.get("accepted")]
        assert told or optimizer in PACKAGES
        assert optimizer in PACKAGES or all(e["problem"] for e in told if e["kind"] != "merge")
