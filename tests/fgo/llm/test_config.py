"""Impossible settings fail early, naming key, value and what is allowed; prices are found or asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.config import BudgetConfig, ModelConfig, Prices
from fgo.llm.prices import at_most, priced, rates_of
from fgo.llm.secrets import secret_key_in, without_secrets
from fgo.types import Usage

SET = {"window": 1000, "max_output": 100, "prices": Prices(1, 1)}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "model.name=''"),
        ({"window": -5}, "model.window=-5: expected a whole number"),
        ({"max_output": 2000}, "model.max_output=2000: expected at most model.window=1000"),
        ({"max_concurrency": 0}, "model.max_concurrency=0: expected a whole number of at least 1"),
        ({"requests_per_minute": 0}, "model.requests_per_minute=0: expected a whole number of at least 1 or null"),
        ({"attempts": 1.5}, "model.attempts=1.5"),
        ({"timeout_seconds": 0}, "model.timeout_seconds=0: expected a positive number"),
        ({"temperature": 3.0}, "model.temperature=3.0: expected null or a number from 0 to 2"),
        ({"top_p": 0.0}, "model.top_p=0.0"),
        ({"api_base": "localhost:8000"}, "expected http://... or https://..."),
        ({"api_base": "https://user:pass@host/v1"}, "model.api_base holds a key or password"),
        ({"api_base": "https://host/v1?api_key=1"}, "model.api_base holds a key or password"),
        ({"extra_body": {"a": {"api_key": "x"}}}, "model.extra_body.a.api_key looks like a secret"),
        ({"name": "own/unknown", "window": 0}, "model.window=0: litellm's table does not know 'own/unknown'"),
    ],
)
def test_an_impossible_model_setting_is_named(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        ModelConfig(**{"name": "own/model", **SET, **fields})


@pytest.mark.parametrize("fields", [{"dollars": -1.0}, {"tokens": 0}, {"calls": 1.5}])
def test_an_impossible_budget_is_named(fields: dict[str, Any]) -> None:
    (key,) = fields
    with pytest.raises(ValueError, match=rf"budget\.{key}="):
        BudgetConfig(**fields)


def test_an_impossible_price_is_named() -> None:
    with pytest.raises(ValueError, match=r"model\.prices\.output=-1"):
        Prices(1.0, -1)


def test_a_known_model_brings_its_window_longest_reply_and_prices() -> None:
    for name in ("gpt-4o-mini", "openai/gpt-4o-mini"):
        config = ModelConfig(name)
        assert (config.window, config.max_output) == (128_000, 16_384)
        usage = priced(Usage(1_000_000, 400_000, 1_000_000, 100_000), rates_of(config))
        assert usage.dollars == pytest.approx(0.6 * 0.15 + 0.4 * 0.075 + 0.60)


def test_configured_prices_replace_litellms() -> None:
    rates = rates_of(ModelConfig("gpt-4o-mini", prices=Prices(2.0, 4.0)))
    assert priced(Usage(1000, 500, 100, 0), rates).dollars == pytest.approx((1000 * 2 + 100 * 4) / 1e6)


def test_a_model_without_a_price_is_an_error_that_names_the_key() -> None:
    with pytest.raises(ValueError, match=r"no price is known for 'hosted_vllm/mine'. Set model\.prices\.input"):
        rates_of(ModelConfig("hosted_vllm/mine", window=100, max_output=10))


def test_long_prompts_cost_what_their_tier_says() -> None:
    rates = rates_of(ModelConfig("gemini/gemini-2.5-pro"))
    assert len(rates) > 1
    short, long = (priced(Usage(prompt_tokens=count), rates).dollars / count for count in (1000, 500_000))
    assert long > short


_counts = st.integers(0, 10**6)


@given(_counts, _counts, st.floats(0, 1), st.floats(0, 1), st.sampled_from(["gemini/gemini-2.5-pro", "gpt-4o-mini"]))
def test_nothing_costs_more_than_the_most_it_can(
    prompt: int, reply: int, cached: float, thought: float, name: str
) -> None:
    rates = rates_of(ModelConfig(name))
    usage = Usage(prompt, int(prompt * cached), reply, int(reply * thought))
    assert priced(usage, rates).dollars <= at_most(prompt, reply, rates).dollars + 1e-9


def test_secrets_are_found_by_name_and_cut_out_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    assert secret_key_in({"a": [{"Authorization": "x"}]}) == "a.0.Authorization"
    assert secret_key_in({"x-api-key": 1}) == "x-api-key"
    assert secret_key_in({"max_tokens": 1, "top_k": 2, "guided_regex": "key"}) == ""
    monkeypatch.setenv("SOME_API_KEY", "abcdefgh12345")
    assert without_secrets("bad key abcdefgh12345!") == "bad key [SOME_API_KEY]!"
