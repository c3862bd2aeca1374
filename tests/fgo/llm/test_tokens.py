"""Token counts: offline, additive over messages, and never under-bounded."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.tokens import bound_messages, count_messages, count_text, counts_exactly, encoding_name


@pytest.mark.parametrize(
    ("model", "encoding", "exact"),
    [
        ("openai/gpt-4o-mini", "o200k_base", True),
        ("gpt-4.1", "o200k_base", True),
        ("azure/gpt-5", "o200k_base", True),
        ("openai/o3-mini", "o200k_base", True),
        ("gpt-4", "cl100k_base", True),
        ("gpt-4-turbo", "cl100k_base", True),
        ("openai/gpt-3.5-turbo", "cl100k_base", True),
        ("anthropic/claude-sonnet-4", "o200k_base", False),
        ("hosted_vllm/meta-llama/Meta-Llama-3-8B-Instruct", "o200k_base", False),
    ],
)
def test_each_model_is_counted_with_its_encoding_or_the_stated_approximation(
    model: str, encoding: str, exact: bool
) -> None:
    assert (encoding_name(model), counts_exactly(model)) == (encoding, exact)


def test_known_texts_have_known_counts() -> None:
    assert count_text("hello world", "gpt-4") == 2
    assert count_text("hello world", "gpt-4o") == 2
    assert count_text("", "gpt-4o") == 0
    assert count_text("<|endoftext|>", "gpt-4o") > 1  # ordinary text, not the special token


def test_openais_published_example_of_a_chat_is_counted_as_they_bill_it() -> None:
    messages = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": "Hello!"}]
    assert count_messages(messages, "gpt-4o") == 19


_text = st.text(max_size=300)
_messages = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": _text}), max_size=5
)


@given(_messages)
def test_the_cheap_bound_is_never_below_the_count(messages: list[dict[str, str]]) -> None:
    assert count_messages(messages) <= bound_messages(messages)


@given(_messages, _messages)
def test_counts_add_up_over_messages(one: list[dict[str, str]], two: list[dict[str, str]]) -> None:
    empty = count_messages(())
    assert count_messages([*one, *two]) == count_messages(one) + count_messages(two) - empty


def test_images_tool_calls_and_tools_are_counted() -> None:
    text = {"role": "user", "content": [{"type": "text", "text": "what is this?"}]}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    both = {"role": "user", "content": [*text["content"], image]}
    assert count_messages([text]) < count_messages([both]) < 2000
    call = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
    }
    assert count_messages([call]) > count_messages([{"role": "assistant", "content": None}])
    assert count_messages([text], "", [{"name": "look"}]) > count_messages([text])


def test_counting_a_growing_conversation_costs_only_its_new_messages() -> None:
    long = "The quick brown fox jumps over the lazy dog. " * 2000
    messages = [{"role": "user", "content": f"{number} {long}"} for number in range(8)]
    began = time.process_time()
    first = count_messages(messages)
    once = time.process_time() - began
    began = time.process_time()
    again = [count_messages(messages) for _ in range(5)]
    assert again == [first] * 5
    assert time.process_time() - began < once


def test_counting_imports_no_litellm() -> None:
    script = "import sys; from fgo.llm.tokens import count_text; count_text('x'); sys.exit('litellm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[3], check=False).returncode == 0
