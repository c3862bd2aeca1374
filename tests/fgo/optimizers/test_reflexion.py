from __future__ import annotations

from pathlib import Path

from fgo.llm.types import Caller, Request
from fgo.optimizers.reflexion import Reflexion
from tests.fgo.optimizers.running import run
from tests.fgo.optimizers.teacher import teach


def remember(request: Request, caller: Caller) -> str:
    """Reflects in the words that the agent understands."""
    if caller.role != "evaluator":
        return teach(request, caller)
    words = str(request.messages[1]["content"]).split("the word was ")[1:]
    return "<critique>\n" + "\n".join(f"- word: {text.split('.')[0]}" for text in words[:1]) + "\n</critique>"


def test_a_failed_task_is_tried_again_with_its_own_reflection_and_no_other(tmp_path: Path) -> None:
    result = run(tmp_path, Reflexion(epochs=1), remember, n=2)
    trials = [event for event in result.of("episode") if event["phase"] == "explore"]
    retried = [
        str(request.messages[0]["content"])
        for request, caller in result.door.asked
        if caller.role == "agent" and caller.scope.get("trial") == 1
    ]

    assert [event["trajectory"]["score"]["success"] for event in trials] == [False, False, True, True]
    assert [event["scope"].get("trial") for event in trials] == [None, None, 1, 1]
    assert all(prompt.count("- word:") == 1 for prompt in retried)
    assert all("You have tried this task before" in prompt for prompt in retried)


def test_reflections_are_distilled_with_what_came_of_them(tmp_path: Path) -> None:
    result = run(tmp_path, Reflexion(epochs=1), remember, n=2)
    (prompt,) = result.prompts("optimizer")

    assert prompt.count("(Tried again with this, the agent succeeded.)") == 2
    assert result.modules["instructions"] == "Be brief.\n- word: apple\n- word: pear"
    assert "tried this task before" not in result.modules["instructions"]
    failed = [e["id"] for e in result.of("episode") if e["phase"] == "explore" and "trial" not in e["scope"]]
    assert sorted(result.of("proposal")[0]["shown"].values()) == sorted(failed)


def test_trials_end_with_their_number_and_reflections_add_up(tmp_path: Path) -> None:
    def useless(request: Request, caller: Caller) -> str:
        return teach(request, caller) if caller.role != "evaluator" else "<critique>\n- try harder\n</critique>"

    result = run(tmp_path, Reflexion(trials=3, epochs=1), useless, n=1)
    assert result.episodes("explore") == 3
    assert len(result.prompts("evaluator")) == 2
    assert "try harder" in result.prompts("evaluator")[1]  # the second reflection knows the first
    assert result.prompts("optimizer")[0].count("the agent failed again") == 2
