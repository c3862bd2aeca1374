from __future__ import annotations

import re
from pathlib import Path

from fgo.llm.types import Caller, Request
from fgo.optimizers.ace import ACE
from tests.fgo.optimizers.running import run
from tests.fgo.optimizers.teacher import teach


def curate(request: Request, caller: Caller) -> str:
    """Reflects that the word was W; the curator adds it."""
    if caller.role != "optimizer":
        return teach(request, caller)
    shown = str(request.messages[1]["content"])
    label = re.findall(r'<critique about="(T\d+)">', shown)[0]
    words = re.findall(r"the word was \['(\w+)'", shown)
    lines = [f"ADD: word: {word} [{label}]" for word in words] or ["NONE"]
    return "\n".join(["<operations>", *lines, "</operations>"])


def test_each_sample_is_played_with_what_the_ones_before_taught(tmp_path: Path) -> None:
    result = run(tmp_path, ACE(epochs=1), curate)
    rules = [re.findall(r"^\[b\d+\] .*$", prompt, re.MULTILINE) for prompt in result.prompts("optimizer")]

    assert [len(each) for each in rules] == [0, 1, 2, 3]
    assert rules[-1][0] == "[b1] (helpful 0, harmful 0) word: apple"
    assert result.modules["instructions"] == "Be brief.\n- word: apple\n- word: pear\n- word: plum\n- word: fig"
    assert result.of("proposal")[0]["evidence"]["- word: plum"] == ["T3"]
    assert set(result.of("proposal")[0]["shown"]) == {"T1", "T2", "T3", "T4"}


def test_a_batch_is_played_with_one_playbook(tmp_path: Path) -> None:
    result = run(tmp_path, ACE(batch=4, epochs=1), curate)
    agents = {event["trajectory"]["modules"] for event in result.of("episode") if event["phase"] == "explore"}
    assert len(agents) == 1
    assert result.modules["instructions"].count("- word:") == 4


def test_the_reflector_judges_bullets_and_the_curator_sees_the_count(tmp_path: Path) -> None:
    def judging(request: Request, caller: Caller) -> str:
        shown = str(request.messages[1]["content"])
        if caller.role == "evaluator" and "[b1]" in shown:
            return "<critique>\n- [b1] harmful\n</critique>"
        return curate(request, caller)

    result = run(tmp_path, ACE(epochs=1), judging)
    assert "[b1] (helpful 0, harmful 3) word: apple" in result.prompts("optimizer")[-1]


def test_a_worse_playbook_is_not_returned_but_gone_on_with(tmp_path: Path) -> None:
    def spoil(request: Request, caller: Caller) -> str:
        """In the first pass it learns; in the second it removes what it learnt."""
        if caller.role == "optimizer" and caller.scope["epoch"] == 1:
            ids = re.findall(r"^\[(b\d+)\]", str(request.messages[1]["content"]), re.MULTILINE)
            return f"<operations>\nREMOVE {ids[0]}\n</operations>" if ids else "<operations>\nNONE\n</operations>"
        return curate(request, caller)

    result = run(tmp_path, ACE(epochs=3, patience=2), spoil)
    assert [event["accepted"] for event in result.of("decision")] == [True, False]
    assert result.modules["instructions"].count("- word:") == 4
    assert "[b" not in result.prompts("evaluator")[-4]  # the third pass starts from the second's empty playbook


def test_the_playbook_stays_within_its_tokens(tmp_path: Path) -> None:
    result = run(tmp_path, ACE(tokens=12, epochs=1), curate)
    assert result.modules["instructions"].count("- word:") == 2


def test_what_a_bullet_cites_stays_the_same_episode_in_later_passes(tmp_path: Path) -> None:
    def slowly(request: Request, caller: Caller) -> str:
        """Curates the first sample of a pass alone."""
        if caller.role == "optimizer" and caller.scope["sample"] != caller.scope["epoch"]:
            return "<operations>\nNONE\n</operations>"
        return curate(request, caller)

    result = run(tmp_path, ACE(epochs=2), slowly)
    first, second = result.of("proposal")
    assert second["evidence"] == {"- word: apple": ["T1"], "- word: pear": ["T6"]}
    assert second["shown"]["T1"] == first["shown"]["T1"]
    assert set(second["shown"]) == {"T1", "T5", "T6", "T7", "T8"}
