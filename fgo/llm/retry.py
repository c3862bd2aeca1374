"""Tries a call again where that can help: exponential backoff with a seeded jitter, or the wait that was asked for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from time import time

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from fgo.llm.config import ModelConfig
from fgo.llm.provider import AttemptFailed, Completion


def retry_after_seconds(headers: object) -> float | None:
    """What a response's headers ask to wait: `retry-after-ms`, or `retry-after` as seconds or a date. None: nothing."""
    get = getattr(headers, "get", None)
    if get is None:
        return None
    try:
        if get("retry-after-ms") is not None:
            return max(0.0, float(get("retry-after-ms")) / 1000)
    except ValueError:
        pass  # not a number: retry-after may still be one
    value = get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass  # a date, then
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None  # unreadable: as if it weren't there


def backoff(attempt: int, call: str, config: ModelConfig, retry_after: float | None) -> float:
    """Seconds to wait after the attempt of this number (from 1)."""
    if retry_after is not None:
        return retry_after
    doubled = config.first_wait_seconds * 2.0 ** min(attempt - 1, 30)
    return min(doubled * random.Random(f"{call}/{attempt}").uniform(0.5, 1.5), config.longest_wait_seconds)


async def with_retries(
    attempt: Callable[[], Awaitable[Completion]],
    call: str,
    config: ModelConfig,
) -> Completion:
    """The first completion that an attempt returns. Raises the last AttemptFailed."""

    first: AttemptFailed | None
    try:
        return await attempt()  # nearly always the end of it, and cheaper than tenacity by more than the rest of a call
    except AttemptFailed as error:
        first = error

    async def attempt_after_first() -> Completion:
        nonlocal first
        if first is not None:
            error, first = first, None
            raise error
        return await attempt()

    def failed(state: RetryCallState) -> AttemptFailed:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, AttemptFailed)  # nothing else is retried
        return error

    def asked_too_long(state: RetryCallState) -> bool:
        return (failed(state).retry_after or 0.0) > config.longest_wait_seconds

    def wait(state: RetryCallState) -> float:
        return backoff(state.attempt_number, call, config, failed(state).retry_after)

    retrying = AsyncRetrying(
        sleep=asyncio.sleep,
        stop=lambda state: state.attempt_number >= config.attempts or asked_too_long(state),
        wait=wait,
        retry=retry_if_exception(lambda error: isinstance(error, AttemptFailed) and error.retry),
        reraise=True,
    )
    return await retrying(attempt_after_first)
