"""What tokens cost: the configured prices, else litellm's bundled ones; a model without a price is an early error."""

from __future__ import annotations

from collections.abc import Sequence

from fgo.llm.catalogue import Rate, look_up
from fgo.llm.config import ModelConfig
from fgo.types import Usage

_MILLION = 1_000_000


def rates_of(config: ModelConfig) -> tuple[Rate, ...]:
    """The rates of a model, ascending in the prompt length above which each holds.

    Raises ValueError, naming the key to set, where neither the configuration nor litellm's table has a price.
    """
    prices = config.prices
    if prices is not None:
        cached = prices.input if prices.cached_input is None else prices.cached_input
        given, output = prices.input / _MILLION, prices.output / _MILLION
        return (Rate(0, given, cached / _MILLION, output, output),)
    entry = look_up(config.name)
    if entry is None or not entry.rates:
        raise ValueError(
            f"model.prices=null: no price is known for {config.name!r}. Set model.prices.input and model.prices.output "
            "to dollars per million tokens (0 for a model of your own)"
        )
    return entry.rates


def priced(usage: Usage, rates: Sequence[Rate]) -> Usage:
    """The same tokens with their dollars. A tier's prices hold for the whole call, as providers bill it."""
    rate = rates[0]
    for candidate in rates[1:]:
        if usage.prompt_tokens > candidate.above:
            rate = candidate
    plain = usage.prompt_tokens - usage.cached_tokens
    written = usage.completion_tokens - usage.reasoning_tokens
    dollars = (
        plain * rate.input
        + usage.cached_tokens * rate.cached_input
        + written * rate.output
        + usage.reasoning_tokens * rate.reasoning
    )
    return Usage(
        usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, usage.reasoning_tokens, round(dollars, 12)
    )


def at_most(prompt_tokens: int, completion_tokens: int, rates: Sequence[Rate]) -> Usage:
    """The most that so many tokens can cost: nothing cached, at the dearest rate."""
    given = max(max(rate.input, rate.cached_input) for rate in rates)
    output = max(max(rate.output, rate.reasoning) for rate in rates)
    dollars = prompt_tokens * given + completion_tokens * output
    return Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, dollars=dollars)
