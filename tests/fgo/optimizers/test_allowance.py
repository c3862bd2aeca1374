from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fgo.optimizers.allowance import Allowance, AllowanceConfig
from fgo.types import Usage


def test_without_a_unit_everything_is_affordable() -> None:
    allowance = Allowance.of(AllowanceConfig())
    allowance.spend(10**6, Usage(10**9))
    assert allowance.affords(10**6)
    assert allowance.part(0.1).affords(10**6)


@given(
    amount=st.integers(1, 500),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=6),
    wishes=st.lists(st.integers(0, 50), max_size=40),
)
def test_parts_that_ask_before_they_spend_never_exceed_the_whole(
    amount: int, shares: list[float], wishes: list[int]
) -> None:
    whole = Allowance.of(AllowanceConfig("episodes", amount))
    total = max(sum(shares), 1.0)
    parts = [whole.part(share / total) for share in shares]
    for number, wish in enumerate(wishes):
        part = parts[number % len(parts)]
        if part.affords(wish):
            part.spend(wish, Usage())
    assert whole.spent <= amount
    assert whole.spent == sum(part.spent for part in parts)


def test_what_must_stay_affordable_is_set_aside() -> None:
    whole = Allowance.of(AllowanceConfig("episodes", 100))
    part = whole.part(whole.share(work=500, aside=30))
    assert part.left == 70
    part.spend(70, Usage())
    assert whole.affords(30)
    assert not whole.affords(31)


def test_tokens_and_dollars_are_counted_as_the_uncached_run_pays_them() -> None:
    tokens, dollars = Allowance.of(AllowanceConfig("tokens", 100)), Allowance.of(AllowanceConfig("dollars", 0.5))
    for allowance in (tokens, dollars):
        assert allowance.affords(1)
        allowance.spend(1, Usage(prompt_tokens=90, completion_tokens=10, dollars=0.5))
        assert not allowance.affords(0)


def test_under_tokens_an_epoch_begins_only_if_it_fits_at_the_price_so_far() -> None:
    whole = Allowance.of(AllowanceConfig("tokens", 1000))
    whole.spend(10, Usage(prompt_tokens=200))  # the first validation: 20 tokens an episode
    part = whole.part(whole.share(work=100, aside=10))
    assert part.left == 600
    assert part.affords(30)
    assert not part.affords(31)
    part.spend(30, Usage(prompt_tokens=900))  # dearer than thought: the part ends above its share, the rest is smaller
    assert not part.affords(0)
    assert not whole.affords(1)
