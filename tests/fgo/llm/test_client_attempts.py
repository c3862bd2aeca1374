"""Failed attempts: which are tried again, how long that is waited for, and that each is journalled and paid."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fgo.journal import Journal
from fgo.llm.client import Client
from fgo.llm.provider import AttemptFailed, Completion
from fgo.llm.types import BadRequest, ProviderUnavailable, Request
from fgo.types import Usage
from tests.fgo.llm.scripted import Scripted, caller, config, echo, events, request


def test_failed_attempts_are_journalled_and_paid_before_the_next_one(tmp_path: Path) -> None:
    failures = [
        AttemptFailed("down", name="InternalServerError", retry=True),
        AttemptFailed("empty", name="EmptyAnswer", retry=True, usage=Usage(prompt_tokens=3)),
    ]

    def respond(asked: Request) -> Completion:
        if failures:
            raise failures.pop(0)
        return echo(asked)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(Scripted(respond), journal, [config()])
            await client.complete(request(), caller())
            line = client.ledger.by_role_and_phase()["agent", "explore"]
            assert (line.calls, line.failed_attempts) == (1, 2)
            assert line.failed == Usage(prompt_tokens=3, dollars=3e-6)
            assert line.paid.tokens == line.usage.tokens + line.failed.tokens
            assert line.paid.dollars == pytest.approx(line.usage.dollars + line.failed.dollars, abs=1e-12)

    asyncio.run(run())
    with Journal(tmp_path / "j") as journal:
        kinds = [event["kind"] for event in journal.events()]
        call = next(event for event in journal.events() if event["kind"] == "call")
    assert kinds == ["attempt", "attempt", "call"]
    assert [event["call"] for event in events(tmp_path / "j", "attempt")] == [call["id"]] * 2


def test_refusals_are_not_tried_again(tmp_path: Path) -> None:
    def refuse(asked: Request) -> Completion:
        raise AttemptFailed("bad key", name="AuthenticationError", retry=False, final=BadRequest)

    provider = Scripted(refuse)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal, pytest.raises(BadRequest, match="AuthenticationError: bad key"):
            await Client(provider, journal, [config()]).complete(request(), caller())

    asyncio.run(run())
    assert provider.calls == 1


def test_an_outage_ends_after_the_configured_attempts(tmp_path: Path) -> None:
    def fail(asked: Request) -> Completion:
        raise AttemptFailed("down", name="ServiceUnavailableError", retry=True, usage=Usage(prompt_tokens=1))

    provider = Scripted(fail)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config(attempts=3)])
            with pytest.raises(
                ProviderUnavailable, match=r"down \(given up after 3 attempts, model.attempts\)"
            ) as info:
                await client.complete(request(), caller())
        assert info.value.usage.prompt_tokens == 3

    asyncio.run(run())
    assert provider.calls == 3


def test_those_who_wait_for_a_failing_call_fail_with_it(tmp_path: Path) -> None:
    def fail(asked: Request) -> Completion:
        raise AttemptFailed("down", name="ServiceUnavailableError", retry=True)

    provider = Scripted(fail, seconds=0.01)

    async def run() -> list[Any]:
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config(attempts=1)])
            asking = (client.complete(request(), caller(episode=i)) for i in range(3))
            return await asyncio.gather(*asking, return_exceptions=True)

    outcomes = asyncio.run(run())
    assert [type(outcome) for outcome in outcomes] == [ProviderUnavailable] * 3
    assert provider.calls == 1


def test_a_wait_longer_than_allowed_ends_the_call_and_says_when_to_come_back(tmp_path: Path) -> None:
    def fail(asked: Request) -> Completion:
        raise AttemptFailed("quota", name="RateLimitError", retry=True, retry_after=3600.0)

    provider = Scripted(fail)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal, pytest.raises(ProviderUnavailable, match="asks to wait 3600 s"):
            await Client(provider, journal, [config()]).complete(request(), caller())

    asyncio.run(run())
    assert provider.calls == 1


def test_a_slow_answer_is_a_failed_attempt(tmp_path: Path) -> None:
    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(Scripted(seconds=5), journal, [config(timeout_seconds=0.02, attempts=2)])
            with pytest.raises(ProviderUnavailable, match="no answer in"):
                await client.complete(request(), caller())

    asyncio.run(run())
    assert [event["error"] for event in events(tmp_path / "j", "attempt")] == ["Timeout", "Timeout"]


def test_cancelling_stops_at_once_even_while_waiting_to_try_again(tmp_path: Path) -> None:
    def fail(asked: Request) -> Completion:
        raise AttemptFailed("busy", name="RateLimitError", retry=True, retry_after=60.0)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(Scripted(fail), journal, [config()])
            task = asyncio.create_task(client.complete(request(), caller()))
            await asyncio.sleep(0.02)
            task.cancel()
            _, waiting = await asyncio.wait([task], timeout=1)
            assert not waiting
            assert task.cancelled()

    asyncio.run(run())
