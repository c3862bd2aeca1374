from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from experiments.composition import settings_of
from experiments.errors import UsageError
from experiments.price_list import price_list, pricing_of
from fgo.llm.catalogue import look_up
from fgo.types import Usage
from tests.experiments.words import settings

USAGE = Usage(prompt_tokens=1_000_000, cached_tokens=400_000, completion_tokens=100_000)


@pytest.mark.skipif(version("litellm") != price_list().litellm, reason="the list was copied from another litellm")
@pytest.mark.parametrize("model", price_list().models)
def test_the_list_says_what_the_table_it_was_copied_from_says(model: str) -> None:
    entry = look_up(model)
    assert entry is not None
    (ours,), theirs = price_list().rates(model), entry.rates[0]

    assert (ours.input, ours.cached_input, ours.output) == pytest.approx(
        (theirs.input, theirs.cached_input, theirs.output)
    )


def test_the_list_is_named_dated_and_has_a_dozen_models() -> None:
    assert price_list().litellm in price_list().name
    assert "read 20" in price_list().name
    assert len(price_list().models) >= 12


def test_a_model_that_costs_nothing_is_shown_at_the_list_s_price_of_another() -> None:
    pricing = pricing_of(settings_of(["price_as=gpt-4o"]))

    assert pricing.stand_in == "gpt-4o"
    assert pricing.dollars("agent", USAGE) == pytest.approx(0.6 * 2.5 + 0.4 * 1.25 + 0.1 * 10)
    assert pricing.dollars("merger", USAGE) == pricing.dollars("agent", USAGE)


def test_a_model_with_a_price_keeps_the_dollars_of_its_journal(tmp_path: Path) -> None:
    pricing = pricing_of(settings(tmp_path))

    assert pricing.stand_in == ""
    assert pricing.dollars("agent", Usage(10, 0, 10, 0, 7.0)) == 7.0
    assert pricing.planned("agent", Usage(1_000_000, 0, 1_000_000)) == pytest.approx(3.0)


def test_a_model_of_each_kind_is_priced_each_in_its_way() -> None:
    pricing = pricing_of(settings_of(["model@optimizer_model=openai", "optimizer_model.name=gpt-4.1"]))

    assert pricing.stand_in == "gpt-4o-mini"
    assert pricing.dollars("agent", USAGE) > 0
    assert pricing.dollars("optimizer", USAGE) == 0  # its journal says so
    assert pricing.planned("optimizer", Usage(1_000_000)) == pytest.approx(2.0)


def test_a_model_that_the_list_lacks_is_refused_naming_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"price_as=gpt-4o-minni.*did you mean gpt-4o-mini\?.*gemini"):
        price_list().rates("gpt-4o-minni")
