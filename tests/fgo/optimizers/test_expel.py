from __future__ import annotations

from pathlib import Path

import pytest

from fgo.llm.types import Caller, Request
from fgo.optimizers.expel import ExpeL, Rule, edited
from fgo.optimizers.operations import Operation
from tests.fakes import SEED, obey, say
from tests.fgo.optimizers.running import replying, run

APPLE = SEED.child({"instructions": "Be brief.\n- word: apple"}, "seed")
FULL = tuple(Rule(f"rule {number}", 4) for number in range(20))


def importances(*operations: Operation, rules: tuple[Rule, ...] = (Rule("a", 3), Rule("b", 1))) -> dict[str, int]:
    return {rule.text: rule.importance for rule in edited(rules, operations, 20)}


def test_rules_gain_and_lose_importance_and_are_dropped_at_none() -> None:
    assert importances(Operation("ADD", "", "c")) == {"a": 3, "c": 2, "b": 1}
    assert importances(Operation("AGREE", "2")) == {"a": 3, "b": 2}
    assert importances(Operation("EDIT", "2", "B")) == {"a": 3, "B": 2}
    assert importances(Operation("REMOVE", "1")) == {"a": 2, "b": 1}
    assert importances(Operation("REMOVE", "2")) == {"a": 3}
    assert importances(Operation("ADD", "", "a")) == {"a": 3, "b": 1}


def test_ids_mean_the_list_that_was_shown_whatever_is_removed_meanwhile() -> None:
    assert importances(Operation("REMOVE", "2"), Operation("AGREE", "1"), Operation("ADD", "", "c")) == {"a": 4, "c": 2}
    assert importances(Operation("EDIT", "2", "B"), Operation("REMOVE", "2")) == {"a": 3, "B": 1}


def test_a_full_list_is_harder_on_its_rules_and_holds_no_more() -> None:
    removed, added = Operation("REMOVE", "1"), Operation("ADD", "", "new")
    assert edited(FULL, [removed], 20)[-1] == Rule("rule 0", 1)
    assert edited(FULL, [removed, added], 20) == (*FULL[1:], Rule("new", 2))
    assert edited(FULL, [removed, removed], 20) == FULL[1:]
    assert edited(FULL, [added], 20) == FULL


def test_a_failure_made_good_is_compared_with_its_success_and_successes_are_read_in_chunks(tmp_path: Path) -> None:
    second: dict[str, int] = {}

    def answer(request: Request, caller: Caller) -> str:
        """Fails every task at first but knows the word at a second attempt."""
        if caller.role != "agent":
            return "<operations>\nADD: word: pear [T1, T2]\n</operations>"
        episode = caller.scope["episode"]
        word = str(request.messages[-1]["content"]).partition("the word was ")[2].rstrip(".")
        if caller.phase == "explore" and word and second.setdefault(word, episode) != episode:
            return say(word)
        return obey(request, caller)

    result = run(tmp_path, ExpeL(attempts=2, chunk=3, epochs=1), answer, n=4, seed=APPLE)
    prompts = result.prompts("optimizer")
    outcomes = [
        [line.split('outcome="')[1].split('"')[0] for line in p.splitlines() if "<trajectory" in line] for p in prompts
    ]

    assert [len(each) for each in outcomes] == [2, 2, 2, 3, 1]  # three pairs, then four successes in chunks of three
    assert all(first.startswith("failure") and last == "success" for first, last in outcomes[:3])
    assert all(outcome == "success" for each in outcomes[3:] for outcome in each)
    assert "[1] (importance 2) word: pear" in prompts[1]
    assert result.modules["instructions"] == "Be brief.\n- word: apple\n- word: pear"
    assert result.of("proposal")[0]["evidence"] == {"- word: pear": ["T1", "T2"]}


def test_a_list_that_was_not_accepted_is_forgotten(tmp_path: Path) -> None:
    replies = replying("<operations>\nADD: no use\n</operations>", "<operations>\nADD: word: pear\n</operations>")
    result = run(tmp_path, ExpeL(attempts=1, epochs=2, ties="incumbent"), replies, seed=APPLE)

    assert [event["accepted"] for event in result.of("decision")] == [False, True]
    assert result.modules["instructions"] == "Be brief.\n- word: apple\n- word: pear"


def test_a_full_list_is_told_to_be_full(tmp_path: Path) -> None:
    replies = replying("<operations>\nADD: one\n</operations>", "<operations>\nNONE\n</operations>")
    result = run(tmp_path, ExpeL(attempts=1, rules=1, chunk=1, epochs=2), replies, seed=APPLE)
    assert "The list is full" in result.prompts("optimizer")[-1]
    assert "The list is full" not in result.prompts("optimizer")[0]


def test_without_a_success_there_is_nothing_to_compare(tmp_path: Path) -> None:
    result = run(tmp_path, ExpeL(epochs=1), replying("never asked"), seed=SEED)
    assert result.prompts("optimizer") == []
    assert result.of("proposal")[0]["problem"] == "there is nothing to compare"


@pytest.mark.parametrize("amount", [8, 12, 16])
def test_retries_leave_room_for_validation(tmp_path: Path, amount: int) -> None:
    from fgo.optimizers.allowance import AllowanceConfig

    replies = replying("<operations>\nADD: word: pear\n</operations>")
    result = run(tmp_path, ExpeL(epochs=1), replies, seed=APPLE, allowance=AllowanceConfig("episodes", amount))
    assert result.episodes("validate") == (8 if amount >= 12 else 4)


def test_what_a_rule_cites_stays_the_same_episode_in_later_rounds(tmp_path: Path) -> None:
    replies = replying(
        "<operations>\nADD: word: pear [T1]\n</operations>", "<operations>\nADD: word: plum [T2]\n</operations>"
    )
    result = run(tmp_path, ExpeL(attempts=1, epochs=2), replies, seed=APPLE)
    first, second = result.of("proposal")

    assert second["evidence"] == {"- word: pear": ["T1"], "- word: plum": ["T2"]}
    assert second["shown"]["T1"] == first["shown"]["T1"]
    assert set(second["shown"]) == {"T1", "T2", "T3"}
    assert len(set(second["shown"].values())) == 3
