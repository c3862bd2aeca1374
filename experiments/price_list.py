"""The dated price list of `prices.yaml`: what tokens would cost at a named model's prices, and at a point's own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from omegaconf import OmegaConf

from experiments.errors import UsageError
from experiments.settings import ModelSettings, Settings
from fgo.llm.catalogue import Rate
from fgo.llm.config import Prices
from fgo.llm.prices import priced, rates_of
from fgo.types import Usage

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class PriceList:
    """name: what a table says beside its dollars. litellm: the version whose table it was copied from."""

    name: str
    litellm: str
    models: Mapping[str, Prices]

    def rates(self, model: str) -> tuple[Rate, ...]:
        """The list's prices of a model. Raises UsageError where it has none."""
        prices = self.models.get(model)
        if prices is None:
            near = difflib.get_close_matches(model, self.models, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f"price_as={model}: no such model; {hint}the list has {', '.join(sorted(self.models))}")
        cached = prices.input if prices.cached_input is None else prices.cached_input
        given, output = prices.input / _MILLION, prices.output / _MILLION
        return (Rate(0, given, cached / _MILLION, output, output),)


@cache
def price_list() -> PriceList:
    """The list that the harness comes with."""
    data = OmegaConf.to_container(OmegaConf.create((files("experiments") / "prices.yaml").read_text(encoding="utf-8")))
    assert isinstance(data, dict)
    return PriceList(data["name"], data["litellm"], {model: Prices(**row) for model, row in data["models"].items()})


def costs_nothing(model: ModelSettings) -> bool:
    """Whether the model's own prices are zero: the simulated one's, a server's of one's own."""
    return not any(rate.input or rate.output for rate in rates_of(model.config))


@dataclass(frozen=True, slots=True)
class Pricing:
    """How one point's tokens become dollars: each role at the prices of the model that plays it, or, where that costs
    nothing, of the list's model `stand_in` ("": no model of this point needs one)."""

    agent: Sequence[Rate]
    others: Sequence[Rate]
    stand_in: str
    priced_by_list: frozenset[str]  # "agent", "others": whose dollars are the list's

    def dollars(self, role: str, usage: Usage) -> float:
        """Of a role's tokens. A real model's are those of its journal: they were summed call by call."""
        part = "agent" if role == "agent" else "others"
        if part not in self.priced_by_list:
            return usage.dollars
        return priced(usage, self.agent if part == "agent" else self.others).dollars

    def planned(self, role: str, usage: Usage) -> float:
        """The same for tokens that no journal has priced."""
        return priced(usage, self.agent if role == "agent" else self.others).dollars


def pricing_of(settings: Settings) -> Pricing:
    """Raises UsageError where `price_as` names a model that the list lacks."""
    stand_in = price_list().rates(settings.plain.price_as)
    free = {
        part: costs_nothing(model) for part, model in (("agent", settings.model), ("others", settings.optimizer_model))
    }
    return Pricing(
        agent=stand_in if free["agent"] else rates_of(settings.model.config),
        others=stand_in if free["others"] else rates_of(settings.optimizer_model.config),
        stand_in=settings.plain.price_as if any(free.values()) else "",
        priced_by_list=frozenset(part for part, is_free in free.items() if is_free),
    )


def own_rates(settings: Settings, role: str) -> Sequence[Rate]:
    """What a bill would be made of: the role's model's own prices, zero included."""
    return rates_of((settings.model if role == "agent" else settings.optimizer_model).config)
