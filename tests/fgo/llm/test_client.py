"""The client's promises: one reply a call, paid once, journalled first, resumable after a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fgo.journal import Journal
from fgo.llm.cache import Cache
from fgo.llm.client import Client
from fgo.llm.config import BudgetConfig
from fgo.llm.provider import Completion
from fgo.llm.types import BadRequest, BudgetExceeded, ContextOverflow, Request
from fgo.types import Usage
from tests.fgo.llm.scripted import USAGE, Scripted, caller, config, events, request

DOLLARS = (14 * 1.0 + 6 * 0.5 + 10 * 2.0) / 1e6  # of USAGE at the prices of `config()`


PROMPT = "word " * 12  # with which a prompt has at least as many tokens as USAGE says


def test_a_call_is_journalled_with_its_usage_and_price(tmp_path: Path) -> None:
    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            async with Client(Scripted(), journal, [config()]) as client:
                reply = await client.complete(request("hi", max_tokens=9), caller("optimizer", "merge", level=1))
        assert (reply.text, reply.finish, reply.cached, reply.model) == ("echo hi 0", "stop", False, "served")
        assert reply.usage == Usage(20, 6, 10, 4, DOLLARS)

    asyncio.run(run())
    (event,) = events(tmp_path / "j", "call")
    assert (event["role"], event["phase"], event["scope"]) == ("optimizer", "merge", {"level": 1})
    assert Usage.from_json(event["usage"]) == Usage.from_json(event["paid"]) == Usage(20, 6, 10, 4, DOLLARS)
    assert (event["cached"], event["finish"], event["text"]) == (False, "stop", "echo hi 0")


def test_the_same_caller_asking_the_same_gets_the_same_reply_and_one_event(tmp_path: Path) -> None:
    provider = Scripted(seconds=0.01)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config()])
            at_once = await asyncio.gather(*(client.complete(request(), caller(episode=1)) for _ in range(5)))
            later = await client.complete(request(), caller(episode=1))
        assert all(reply == later for reply in at_once)

    asyncio.run(run())
    assert provider.calls == 1
    assert len(events(tmp_path / "j", "call")) == 1


def test_different_callers_asking_the_same_at_once_share_one_paid_call(tmp_path: Path) -> None:
    provider = Scripted(seconds=0.01)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config()])
            replies = await asyncio.gather(*(client.complete(request(), caller(episode=i)) for i in range(5)))
        assert len({reply.text for reply in replies}) == 1
        assert sorted(reply.cached for reply in replies) == [False, True, True, True, True]

    asyncio.run(run())
    calls = events(tmp_path / "j", "call")
    assert provider.calls == 1
    assert len(calls) == 5
    assert [bool(call["paid"]) for call in calls].count(True) == 1
    assert all(Usage.from_json(call["usage"]).dollars == DOLLARS for call in calls)


def test_if_the_first_asker_is_cancelled_another_one_takes_over(tmp_path: Path) -> None:
    provider = Scripted(seconds=0.02)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config()])
            first = asyncio.create_task(client.complete(request(), caller(episode=0)))
            others = [asyncio.create_task(client.complete(request(), caller(episode=i))) for i in (1, 2, 3)]
            await asyncio.sleep(0.005)
            first.cancel()
            replies = await asyncio.gather(*others)
            assert first.cancelled()
        assert sum(not reply.cached for reply in replies) == 1

    asyncio.run(run())
    assert provider.calls == 2
    assert len(events(tmp_path / "j", "call")) == 3


def test_another_run_takes_replies_from_the_cache_and_still_reports_what_they_would_cost(tmp_path: Path) -> None:
    providers = [Scripted(), Scripted()]

    async def run(number: int) -> None:
        with Journal(tmp_path / f"j{number}") as journal:
            async with Client(providers[number], journal, [config()], cache=Cache(tmp_path / "cache")) as client:
                reply = await client.complete(request(), caller(run=number))
                assert reply.cached == (number == 1)
                assert reply.usage.dollars == DOLLARS
                total = client.ledger.total()
                assert (total.usage.dollars, total.cached) == (DOLLARS, number)
                assert total.paid.dollars == (0.0 if number else DOLLARS)

    asyncio.run(run(0))
    asyncio.run(run(1))
    assert [provider.calls for provider in providers] == [1, 0]
    assert all(provider.closed for provider in providers)


def test_a_resumed_run_finds_its_calls_and_fills_the_cache(tmp_path: Path) -> None:
    async def run(cache: Path | None, who: int) -> int:
        provider = Scripted()
        with Journal(tmp_path / "j") as journal:
            stored = Cache(cache) if cache else None
            async with Client(provider, journal, [config()], cache=stored) as client:
                await client.complete(request(), caller(episode=who))
        return provider.calls

    assert asyncio.run(run(None, 1)) == 1
    assert asyncio.run(run(tmp_path / "cache", 1)) == 0
    assert asyncio.run(run(tmp_path / "cache", 2)) == 0
    assert [bool(call["paid"]) for call in events(tmp_path / "j", "call")] == [True, False]


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from fgo.journal import Journal
from fgo.llm.cache import Cache
from fgo.llm.client import Client
from tests.fgo.llm.scripted import Scripted, caller, config, request

class Deadly(Cache):
    def put(self, key, reply):
        os.kill(os.getpid(), signal.SIGKILL)

async def main(folder):
    client = Client(Scripted(), Journal(folder / "j"), [config()], cache=Deadly(folder / "cache"))
    await client.complete(request("costly"), caller(episode=7))

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_run_killed_between_journal_and_cache_pays_for_no_call_twice(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], cwd=root, env=dict(os.environ), check=False)
    assert killed.returncode == -signal.SIGKILL
    provider = Scripted()

    async def resume() -> None:
        with Journal(tmp_path / "j") as journal:
            async with Client(provider, journal, [config()], cache=Cache(tmp_path / "cache")) as client:
                assert (await client.complete(request("costly"), caller(episode=7))).text == "echo costly 0"
                assert (await client.complete(request("costly"), caller(episode=8))).cached

    asyncio.run(resume())
    assert provider.calls == 0


def test_prompts_over_the_window_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    provider = Scripted()

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config(window=100, max_output=50)])
            with pytest.raises(ContextOverflow, match="exceeds the window of test/model, 100 tokens"):
                await client.complete(request("word " * 60), caller())
            await client.complete(request("word " * 20), caller())

    asyncio.run(run())
    assert provider.calls == 1


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (request(model="test/other"), "'test/other' is not configured; configured: test/model"),
        (request(max_tokens=401), "max_tokens=401: expected 1 to 400"),
        (request(extra={"extra_headers": {"Authorization": "Bearer x"}}), "extra.extra_headers.Authorization"),
        (request(extra={"api_key": "sk-1"}), "extra.api_key looks like a secret"),
    ],
)
def test_impossible_requests_say_what_is_wrong(tmp_path: Path, asked: Request, problem: str) -> None:
    async def run() -> None:
        with Journal(tmp_path / "j") as journal, pytest.raises(BadRequest, match=problem.replace("(", r"\(")):
            await Client(Scripted(), journal, [config()]).complete(asked, caller())

    asyncio.run(run())


def test_a_provider_that_reports_no_usage_is_counted_by_us_and_the_event_says_so(tmp_path: Path) -> None:
    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(Scripted(lambda _: Completion("one two three", "stop", Usage())), journal, [config()])
            reply = await client.complete(request("hello there"), caller())
            assert reply.usage.completion_tokens == 3
            assert reply.usage.prompt_tokens == client.count_tokens(request("hello there").messages) > 0

    asyncio.run(run())
    assert events(tmp_path / "j", "call")[0]["estimated"] is True


def test_concurrency_stays_within_the_models_limit(tmp_path: Path) -> None:
    provider = Scripted(seconds=0.002)

    async def run() -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config(max_concurrency=3)])
            await asyncio.gather(*(client.complete(request(str(i)), caller()) for i in range(30)))

    asyncio.run(run())
    assert provider.most_in_flight == 3


@pytest.mark.parametrize("limit", ["dollars", "tokens", "calls"])
def test_64_calls_at_once_never_exceed_the_budget_and_a_higher_one_goes_on(tmp_path: Path, limit: str) -> None:
    whole = {"dollars": 20 * DOLLARS + 1e-9, "tokens": 20 * USAGE.tokens, "calls": 20}

    async def run(budget: BudgetConfig) -> tuple[int, list[Any]]:
        provider = Scripted(seconds=0.001)
        with Journal(tmp_path / "j") as journal:
            client = Client(provider, journal, [config(max_concurrency=64, max_output=10)], budget=budget)
            asking = (client.complete(request(f"{PROMPT}{i:04d}"), caller(episode=i)) for i in range(64))
            outcomes = await asyncio.gather(*asking, return_exceptions=True)
            paid = client.ledger.total().paid
            spent = {"dollars": paid.dollars, "tokens": paid.tokens, "calls": client.ledger.total().calls}
            most = getattr(budget, limit)
            assert most is None or spent[limit] <= most
            return provider.calls, outcomes

    calls, outcomes = asyncio.run(run(BudgetConfig(**{limit: whole[limit]})))  # type: ignore[arg-type]
    stopped = [outcome for outcome in outcomes if isinstance(outcome, BudgetExceeded)]
    assert 19 <= calls <= 20  # the last one may be refused, since it could have cost more than it would have
    assert len(stopped) == 64 - calls
    assert f"budget.{limit}=" in str(stopped[0])
    assert "raise the limit" in str(stopped[0])
    again, outcomes = asyncio.run(run(BudgetConfig()))
    assert again == 64 - calls
    assert not any(isinstance(outcome, BaseException) for outcome in outcomes)


def test_a_budget_counts_what_earlier_sessions_paid(tmp_path: Path) -> None:
    async def run(number: int) -> None:
        with Journal(tmp_path / "j") as journal:
            client = Client(Scripted(), journal, [config()], budget=BudgetConfig(calls=2))
            await client.complete(request(str(number)), caller())

    asyncio.run(run(1))
    asyncio.run(run(2))
    asyncio.run(run(1))  # found in the journal: free
    with pytest.raises(BudgetExceeded, match=r"budget.calls=2 \(made 2\)"):
        asyncio.run(run(3))


def test_what_a_kill_kept_from_the_cache_is_there_for_other_runs_once_the_run_goes_on(tmp_path: Path) -> None:
    """Not even if the resumed run never asks for it again, as for the calls of a finished episode."""

    async def use(journal_name: str, provider: Scripted, cached: bool, asks: bool) -> None:
        with Journal(tmp_path / journal_name) as journal:
            cache = Cache(tmp_path / "cache") if cached else None
            async with Client(provider, journal, [config()], cache=cache) as client:
                if asks:
                    await client.complete(request("costly"), caller(episode=7))

    other = Scripted()
    asyncio.run(use("run", Scripted(), cached=False, asks=True))  # as if killed before the reply got to the cache
    asyncio.run(use("run", Scripted(), cached=True, asks=False))
    asyncio.run(use("another", other, cached=True, asks=True))
    assert other.calls == 0
