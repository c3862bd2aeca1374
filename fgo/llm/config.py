"""The settings of models and of the budget, as they stand in conf/model/ and conf/; impossible values fail here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fgo.llm.catalogue import look_up
from fgo.llm.secrets import secret_key_in
from fgo.types import Json

_ELSEWHERE = "give it in the provider's environment variable"


def _positive(name: str, value: float | None, *, whole: bool, optional: bool) -> None:
    if value is None and optional:
        return
    kind = "whole number of at least 1" if whole else "positive number"
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    if not good or (whole and value != int(value or 0)):
        raise ValueError(f"{name}={value!r}: expected a {kind}{' or null (no limit)' if optional else ''}")


_NO_EFFECT = {"affects_result": False}  # such keys may change when a run goes on


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens, as providers print them. `cached_input`: null means the price of input."""

    input: float
    output: float
    cached_input: float | None = None

    def __post_init__(self) -> None:
        for key in ("input", "output", "cached_input"):
            value = getattr(self, key)
            if value is None and key == "cached_input":
                continue
            if not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
                raise ValueError(f"model.prices.{key}={value!r}: expected dollars per million tokens, 0 or more")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One model as it is asked. API keys are no part of it: providers take them from the environment.

    name: as litellm writes it, `provider/model` (`openai/gpt-4o-mini`, `hosted_vllm/NAME`, `sim/base`).
    window, max_output: tokens that prompt and reply share, and the longest reply; 0 takes litellm's figures.
    prices: dollars per million tokens; null takes litellm's figures.
    api_base: the server's address, null for the provider's own. extra_body: fields added to each request's body.
    seeded, stops: whether the provider takes a seed, and stop sequences. structured: whether its server can be held to a JSON
    schema, and evaluators', optimizers' and mergers' replies are (fgo/optimizers/shapes.py).
    temperature, top_p: null leaves the provider's default.
    max_concurrency, requests_per_minute, tokens_per_minute: what is sent at most, by this process; null is unlimited.
    timeout_seconds: for one attempt. attempts: how often a call is tried, the first time included, after rate limits,
    timeouts, 5xx and dropped connections; first_wait_seconds doubles from one to the next, up to longest_wait_seconds.
    A provider that asks for a longer wait than that ends the call.
    """

    name: str
    window: int = 0
    max_output: int = 0
    prices: Prices | None = None
    api_base: str | None = None
    extra_body: Mapping[str, Json] = field(default_factory=dict)
    seeded: bool = True
    stops: bool = True
    structured: bool = False
    temperature: float | None = None
    top_p: float | None = None
    max_concurrency: int = field(default=32, metadata=_NO_EFFECT)
    requests_per_minute: int | None = field(default=None, metadata=_NO_EFFECT)
    tokens_per_minute: int | None = field(default=None, metadata=_NO_EFFECT)
    timeout_seconds: float = field(default=120.0, metadata=_NO_EFFECT)
    attempts: int = field(default=6, metadata=_NO_EFFECT)
    first_wait_seconds: float = field(default=1.0, metadata=_NO_EFFECT)
    longest_wait_seconds: float = field(default=120.0, metadata=_NO_EFFECT)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("model.name='': expected a name as litellm writes it, such as openai/gpt-4o-mini")
        _positive("model.max_concurrency", self.max_concurrency, whole=True, optional=False)
        _positive("model.attempts", self.attempts, whole=True, optional=False)
        _positive("model.requests_per_minute", self.requests_per_minute, whole=True, optional=True)
        _positive("model.tokens_per_minute", self.tokens_per_minute, whole=True, optional=True)
        _positive("model.timeout_seconds", self.timeout_seconds, whole=False, optional=False)
        _positive("model.first_wait_seconds", self.first_wait_seconds, whole=False, optional=False)
        _positive("model.longest_wait_seconds", self.longest_wait_seconds, whole=False, optional=False)
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise ValueError(f"model.temperature={self.temperature}: expected null or a number from 0 to 2")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"model.top_p={self.top_p}: expected null or a number over 0 and up to 1")
        self._check_secrets()
        self._take_from_catalogue()

    def _check_secrets(self) -> None:
        if self.api_base is not None:
            parts = urlsplit(self.api_base)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise ValueError(f"model.api_base={self.api_base!r}: expected http://... or https://...")
            if parts.username or parts.password or "key=" in parts.query.lower() or "token=" in parts.query.lower():
                raise ValueError(f"model.api_base holds a key or password: {_ELSEWHERE}")
        found = secret_key_in(self.extra_body)
        if found:
            raise ValueError(f"model.extra_body.{found} looks like a secret: {_ELSEWHERE}")

    def _take_from_catalogue(self) -> None:
        for key in ("window", "max_output"):
            value = getattr(self, key)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ValueError(f"model.{key}={value!r}: expected a whole number of tokens, or 0 for litellm's figure")
        if not self.window or not self.max_output:
            entry = look_up(self.name)
            window = self.window or (entry.window if entry else 0)
            max_output = self.max_output or (entry.max_output if entry else 0)
            for key, value in (("window", window), ("max_output", max_output)):
                if not value:
                    raise ValueError(
                        f"model.{key}=0: litellm's table does not know {self.name!r}; set model.{key} to its tokens"
                    )
            object.__setattr__(self, "window", window)
            object.__setattr__(self, "max_output", min(max_output, window))
        if self.max_output > self.window:
            raise ValueError(f"model.max_output={self.max_output}: expected at most model.window={self.window}")

    def extra(self) -> dict[str, Json]:
        """What a request to this model carries besides the messages and the usual settings."""
        fields: dict[str, Json] = {}
        if self.api_base is not None:
            fields["api_base"] = self.api_base
        if self.extra_body:
            fields["extra_body"] = dict(self.extra_body)
        return fields


@dataclass(frozen=True, slots=True)
class BudgetConfig:
    """Hard limits on what a run pays, all its sessions together; null is unlimited. Cache hits are free.

    dollars; tokens: prompt and completion; calls: finished ones.
    """

    dollars: float | None = None
    tokens: int | None = None
    calls: int | None = None

    def __post_init__(self) -> None:
        _positive("budget.dollars", self.dollars, whole=False, optional=True)
        _positive("budget.tokens", self.tokens, whole=True, optional=True)
        _positive("budget.calls", self.calls, whole=True, optional=True)
