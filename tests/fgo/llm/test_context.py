"""Prompts over their limit: what is kept fits, and what is left out is said."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.context import drop_oldest_steps, fit
from fgo.llm.tokens import count_messages
from fgo.llm.types import ContextOverflow, Message


@dataclass(frozen=True)
class Part:
    text: str
    label: str = ""


def pieces(*sizes: int) -> list[Part]:
    """A task, one trajectory of so many words for each size, and a closing question."""
    trajectories = [Part("word " * size, f"t{index}") for index, size in enumerate(sizes)]
    return [Part("Here they are."), *trajectories, Part("What failed?")]


def tokens_of(system: str, group: list[Part]) -> int:
    user = "\n\n".join(part.text for part in group)
    return count_messages([{"role": "system", "content": system}, {"role": "user", "content": user}])


def labels(group: list[Part]) -> list[str]:
    return [part.label for part in group if part.label]


def test_a_prompt_that_fits_is_left_alone() -> None:
    parts = pieces(10, 10)
    for policy in ("drop_trajectories", "split", "fail"):
        fitted = fit("system", parts, 1000, policy, count_messages)
        assert (fitted.groups, fitted.left_out) == ([parts], ())


@pytest.mark.parametrize(("drop", "kept"), [("newest", ["t0", "t1"]), ("oldest", ["t2", "t3"])])
def test_whole_trajectories_are_dropped_from_the_configured_end(drop: str, kept: list[str]) -> None:
    fitted = fit("system", pieces(100, 100, 100, 100), 280, "drop_trajectories", count_messages, drop=drop)
    assert labels(fitted.groups[0]) == kept
    assert [part.text for part in fitted.groups[0] if not part.label] == ["Here they are.", "What failed?"]
    assert sorted([*kept, *fitted.left_out]) == ["t0", "t1", "t2", "t3"]


def test_random_dropping_depends_on_the_seed_alone() -> None:
    def kept(seed: int) -> list[str]:
        rng = random.Random(seed)
        parts = pieces(*[100] * 10)
        return labels(fit("s", parts, 400, "drop_trajectories", count_messages, drop="random", rng=rng).groups[0])

    assert kept(1) == kept(1)
    assert len({tuple(kept(seed)) for seed in range(10)}) > 1


def test_splitting_shows_every_trajectory_once_and_the_frame_always() -> None:
    fitted = fit("system", pieces(*[100] * 7), 280, "split", count_messages)
    assert [labels(group) for group in fitted.groups] == [["t0", "t1"], ["t2", "t3"], ["t4", "t5"], ["t6"]]
    assert all(group[0].text == "Here they are." and group[-1].text == "What failed?" for group in fitted.groups)


def test_a_trajectory_too_long_for_any_prompt_is_left_out_by_name() -> None:
    for policy in ("drop_trajectories", "split"):
        fitted = fit("system", pieces(50, 900, 50), 300, policy, count_messages)
        assert fitted.left_out == ("t1",)
        assert labels(fitted.groups[0]) == ["t0", "t2"]


@pytest.mark.parametrize("policy", ["fail", "drop_trajectories", "split"])
def test_where_nothing_can_be_left_out_it_is_an_overflow(policy: str) -> None:
    with pytest.raises(ContextOverflow, match=r"the prompt has \d+ tokens, 40 fit"):
        fit("system", pieces(100), 40, policy, count_messages)


def test_unknown_policies_are_named_with_the_allowed_ones() -> None:
    with pytest.raises(ValueError, match="overflow='cut': expected one of drop_trajectories, split, fail"):
        fit("s", [], 9, "cut", count_messages)
    with pytest.raises(ValueError, match="drop='middle': expected one of oldest, newest, random"):
        fit("s", [], 9, "fail", count_messages, drop="middle")


_texts = st.lists(st.text(max_size=60), max_size=8)


@given(
    _texts, st.integers(10, 200), st.sampled_from(["drop_trajectories", "split"]), st.sampled_from(["oldest", "newest"])
)
def test_whatever_is_kept_fits_and_nothing_is_lost_silently(
    texts: list[str], limit: int, policy: str, drop: str
) -> None:
    parts = [Part("Frame."), *(Part(text, f"t{index}") for index, text in enumerate(texts))]
    try:
        fitted = fit("system", parts, limit, policy, count_messages, drop=drop)
    except ContextOverflow:
        return
    assert all(tokens_of("system", group) <= limit for group in fitted.groups)
    shown = [label for group in fitted.groups for label in labels(group)]
    assert sorted([*shown, *fitted.left_out]) == sorted(part.label for part in parts if part.label)
    assert shown == sorted(shown, key=lambda label: int(label[1:]))


def conversation(steps: int) -> list[Message]:
    messages: list[Message] = [{"role": "system", "content": "Act."}, {"role": "user", "content": "Observation: start"}]
    for step in range(steps):
        messages += [
            {"role": "assistant", "content": f"Action: go {step} " + "far " * 10},
            {"role": "user", "content": f"Observation: room {step} " + "wide " * 10},
        ]
    return messages


@given(st.integers(0, 30), st.integers(20, 900))
def test_the_oldest_steps_go_and_the_opening_says_how_many(steps: int, limit: int) -> None:
    messages = conversation(steps)
    try:
        fitted, left_out = drop_oldest_steps(messages, limit, count_messages)
    except ContextOverflow:
        opening_and_newest = [*messages[:2], *messages[-2:]] if steps else messages
        assert count_messages(opening_and_newest) + 25 > limit  # the note takes some, too
        return
    assert count_messages(fitted) <= limit
    assert fitted[0] == messages[0]
    assert fitted[2:] == messages[2 + 2 * left_out :]
    if left_out:
        assert str(fitted[1]["content"]).startswith("Observation: start\n\n[The next")
        assert ("1 step " if left_out == 1 else f"{left_out} steps") in str(fitted[1]["content"])
        one_more = [fitted[0], fitted[1], *messages[2 * left_out :]]
        assert count_messages(one_more) > limit - 2  # not more than needed
    else:
        assert fitted == messages


def test_a_tool_call_leaves_with_its_results() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    messages: list[Message] = [{"role": "system", "content": "s"}, {"role": "user", "content": "task"}]
    for _ in range(4):
        messages += [call, {"role": "tool", "content": "result " * 30}, {"role": "tool", "content": "more " * 30}]
    fitted, left_out = drop_oldest_steps(messages, 200, count_messages)
    assert left_out > 0
    assert [message["role"] for message in fitted[2:5]] == ["assistant", "tool", "tool"]
