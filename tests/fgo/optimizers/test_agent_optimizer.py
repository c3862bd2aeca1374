from __future__ import annotations

from pathlib import Path

from fgo.optimizers.agent_optimizer import AgentOptimizer
from tests.fakes import SEED
from tests.fgo.optimizers.running import WITH_TOOLS, replying, run


def function(*words: str, name: str = "f") -> str:
    lines = "\n".join(f"- word: {word}" for word in words)
    return f'def {name}():\n    """\n{lines}\n"""'


def add(*words: str, name: str = "f", action: str = "add") -> str:
    return f'<edit action="{action}" name="{name}" cites="T1">\n{function(*words, name=name)}\n</edit>'


DONE = '<edit action="terminate">\n</edit>'


def test_edits_follow_one_another_until_the_step_is_ended_and_see_what_was_edited_so_far(tmp_path: Path) -> None:
    replies = replying(add("apple"), add("pear", name="g"), DONE)
    result = run(tmp_path, AgentOptimizer(edits=5, epochs=1), replies, seed=WITH_TOOLS)

    assert result.modules["tools"] == f"{function('apple')}\n\n\n{function('pear', name='g')}"
    assert [prompt.count("def ") for prompt in result.prompts("optimizer")] == [0, 1, 2]
    assert all(prompt.count("<trajectory ") == 4 for prompt in result.prompts("optimizer"))
    assert 'outcome="failure' in result.prompts("optimizer")[0]
    assert result.of("proposal")[0]["evidence"] == {"def f():": ["T1"], "def g():": ["T1"]}


def test_a_step_makes_no_more_edits_than_its_cap(tmp_path: Path) -> None:
    replies = replying(*(add("apple", name=f"f{n}") for n in range(9)))
    result = run(tmp_path, AgentOptimizer(edits=2, epochs=1), replies, seed=WITH_TOOLS)
    assert result.modules["tools"].count("def ") == 2


def test_tools_that_do_worse_are_rolled_back_and_told_the_worst_first(tmp_path: Path) -> None:
    replies = replying(
        add("apple", "pear", "plum"),  # 0.75: kept
        add("apple", action="revise"), add("apple", "pear", action="revise"), add("x", action="revise"), DONE,
    )  # fmt: skip
    result = run(tmp_path, AgentOptimizer(edits=1, epochs=9, patience=3), replies, seed=WITH_TOOLS)
    last = result.prompts("optimizer")[-1]

    assert result.modules["tools"] == function("apple", "pear", "plum")
    assert [event["accepted"] for event in result.of("decision")] == [True, False, False, False]
    assert all(function("apple", "pear", "plum") in prompt for prompt in result.prompts("optimizer")[1:])
    assert last.index('<failed score="0.25">') < last.index('<failed score="0.50">')
    assert len(result.prompts("optimizer")) == 4  # stopped early, after three steps without gain


def test_histories_are_those_of_the_best_and_played_anew_only_when_it_changes(tmp_path: Path) -> None:
    replies = replying(add("apple"), add("x", action="revise"))
    result = run(tmp_path, AgentOptimizer(edits=1, epochs=4, patience=3), replies, seed=WITH_TOOLS)
    assert result.episodes("explore") == 4 + 4
    assert all('outcome="success"' in prompt for prompt in result.prompts("optimizer")[1:])


def test_an_edit_that_is_not_valid_is_asked_for_again_and_after_three_tries_the_next_one(tmp_path: Path) -> None:
    replies = replying("no", "<edit>", add("apple", action="revise"), add("apple"))
    result = run(tmp_path, AgentOptimizer(edits=2, epochs=1), replies, seed=WITH_TOOLS)
    assert result.modules["tools"] == function("apple")
    assert len(result.prompts("optimizer")) == 4
    assert "There are 0 edits" in result.prompts("optimizer")[1]


def test_an_agent_that_has_no_functions_gets_some(tmp_path: Path) -> None:
    result = run(tmp_path, AgentOptimizer(edits=1, epochs=1), replying(add("apple")), seed=SEED)
    assert result.modules["tools"] == function("apple")
