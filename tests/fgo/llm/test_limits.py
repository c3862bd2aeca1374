"""Rate limits and waits: buckets against a clock of the test's own, Retry-After in its three spellings."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.limiter import Bucket, Limiter
from fgo.llm.retry import backoff, retry_after_seconds
from tests.fgo.llm.scripted import config


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@given(st.integers(1, 6000), st.lists(st.integers(1, 500), min_size=1, max_size=60))
def test_a_bucket_never_lets_through_more_than_its_rate_and_one_burst(per_minute: int, amounts: list[int]) -> None:
    clock = Clock()
    bucket = Bucket(per_minute, clock)
    taken = 0
    for amount in amounts:
        clock.now += bucket.wait_for(amount)
        assert bucket.wait_for(amount) == 0.0
        bucket.take(amount)
        burst = max(1.0, per_minute / 60)
        assert taken <= clock.now * per_minute / 60 + burst + 1e-6
        taken += amount


def test_requests_a_minute_are_spread_over_it() -> None:
    clock = Clock()

    async def run() -> None:
        limiter = Limiter(config(requests_per_minute=120), clock, clock.sleep)

        async def one() -> None:
            async with limiter.slot(10):
                pass

        await asyncio.gather(*(one() for _ in range(122)))

    asyncio.run(run())
    assert 59.5 <= clock.now <= 61.0


def test_tokens_that_were_not_used_are_handed_back() -> None:
    clock = Clock()

    async def run() -> None:
        limiter = Limiter(config(tokens_per_minute=60_000), clock, clock.sleep)
        for _ in range(10):
            async with limiter.slot(30_000):
                limiter.hand_back(29_000)

    asyncio.run(run())
    assert clock.now <= 10.0  # 1,000 tokens a second used, not 30,000


def test_a_hold_stops_everyone_until_it_is_over() -> None:
    clock = Clock()

    async def run() -> None:
        limiter = Limiter(config(), clock, clock.sleep)
        limiter.hold(7.0)
        async with limiter.slot(1):
            assert clock.now >= 7.0

    asyncio.run(run())


def test_waiters_are_served_in_turn_and_a_cancelled_one_blocks_nobody() -> None:
    clock = Clock()
    served: list[int] = []

    async def run() -> None:
        limiter = Limiter(config(requests_per_minute=60, max_concurrency=2), clock, clock.sleep)

        async def one(number: int) -> None:
            async with limiter.slot(1):
                served.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(6)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert served == [0, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_seconds_or_milliseconds(headers: object, seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    seconds = retry_after_seconds({"retry-after": formatdate(time() + 30, usegmt=True)})
    assert seconds is not None
    assert 27 <= seconds <= 31


def test_backoff_doubles_with_a_seeded_jitter_up_to_its_limit() -> None:
    settings = config(first_wait_seconds=1.0, longest_wait_seconds=20.0)
    waits = [backoff(attempt, "call", settings, None) for attempt in range(1, 9)]
    assert waits == [backoff(attempt, "call", settings, None) for attempt in range(1, 9)]
    assert waits != [backoff(attempt, "other", settings, None) for attempt in range(1, 9)]
    for attempt, seconds in enumerate(waits[:4]):
        assert 0.5 * 2**attempt <= seconds <= 1.5 * 2**attempt
    assert waits[-1] == 20.0
    assert backoff(1, "call", settings, 13.0) == 13.0
