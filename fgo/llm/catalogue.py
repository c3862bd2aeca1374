"""What litellm's bundled table says of a model: window, longest reply, prices. Read without importing litellm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import orjson

from fgo.types import Json

_FILE = "model_prices_and_context_window_backup.json"
_TIER = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


@dataclass(frozen=True, slots=True)
class Rate:
    """Dollars per token for prompts of more than `above` tokens."""

    above: int
    input: float
    cached_input: float
    output: float
    reasoning: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the table. A figure that it lacks is 0, missing prices are no rates."""

    window: int
    max_output: int
    rates: tuple[Rate, ...]


def litellm_folder() -> Path:
    """Where litellm is installed, found without running its two seconds of import."""
    spec = find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("litellm is not installed: run `make setup` (or pip install litellm)")
    return Path(spec.submodule_search_locations[0])


@cache
def _table() -> Mapping[str, Mapping[str, Json]]:
    return orjson.loads((litellm_folder() / _FILE).read_bytes())  # type: ignore[no-any-return]


def look_up(name: str) -> Entry | None:
    """The table's entry for a model named as litellm takes it (`gpt-4o-mini`, `openai/gpt-4o-mini`), or None."""
    table = _table()
    found = table.get(name)
    if found is None and "/" in name:
        provider, model = name.split("/", 1)
        bare = table.get(model)
        if bare is not None and str(bare.get("litellm_provider", "")).split("-")[0] == provider:
            found = bare
    return None if found is None or name == "sample_spec" else _entry(found)


def _entry(row: Mapping[str, Json]) -> Entry:
    def tokens(*keys: str) -> int:
        values = [row[key] for key in keys if isinstance(row.get(key), int)]
        return int(values[0]) if values else 0

    return Entry(tokens("max_input_tokens", "max_tokens"), tokens("max_output_tokens", "max_tokens"), _rates(row))


def _rates(row: Mapping[str, Json]) -> tuple[Rate, ...]:
    if row.get("input_cost_per_token") is None or row.get("output_cost_per_token") is None:
        return ()
    suffixes = [(0, "")]
    for key in row:
        tier = _TIER.fullmatch(key)
        if tier:
            suffixes.append((int(tier[1]) * 1000, f"_above_{tier[1]}k_tokens"))
    return tuple(_rate(row, above, suffix) for above, suffix in sorted(suffixes))


def _rate(row: Mapping[str, Json], above: int, suffix: str) -> Rate:
    def price(key: str, default: float) -> float:
        value = row.get(key + suffix)
        if value is None:
            value = row.get(key)
        return default if value is None else float(value)

    given = price("input_cost_per_token", 0.0)
    output = price("output_cost_per_token", 0.0)
    cached = price("cache_read_input_token_cost", given)
    return Rate(above, given, cached, output, price("output_cost_per_reasoning_token", output))
