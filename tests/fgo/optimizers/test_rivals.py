"""What holds for every optimizer beside FGO, whatever it does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fgo.llm.types import Caller, Reply, Request
from fgo.optimizers.ace import ACE
from fgo.optimizers.agent_optimizer import AgentOptimizer
from fgo.optimizers.allowance import AllowanceConfig
from fgo.optimizers.base import Misconfigured
from fgo.optimizers.bootstrap import Bootstrap
from fgo.optimizers.expel import ExpeL
from fgo.optimizers.improve import ImproveConfig
from fgo.optimizers.opro import OPRO
from fgo.optimizers.protegi import ProTeGi
from fgo.optimizers.reflexion import Reflexion
from fgo.optimizers.sequential import Sequential
from fgo.types import Modules, Usage
from tests.fakes import make_lab, word_tasks
from tests.fgo.optimizers.running import WITH_TOOLS, run
from tests.fgo.optimizers.teacher import teach

METHODS: list[Any] = [
    Sequential(batch_size=2, improve=ImproveConfig(epochs=3)),
    Sequential(batch_size=3, improve=ImproveConfig(epochs=2, gate=False)),
    Bootstrap(attempts=2, epochs=3),
    Reflexion(epochs=3),
    OPRO(candidates=3, sample=3, finalists=2, epochs=3),
    ProTeGi(beam=2, minibatch=3, pulls=3, pull_size=2, epochs=3),
    ProTeGi(beam=2, minibatch=3, pulls=3, pull_size=2, epochs=3, bandit="successive_rejects"),
    ExpeL(epochs=3),
    ACE(epochs=3),
    ACE(batch=3, epochs=2),
    AgentOptimizer(epochs=3),
]
NAMES = [f"{type(method).__name__}-{number}" for number, method in enumerate(METHODS)]
KNOWING = WITH_TOOLS.child({"instructions": "Be brief.\n- word: apple"}, "seed")
FORMS = {
    "<operations>": "<operations>\nADD: word: pear [T1]\n</operations>",
    '<edit action="': '<edit action="add" name="f" cites="T1">\ndef f():\n    """\n- word: pear\n"""\n</edit>',
}


def play_along(request: Request, caller: Caller) -> str:
    """The teacher, who also knows the other forms of reply."""
    system = str(request.messages[0]["content"])
    known = [reply for form, reply in FORMS.items() if f"\n{form}" in system] if caller.role != "agent" else []
    return known[0] if known else teach(request, caller)


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_it_plays_no_more_than_it_foretells_and_learns(tmp_path: Path, method: Any) -> None:
    result = run(tmp_path, method, play_along, seed=KNOWING)

    assert len(result.of("episode")) <= method.episodes(4, 4)
    assert result.modules.digest != KNOWING.digest
    means = {event["modules"]: event["mean"] for event in result.of("validation")}
    assert means[result.modules.digest] == max(means.values())


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_an_allowance_of_episodes_is_kept_to(tmp_path: Path, method: Any) -> None:
    for amount in (4, 9, 13, 22, 40):
        allowance = AllowanceConfig("episodes", amount)
        result = run(tmp_path / str(amount), method, play_along, seed=KNOWING, allowance=allowance)
        assert len(result.of("episode")) <= amount


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_with_the_tokens_used_up_it_returns_the_best_it_has(tmp_path: Path, method: Any) -> None:
    result = run(tmp_path, method, play_along, seed=KNOWING, allowance=AllowanceConfig("tokens", 1))

    assert result.modules.digest == KNOWING.digest
    assert len(result.of("episode")) == 4


BAD = [
    "",
    "I refuse.",
    '<module name="instructions">\ncut',
    "<critique>\n</critique><operations>\nADD\n</operations>",
    "<operations>\nREMOVE 7\n</operations>\n<edit action='add'>",
    '<edit action="add" name="f">\ndef f(:\n</edit>',
    "\x00<module>" * 50,
]


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_malformed_empty_or_hostile_output_leaves_the_agent_as_it_was(tmp_path: Path, method: Any) -> None:
    if isinstance(method, Bootstrap):
        pytest.skip("asks no model but the agent")
    for number, output in enumerate(BAD):

        def broken(request: Request, caller: Caller, output: str = output) -> str:
            return teach(request, caller) if caller.role == "agent" else output

        result = run(tmp_path / str(number), method, broken, seed=KNOWING)
        assert result.modules.digest == KNOWING.digest
        told = result.of("proposal") + result.of("uncritiqued")
        assert told
        assert all(event["problem"] for event in told)


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_a_reply_that_was_cut_off_is_never_adopted(tmp_path: Path, method: Any) -> None:
    def cut(request: Request, caller: Caller) -> str | Reply:
        text = play_along(request, caller)
        return text if caller.role == "agent" else Reply(text, "length", Usage(1, 0, 1))

    result = run(tmp_path, method, cut, seed=KNOWING)
    assert result.modules["instructions"] == KNOWING["instructions"]
    assert result.modules["tools"] == ""


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_concurrency_and_a_second_run_change_nothing(tmp_path: Path, method: Any) -> None:
    def signature(folder: Path) -> tuple[str, list[str]]:
        result = run(folder, method, play_along, seed=KNOWING, n=5)
        return result.modules.digest, sorted(event["id"] for event in result.events if event.get("id"))

    assert signature(tmp_path / "a") == signature(tmp_path / "b")


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_modules_that_are_not_there_are_refused_by_name_before_anything_is_spent(tmp_path: Path, method: Any) -> None:
    if isinstance(method, AgentOptimizer):
        pytest.skip("any agent can get functions")
    lab, door = make_lab(tmp_path, teach)
    with pytest.raises(Misconfigured, match="this environment's modules are other"):
        asyncio.run(method.optimize(Modules({"other": "x"}), word_tasks(4), lab))
    assert door.asked == []


@pytest.mark.parametrize(
    ("method", "key"),
    [
        (Sequential, "batch_size"), (Bootstrap, "candidates"), (Reflexion, "trials"), (OPRO, "sample"), (ProTeGi, "pulls"),
        (ExpeL, "rules"), (ACE, "tokens"), (AgentOptimizer, "edits"),
    ],
)  # fmt: skip
def test_impossible_settings_are_refused_by_name(method: Any, key: str) -> None:
    with pytest.raises(ValueError, match=f"optimizer.{key}=0: expected at least 1"):
        method(**{key: 0})
