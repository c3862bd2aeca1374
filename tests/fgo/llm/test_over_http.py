"""The door over real HTTP: litellm against a local server that answers well, badly or not at all.

One module, since each process that imports litellm pays two seconds for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fgo.journal import Journal, read_events
from fgo.llm.client import Client
from fgo.llm.config import BudgetConfig, ModelConfig, Prices
from fgo.llm.ledger import Ledger
from fgo.llm.litellm_provider import LiteLLMProvider
from fgo.llm.prices import priced, rates_of
from fgo.llm.types import (
    BadRequest,
    BudgetExceeded,
    Caller,
    ContextOverflow,
    ModelError,
    ProviderUnavailable,
    Reply,
    Request,
)
from fgo.types import Usage
from tests.fgo.llm import model_server as served
from tests.fgo.llm.model_server import ModelServer, answer, failing

pytestmark = pytest.mark.xdist_group("litellm")

KEY = "sk-do-not-write-me-down"
ROUTES = ("openai", "hosted_vllm")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("HOSTED_VLLM_API_KEY", KEY)
    with served.model_server() as running:
        yield running


def settings(server: ModelServer, route: str = "openai", **fields: Any) -> ModelConfig:
    defaults: dict[str, Any] = {
        "window": 4000, "max_output": 50, "prices": Prices(1.0, 2.0, 0.5), "api_base": server.url,
        "first_wait_seconds": 0.01, "timeout_seconds": 10, "attempts": 3,
    }  # fmt: skip
    return ModelConfig(f"{route}/served", **{**defaults, **fields})


def ask(config: ModelConfig, folder: Path, text: str = "hello there", **fields: Any) -> tuple[Reply, Ledger]:
    """One call by a client of its own; what it leaves in the journal stays in `folder`."""

    async def run() -> tuple[Reply, Ledger]:
        with Journal(folder / "journal") as journal:
            async with Client(LiteLLMProvider(), journal, [config]) as client:
                messages = ({"role": "user", "content": text},)
                asked = Request(config.name, messages, extra=config.extra(), **fields)
                return await client.complete(asked, Caller("agent", "test", {"text": text})), client.ledger

    return asyncio.run(run())


def attempts(folder: Path) -> list[dict[str, Any]]:
    return [event for event in read_events(folder / "journal") if event["kind"] == "attempt"]


@pytest.mark.parametrize("route", ROUTES)
def test_a_good_answer_arrives_with_the_usage_that_the_server_reported(
    server: ModelServer, tmp_path: Path, route: str
) -> None:
    server.otherwise = answer("Thought: ünïcode.\nAction: look")
    reply, ledger = ask(
        settings(server, route), tmp_path, temperature=0.5, stop=("\nObservation:",), seed=7, max_tokens=9
    )
    assert (reply.text, reply.finish, reply.model) == ("Thought: ünïcode.\nAction: look", "stop", "served")
    usage, paid = reply.usage, ledger.total().paid
    assert usage == paid
    assert (usage.prompt_tokens, usage.cached_tokens) == (server.prompt_tokens, server.cached_tokens) == (9, 3)
    assert (usage.completion_tokens, usage.reasoning_tokens) == (server.completion_tokens, server.reasoning_tokens)
    (sent,) = server.requests
    assert {name: sent[name] for name in ("model", "temperature", "stop", "seed", "max_tokens")} == {
        "model": "served", "temperature": 0.5, "stop": ["\nObservation:"], "seed": 7, "max_tokens": 9,
    }  # fmt: skip
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_extra_body_reaches_the_server_and_unset_fields_do_not(server: ModelServer, tmp_path: Path) -> None:
    ask(settings(server, extra_body={"chat_template_kwargs": {"enable_thinking": False}}), tmp_path)
    (sent,) = server.requests
    assert sent["chat_template_kwargs"] == {"enable_thinking": False}
    assert not {"temperature", "top_p", "seed", "stop", "tools", "response_format"} & set(sent)
    assert sent["max_tokens"] == 50  # the budget rests on a longest reply


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "failure",
    [
        failing(500),
        failing(503),
        failing(429),
        failing(408),
        served.cut_off(),
        served.malformed(),
        served.malformed(b"<html>bad gateway</html>"),
        served.malformed(b"{}"),
        served.silence(),
    ],
    ids=["500", "503", "429", "408", "cut off", "malformed", "html", "empty", "silence"],
)
def test_what_may_pass_is_tried_again(server: ModelServer, tmp_path: Path, route: str, failure: Any) -> None:
    server.script = [failure, failure]
    reply, ledger = ask(settings(server, route), tmp_path)
    assert reply.text.startswith("Thought")
    assert len(server.requests) == 3  # one for each attempt: litellm retries nothing on its own
    assert ledger.total().failed_attempts == len(attempts(tmp_path)) == 2


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (failing(400, "no such parameter"), BadRequest),
        (failing(401, f"Incorrect API key provided: {KEY}"), BadRequest),
        (failing(403), BadRequest),
        (failing(404), BadRequest),
        (failing(422), BadRequest),
        (served.context_error(), ContextOverflow),
    ],
    ids=["400", "401", "403", "404", "422", "context"],
)
def test_what_cannot_pass_is_asked_once(
    server: ModelServer, tmp_path: Path, route: str, failure: Any, error: type[ModelError]
) -> None:
    server.script = [failure]
    with pytest.raises(error) as info:
        ask(settings(server, route), tmp_path)
    assert type(info.value) is error
    assert len(server.requests) == len(attempts(tmp_path)) == 1
    written = (tmp_path / "journal").read_text() + str(info.value)
    assert KEY not in written


def test_retry_after_is_honoured_by_all_calls_to_the_model(server: ModelServer, tmp_path: Path) -> None:
    server.script = [failing(429, "slow down", {"retry-after": "0.4"})]
    ask(settings(server), tmp_path)
    assert server.times[1] - server.times[0] >= 0.4


def test_slow_and_dripping_answers_time_out(server: ModelServer, tmp_path: Path) -> None:
    server.script = [served.slowly(2.0), served.dripping(2.0)]
    reply, _ = ask(settings(server, timeout_seconds=0.4), tmp_path)
    assert reply.finish == "stop"
    assert [event["error"] for event in attempts(tmp_path)] == ["Timeout", "Timeout"]
    assert all(0.3 < event["seconds"] < 1.5 for event in attempts(tmp_path))


def test_a_server_that_is_not_there_is_an_infrastructure_failure(server: ModelServer, tmp_path: Path) -> None:
    for route in ROUTES:
        folder = tmp_path / route
        with pytest.raises(ProviderUnavailable, match="given up after 3 attempts"):
            ask(settings(server, route, api_base=served.closed_port()), folder)
        assert len(attempts(folder)) == 3


def test_a_truncated_completion_is_a_finished_call_that_says_so(server: ModelServer, tmp_path: Path) -> None:
    server.script = [answer("Thought: I was goi", "length")]
    reply, ledger = ask(settings(server), tmp_path)
    assert reply.finish == "length"
    assert (ledger.total().truncated, ledger.total().failed_attempts) == (1, 0)


def test_tool_calls_and_odd_texts_survive(server: ModelServer, tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"at": "x\ud800"}'}}
    server.script = [answer("half a pair: \ud83d!", "tool_calls", tool_calls=[call])]
    reply, _ = ask(settings(server), tmp_path)
    assert reply.finish == "tool_calls"
    assert reply.text == "half a pair: \ufffd!"
    assert reply.tool_calls[0]["function"]["arguments"] == '{"at": "x\ufffd"}'


def test_an_empty_answer_is_tried_again_and_what_it_cost_is_paid(server: ModelServer, tmp_path: Path) -> None:
    usage = {"prompt_tokens": 30, "completion_tokens": 0, "total_tokens": 30}
    server.script = [served.raw({"id": "c", "object": "chat.completion", "choices": [], "usage": usage})]
    _, ledger = ask(settings(server), tmp_path)
    assert ledger.total().failed.prompt_tokens == 30
    assert ledger.total().paid.prompt_tokens == 30 + server.prompt_tokens


def test_the_ledger_sums_exactly_to_what_the_server_charged_for(server: ModelServer, tmp_path: Path) -> None:
    config = settings(server, "hosted_vllm", max_concurrency=16)

    seen: set[str] = set()

    def sometimes_broken(handler: Any, body: dict[str, Any]) -> None:
        text = body["messages"][0]["content"]
        with server.lock:
            broken = text.endswith("7") and text not in seen
            seen.add(text)
        (failing(500) if broken else answer(text))(handler, body)

    server.otherwise = sometimes_broken

    async def run() -> None:
        with Journal(tmp_path / "journal") as journal:
            async with Client(LiteLLMProvider(), journal, [config]) as client:

                async def one(number: int) -> None:
                    who = Caller(
                        "optimizer" if number % 4 == 0 else "agent", "merge" if number % 3 else "explore", {"n": number}
                    )
                    text = "e" * (number % 20) + f" number {number % 40}"
                    asked = Request(config.name, ({"role": "user", "content": text},), extra=config.extra())
                    await client.complete(asked, who)

                await asyncio.gather(*(one(number) for number in range(60)))

    asyncio.run(run())
    ledger = Ledger(read_events(tmp_path / "journal"))
    paid = ledger.total().paid
    assert paid.prompt_tokens == server.prompt_tokens
    assert paid.cached_tokens == server.cached_tokens
    assert paid.completion_tokens == server.completion_tokens
    assert paid.reasoning_tokens == server.reasoning_tokens
    assert ledger.total().calls - ledger.total().cached == server.answered
    assert ledger.total().failed_attempts == 4
    assert server.most_in_flight <= 16
    for lines in (ledger.by_role(), ledger.by_phase(), ledger.by_role_and_phase()):
        assert sum(line.paid.tokens for line in lines.values()) == paid.tokens
        assert sum(line.calls for line in lines.values()) == ledger.total().calls


def test_a_budget_of_calls_holds_at_the_server(server: ModelServer, tmp_path: Path) -> None:
    config = settings(server, "hosted_vllm", max_concurrency=64)
    server.otherwise = served.slowly(0.02)

    async def run() -> int:
        with Journal(tmp_path / "journal") as journal:
            async with Client(LiteLLMProvider(), journal, [config], budget=BudgetConfig(calls=10)) as client:
                asked = [
                    Request(config.name, ({"role": "user", "content": str(n)},), extra=config.extra())
                    for n in range(64)
                ]
                asking = (client.complete(request, Caller("agent", "test", {})) for request in asked)
                outcomes = await asyncio.gather(*asking, return_exceptions=True)
                return sum(isinstance(outcome, BudgetExceeded) for outcome in outcomes)

    assert asyncio.run(run()) == 54
    assert server.answered == 10


def test_cancelling_an_http_call_stops_at_once(server: ModelServer, tmp_path: Path) -> None:
    server.otherwise = served.slowly(5.0)
    config = settings(server)

    async def run() -> None:
        with Journal(tmp_path / "journal") as journal:
            async with Client(LiteLLMProvider(), journal, [config]) as client:
                asked = Request(config.name, ({"role": "user", "content": "x"},), extra=config.extra())
                task = asyncio.create_task(client.complete(asked, Caller("agent", "test", {})))
                await asyncio.to_thread(server.asked.wait, 5)
                task.cancel()
                _, running = await asyncio.wait([task], timeout=1)
                assert not running

    asyncio.run(run())


def test_an_unsupported_parameter_is_an_error_that_says_what_to_set(tmp_path: Path) -> None:
    config = ModelConfig("anthropic/claude-x", window=9000, max_output=50, prices=Prices(1, 1))
    with pytest.raises(BadRequest, match=r"model\.seeded=false"):
        ask(config, tmp_path, seed=1)


def test_a_custom_provider_is_reached_by_its_prefix(tmp_path: Path) -> None:
    import litellm

    class Handler(litellm.CustomLLM):
        async def acompletion(self, *args: Any, **kwargs: Any) -> Any:
            response = litellm.ModelResponse(model=kwargs["model"])
            response.choices[0].message.content = "own " + kwargs["messages"][-1]["content"]  # type: ignore[union-attr]
            response.usage = litellm.Usage(prompt_tokens=3, completion_tokens=2, total_tokens=5)  # type: ignore[attr-defined]
            return response

    config = ModelConfig("own/base", window=9000, max_output=50, prices=Prices(0, 0))

    async def run() -> Reply:
        with Journal(tmp_path / "journal") as journal:
            async with Client(LiteLLMProvider({"own": Handler()}), journal, [config]) as client:
                asked = Request(config.name, ({"role": "user", "content": "words"},))
                return await client.complete(asked, Caller("agent", "test", {}))

    reply = asyncio.run(run())
    assert (reply.text, reply.usage.tokens) == ("own words", 5)


@pytest.mark.parametrize(
    "name",
    ["gpt-4o-mini", "gpt-4.1", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro", "groq/openai/gpt-oss-120b"],
)
def test_our_prices_are_litellms(name: str) -> None:
    import litellm

    rates = rates_of(ModelConfig(name))
    for prompt, reply in ((1000, 100), (300_000, 5000)):
        theirs = sum(litellm.cost_per_token(model=name, prompt_tokens=prompt, completion_tokens=reply))
        assert priced(Usage(prompt_tokens=prompt, completion_tokens=reply), rates).dollars == pytest.approx(theirs)
