"""What holds for every rival that is run from its own package, and for our small ones beside them."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fgo.journal import read_events
from fgo.llm.types import BudgetExceeded, Caller, ProviderUnavailable, Request
from fgo.optimizers.allowance import AllowanceConfig
from fgo.optimizers.base import Misconfigured, Optimizer
from fgo.optimizers.dspy_miprov2 import MIPROv2
from fgo.optimizers.dspy_simba import SIMBA
from fgo.optimizers.gepa import GEPA
from fgo.optimizers.gepa_like import GEPALike
from fgo.optimizers.skillopt_like import SkillOptLike
from fgo.types import Modules
from tests.fakes import SEED, Answer, ScriptedDoor, make_lab, word_tasks
from tests.fgo.optimizers.any_form import teach_any

RIVALS: dict[str, Optimizer] = {
    "gepa": GEPA(passes=2),
    "gepa_like": GEPALike(passes=2),
    "skillopt_like": SkillOptLike(batch=4, minibatch=2),
    "dspy_miprov2": MIPROv2(candidates=4, trials=5),
    "dspy_simba": SIMBA(steps=2, minibatch=4, candidates=3),
}
PACKAGES = [("gepa", "gepa"), ("dspy_miprov2", "dspy"), ("dspy_miprov2", "optuna"), ("dspy_simba", "dspy")]
TASKS = 6
HELD = 3


@pytest.fixture(params=RIVALS)
def rival(request: pytest.FixtureRequest) -> Iterator[Optimizer]:
    for package in (package for name, package in PACKAGES if name == request.param):
        pytest.importorskip(package)  # they are optional
    before = set(threading.enumerate())
    yield RIVALS[request.param]
    assert set(threading.enumerate()) <= before


def run(
    folder: Path, rival: Optimizer, answer: Answer = teach_any, **settings: Any
) -> tuple[Modules, ScriptedDoor, list[dict[str, Any]]]:
    lab, door = make_lab(folder, answer, validation=word_tasks(HELD, start=8), **settings)
    best = asyncio.run(rival.optimize(SEED, word_tasks(TASKS), lab))
    lab.journal.close()
    return best, door, events(folder)


def events(folder: Path) -> list[dict[str, Any]]:
    return [{key: value for key, value in e.items() if key != "at"} for e in read_events(folder / "journal.jsonl")]


def played(found: list[dict[str, Any]]) -> int:
    return sum(event["kind"] == "episode" for event in found)


def means_of(found: list[dict[str, Any]]) -> dict[str, float]:
    """Validation means by modules; of training episodes for the one that never validates."""
    means = {event["modules"]: event["mean"] for event in found if event["kind"] == "validation"}
    if means:
        return means
    scores: dict[str, list[float]] = {}
    for event in found:
        if event["kind"] == "episode":
            scores.setdefault(event["trajectory"]["modules"], []).append(event["trajectory"]["score"]["value"])
    return {modules: sum(values) / len(values) for modules, values in scores.items()}


def test_it_learns_within_its_schedule_and_returns_what_did_best(tmp_path: Path, rival: Optimizer) -> None:
    best, door, found = run(tmp_path, rival)
    means = means_of(found)
    assert means[best.digest] == max(means.values()) > means[SEED.digest]
    assert best.parents
    assert 0 < played(found) <= rival.episodes(TASKS, HELD)
    asked = {(caller.role, caller.phase) for _, caller in door.asked}
    assert asked - {("agent", "validate")} == {("agent", "explore"), ("optimizer", "optimize")}
    assert (("agent", "validate") in asked) == (not isinstance(rival, SIMBA))
    shown = "".join(str(request.messages) for request, caller in door.asked if caller.role == "optimizer")
    assert not {f"say word {index}" for index in range(8, 8 + HELD)} & set(shown.split("\n"))


def test_its_proposals_and_decisions_can_be_traced(tmp_path: Path, rival: Optimizer) -> None:
    best, _, found = run(tmp_path, rival)
    proposed = {
        Modules.from_json(e["modules"]).digest: e for e in found if e["kind"] == "proposal" and e["modules"] is not None
    }
    digest, steps = best.digest, 0
    while digest != SEED.digest:
        assert steps < 20
        digest, steps = proposed[digest]["parent"], steps + 1
    episodes = {event["id"] for event in found if event["kind"] == "episode"}
    assert all(set(event["shown"].values()) <= episodes for event in proposed.values())
    assert all(event["candidate"] in proposed for event in found if event["kind"] == "decision")


@pytest.mark.parametrize("amount", [2, 3, 8, 17, 30])
def test_an_allowance_of_episodes_is_never_exceeded(tmp_path: Path, rival: Optimizer, amount: int) -> None:
    _, _, found = run(tmp_path, rival, allowance=AllowanceConfig("episodes", amount))
    assert played(found) <= amount


def test_an_allowance_of_tokens_ends_it_with_the_best_so_far(tmp_path: Path, rival: Optimizer) -> None:
    best, _, found = run(tmp_path, rival, allowance=AllowanceConfig("tokens", 4000))
    _, _, all_found = run(tmp_path / "all", rival)
    assert 0 < played(found) < played(all_found)
    assert best.digest in means_of(found)


def test_it_is_the_same_again_and_goes_on_where_it_was(tmp_path: Path, rival: Optimizer) -> None:
    best, _, whole = run(tmp_path / "a", rival)
    again, _, same = run(tmp_path / "b", rival)
    assert best == again
    assert stable(same) == stable(whole)
    lines = (tmp_path / "a" / "journal.jsonl").read_bytes().splitlines(keepends=True)
    for number, kept in enumerate((1, len(lines) // 2, len(lines) - 2)):
        folder = tmp_path / f"cut{number}"
        folder.mkdir()
        (folder / "journal.jsonl").write_bytes(b"".join(lines[:kept]) + b'{"kind": "epi')
        resumed, door, found = run(folder, rival)
        assert resumed == best
        assert stable(found) == stable(whole)
    asked = {caller.scope["episode"] for _, caller in door.asked if caller.role == "agent"}
    assert len(asked) <= 2  # all but the last two events stood there


def stable(found: list[dict[str, Any]]) -> list[str]:
    """Concurrent episodes finish in any order."""
    return sorted(str(sorted(event.items())) for event in found)


@pytest.mark.parametrize(
    "output", ["", "I refuse.", "```", "```\n```", "\x00[[ ## completed ## ]]" * 50, "[[ ## discussion ## ]]\n{", "{}"]
)
def test_malformed_empty_or_hostile_output_is_survived(tmp_path: Path, rival: Optimizer, output: str) -> None:
    best, _, found = run(tmp_path, rival, lambda r, c: teach_any(r, c) if c.role == "agent" else output)
    means = means_of(found)
    assert best == SEED or means[best.digest] >= means[SEED.digest]


def failing(error: BaseException, role: str, phase: str) -> Answer:
    def answer(request: Request, caller: Caller) -> str | BaseException:
        return error if (caller.role, caller.phase) == (role, phase) else teach_any(request, caller)

    return answer


@pytest.mark.parametrize("role", [("agent", "explore"), ("agent", "validate"), ("optimizer", "optimize")], ids=str)
@pytest.mark.parametrize("error", [BudgetExceeded("enough"), KeyError("a bug")], ids=repr)
def test_what_fails_on_our_side_ends_it(
    tmp_path: Path, rival: Optimizer, error: BaseException, role: tuple[str, str]
) -> None:
    if isinstance(rival, SIMBA) and role[1] == "validate":
        role = ("agent", "explore")
    with pytest.raises(type(error)) as caught:
        run(tmp_path, rival, failing(error, *role))
    assert caught.value is error


def test_a_provider_that_is_down_ends_it(tmp_path: Path, rival: Optimizer) -> None:
    with pytest.raises(ProviderUnavailable):
        run(tmp_path, rival, failing(ProviderUnavailable("down"), "optimizer", "optimize"))


def test_cancelled_it_stops_at_once(tmp_path: Path, rival: Optimizer) -> None:
    lab, _ = make_lab(tmp_path, teach_any, validation=word_tasks(HELD, start=8))

    async def main() -> None:
        work = asyncio.create_task(rival.optimize(SEED, word_tasks(TASKS), lab))
        while not any(event["kind"] == "episode" for event in read_events(lab.journal.path)):
            await asyncio.sleep(0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_nothing_is_written_but_the_journal_and_nobody_called(
    tmp_path: Path, rival: Optimizer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("home", "here", "run"):
        (tmp_path / name).mkdir()
    called: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: called.append(address))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    run(tmp_path / "run", rival)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "run/journal.jsonl"
    ]
    assert capsys.readouterr() == ("", "")
    assert called == []


@pytest.mark.parametrize(("name", "package"), PACKAGES)
def test_a_missing_package_is_named_before_anything_is_spent(
    tmp_path: Path, name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for needed in (needed for other, needed in PACKAGES if other == name and needed != package):
        pytest.importorskip(needed)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Misconfigured, match=rf"{package}.*pip install 'fgo-harness\[rivals\]'"):
        run(tmp_path, RIVALS[name])
    assert events(tmp_path) == []


BAD: list[Callable[[], Optimizer]] = [
    lambda: GEPA(passes=0),
    lambda: GEPA(minibatch=0),
    lambda: GEPA(modules=()),
    lambda: GEPALike(passes=0),
    lambda: GEPALike(minibatch=0),
    lambda: GEPALike(modules=()),
    lambda: SkillOptLike(passes=0),
    lambda: SkillOptLike(edits=1),
    lambda: MIPROv2(candidates=1),
    lambda: MIPROv2(trials=0),
    lambda: SIMBA(steps=0),
    lambda: SIMBA(minibatch=0),
    lambda: SIMBA(candidates=0),
]


@pytest.mark.parametrize("make", BAD)
def test_impossible_settings_are_refused(make: Callable[[], Optimizer]) -> None:
    with pytest.raises(ValueError, match="optimizer"):
        make()


@pytest.mark.parametrize(
    "rival", [GEPA(modules=("tools",)), GEPALike(modules=("tools",)), SkillOptLike(module="tools")]
)
def test_a_module_that_the_agent_has_not_is_named(tmp_path: Path, rival: Optimizer) -> None:
    with pytest.raises(Misconfigured, match="tools: this environment's modules are instructions, demonstrations"):
        run(tmp_path, rival)
