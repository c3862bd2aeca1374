"""The ledger is a function of events: exact sums, in any order, by any axis."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.ledger import Ledger
from fgo.types import Usage

_tokens = st.integers(0, 10**7)
_dollars = st.integers(0, 10**12).map(lambda nano: nano / 1e9)
_usage = st.fixed_dictionaries(
    {}, optional={"prompt_tokens": _tokens, "completion_tokens": _tokens, "dollars": _dollars}
)
_who = {
    "role": st.sampled_from(["agent", "optimizer", "merger"]),
    "phase": st.sampled_from(["explore", "merge", "test"]),
}


def _call(usage: dict[str, Any], cached: bool, **fields: Any) -> dict[str, Any]:
    return {"kind": "call", "usage": usage, "paid": {} if cached else usage, "cached": cached, **fields}


_calls = st.builds(
    _call, _usage, st.booleans(), finish=st.sampled_from(["stop", "length"]), seconds=st.floats(0, 99), **_who
)
_attempts = st.builds(dict, kind=st.just("attempt"), usage=_usage, **_who)
_others = st.just({"kind": "episode"})


@given(st.lists(_calls | _attempts | _others, max_size=30), st.integers())
def test_sums_are_exact_and_depend_on_no_order(events: list[dict[str, Any]], seed: int) -> None:
    ledger, shuffled = Ledger(events), list(events)
    random.Random(seed).shuffle(shuffled)
    assert Ledger(shuffled).by_role_and_phase() == ledger.by_role_and_phase()
    total = ledger.total()
    booked = [event for event in events if event["kind"] == "call" or event["kind"] == "attempt"]
    paid = [event["paid"] if event["kind"] == "call" else event["usage"] for event in booked]
    assert total.paid.prompt_tokens == sum(usage.get("prompt_tokens", 0) for usage in paid)
    assert round(total.paid.dollars * 1e9) == sum(round(usage.get("dollars", 0) * 1e9) for usage in paid)
    for lines in (ledger.by_role(), ledger.by_phase(), ledger.by_role_and_phase()):
        for count in ("calls", "cached", "truncated", "failed_attempts"):
            assert sum(getattr(line, count) for line in lines.values()) == getattr(total, count)
        assert sum(line.usage.tokens for line in lines.values()) == total.usage.tokens
        assert max((line.longest_prompt for line in lines.values()), default=0) == total.longest_prompt


def test_a_line_tells_prompt_tokens_and_seconds_per_call() -> None:
    who = {"role": "optimizer", "phase": "optimize", "finish": "stop"}
    events = [
        _call({"prompt_tokens": 100, "dollars": 0.5}, False, seconds=1.0, **who),
        _call({"prompt_tokens": 300, "dollars": 0.5}, True, seconds=3.0, **who),
        {"kind": "attempt", "usage": {"prompt_tokens": 7, "dollars": 0.25}, "role": "optimizer", "phase": "optimize"},
    ]
    line = Ledger(events).by_role()["optimizer"]
    assert (line.mean_prompt, line.longest_prompt) == (200.0, 300)
    assert (line.mean_seconds, line.longest_seconds) == (2.0, 3.0)
    assert line.usage == Usage(prompt_tokens=400, dollars=1.0)
    assert line.paid == Usage(prompt_tokens=107, dollars=0.75)
    assert line.to_json()["failed"]["prompt_tokens"] == 7
