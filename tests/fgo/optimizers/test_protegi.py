from __future__ import annotations

from pathlib import Path

from fgo.llm.types import Caller, Request
from fgo.optimizers.protegi import ProTeGi
from tests.fakes import SEED
from tests.fgo.optimizers.running import run
from tests.fgo.optimizers.teacher import teach

SMALL = ProTeGi(beam=2, minibatch=4, gradients=3, errors=2, paraphrases=1, pulls=4, pull_size=2, epochs=1)


def vary(request: Request, caller: Caller) -> str:
    """The teacher; a paraphrase says the same with one more word of no use, each another."""
    text = teach(request, caller)
    if "paraphrase" in caller.scope and caller.role == "optimizer":
        return text.replace("</module>", f"- word: w{caller.scope['gradient']}\n</module>")
    return text


def test_gradients_are_drawn_from_groups_of_failures_and_edits_see_them(tmp_path: Path) -> None:
    result = run(tmp_path, SMALL, vary)
    gradients = result.prompts("evaluator")
    edits = [prompt for prompt in result.prompts("optimizer") if "<critique about=" in prompt]

    assert len(gradients) == len(edits) == 3
    assert all(prompt.count("<trajectory ") == 2 for prompt in (*gradients, *edits))
    assert all('<critique about="T1, T2">\n- the word was' in prompt for prompt in edits)


def test_edits_are_paraphrased_and_successors_drawn_from_both(tmp_path: Path) -> None:
    result = run(tmp_path, SMALL, vary)
    made = [event for event in result.of("proposal") if "paraphrase" in event["scope"]]
    edited = {event["modules"]["texts"]["instructions"] for event in result.of("proposal") if event not in made}

    assert len(made) == 3
    assert all(event["modules"]["texts"]["instructions"].rpartition("\n")[0] in edited for event in made)
    pulled = {e["trajectory"]["modules"] for e in result.of("episode") if "pull" in e["scope"]}
    assert SEED.digest in pulled  # the beam stays in the race
    assert len(pulled) > 2


def test_the_beam_goes_on_and_its_best_is_chosen_by_validation(tmp_path: Path) -> None:
    method = ProTeGi(beam=2, minibatch=4, gradients=2, errors=4, paraphrases=0, pulls=4, pull_size=4, epochs=3)
    result = run(tmp_path, method, vary)
    members = {event["scope"]["member"] for event in result.of("proposal") if event["scope"]["epoch"] == 1}

    assert result.modules["instructions"].count("- word:") == 4
    assert members <= {0, 1}
    assert len(result.of("validation")) <= 1 + 2
    assert result.of("validation")[-1]["mean"] == 1.0 or result.of("validation")[-2]["mean"] == 1.0


def test_successors_are_cut_to_their_number(tmp_path: Path) -> None:
    method = ProTeGi(
        beam=1, minibatch=4, gradients=4, errors=1, successors=2, paraphrases=2, pulls=8, pull_size=1, epochs=1
    )
    result = run(tmp_path, method, vary)
    pulled = {e["trajectory"]["modules"] for e in result.of("episode") if "pull" in e["scope"]}
    assert len(pulled) == 3


def test_an_agent_without_failures_has_no_gradient_and_is_left_alone(tmp_path: Path) -> None:
    perfect = SEED.child({"instructions": "- word: apple"}, "seed")
    result = run(tmp_path, SMALL, vary, n=1, seed=perfect)
    assert result.modules is perfect
    assert result.prompts("evaluator") == []
