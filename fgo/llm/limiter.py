"""Keeps one model's traffic within its limits: calls at once, requests and tokens a minute; waiters go in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fgo.llm.config import ModelConfig

_LOOK = 0.25  # seconds after which a waiter looks again, since others may have handed something back


class Bucket:
    """A token bucket: `per_minute` units flow in evenly, at most one second's worth (or one unit) is saved up.

    More than that may be taken at once when it is full; the debt is then waited off by those who come after.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._capacity = max(1.0, self._rate)
        self._level = self._capacity
        self._clock = clock
        self._at = clock()

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(self._capacity, self._level + (now - self._at) * self._rate)
        self._at = now

    def wait_for(self, amount: float) -> float:
        """Seconds until `amount` may be taken; 0.0 is now."""
        self._fill()
        missing = min(amount, self._capacity) - self._level
        return missing / self._rate if missing > 1e-9 else 0.0

    def take(self, amount: float) -> None:
        """Take units (or hand them back: a negative amount)."""
        self._fill()
        self._level = min(self._capacity, self._level - amount)


class Limiter:
    """One model's limits. `hold` stops everyone for a while, as a provider's Retry-After asks."""

    def __init__(
        self,
        config: ModelConfig,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._slots = asyncio.Semaphore(config.max_concurrency)
        self._turn = asyncio.Lock()
        self._requests = Bucket(config.requests_per_minute, clock) if config.requests_per_minute else None
        self._tokens = Bucket(config.tokens_per_minute, clock) if config.tokens_per_minute else None
        self._held_until = 0.0
        self._clock, self._sleep = clock, sleep

    @property
    def counts_tokens(self) -> bool:
        """Whether the estimate given to `slot` matters."""
        return self._tokens is not None

    def hold(self, seconds: float) -> None:
        """Let nobody begin before so many seconds have passed."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    @asynccontextmanager
    async def slot(self, tokens: int) -> AsyncIterator[None]:
        """Wait for one's turn and hold a slot for one attempt that may use so many tokens."""
        async with self._slots:
            if self._wait(tokens) > 0 or self._turn.locked():
                async with self._turn:
                    while (seconds := self._wait(tokens)) > 0:
                        await self._sleep(min(seconds, _LOOK))
                    self._take(tokens)
            else:
                self._take(tokens)
            yield

    def _wait(self, tokens: int) -> float:
        waits = [self._held_until - self._clock()] if self._held_until else []
        if self._requests:
            waits.append(self._requests.wait_for(1))
        if self._tokens:
            waits.append(self._tokens.wait_for(tokens))
        return max(waits, default=0.0)

    def _take(self, tokens: int) -> None:
        if self._requests:
            self._requests.take(1)
        if self._tokens:
            self._tokens.take(tokens)

    def hand_back(self, tokens: int) -> None:
        """Return tokens that an attempt had reserved and did not use."""
        if self._tokens:
            self._tokens.take(-tokens)
