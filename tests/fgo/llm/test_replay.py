"""A recorded run replays byte for byte without its model, and says what differs where it can't."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fgo.journal import Journal
from fgo.llm.cache import Cache
from fgo.llm.client import Client
from fgo.llm.provider import AttemptFailed, Completion, Provider
from fgo.llm.recording import DamagedRecording, Recording
from fgo.llm.replay import ReplayProvider
from fgo.llm.types import ContextOverflow, ProviderUnavailable, ReplayMiss, Request
from tests.fgo.llm.scripted import Scripted, caller, config, echo, events, request

SYSTEM = {"role": "system", "content": "You act in a household.\nRules:\n- look first\n- be brief"}


def conversation(episode: int, turns: int, **fields: Any) -> Request:
    messages: list[dict[str, str]] = [SYSTEM, {"role": "user", "content": f"episode {episode}"}]
    for turn in range(turns):
        messages += [{"role": "assistant", "content": f"a{turn}"}, {"role": "user", "content": f"o{turn}"}]
    return request(messages=tuple(messages), **fields)


def run(folder: Path, provider: Provider, requests: list[Request], recording: Path | None = None, **more: Any) -> Any:
    async def all_of_it() -> Any:
        with Journal(folder / "journal") as journal:
            record = Recording(recording) if recording else None
            async with Client(provider, journal, [config()], recording=record, **more) as client:
                asking = (client.complete(asked, caller(n=n)) for n, asked in enumerate(requests))
                return await asyncio.gather(*asking)

    return asyncio.run(all_of_it())


def calls(folder: Path) -> list[dict[str, Any]]:
    """The journal's calls but for the time at which they were written."""
    with Journal(folder / "journal") as journal:
        found = [event for event in journal.events() if event["kind"] == "call"]
    return sorted(({**event, "at": 0} for event in found), key=lambda event: str(event["id"]))


def test_a_replay_journals_the_same_calls_with_the_same_usage_finish_and_latency(tmp_path: Path) -> None:
    asked = [conversation(n, n % 4) for n in range(12)] + [conversation(0, 0), conversation(3, 1, max_tokens=5)]
    failed: set[str] = set()

    def respond(request: Request) -> Completion:
        text = str(request.messages)
        if "episode 5" in text and text not in failed:
            failed.add(text)
            raise AttemptFailed("once", name="InternalServerError", retry=True)
        answer = echo(request)
        return Completion(answer.text, "length" if request.max_tokens == 5 else "stop", answer.usage, model="served")

    recorded = run(tmp_path / "one", Scripted(respond, seconds=0.003), asked, tmp_path / "recording")
    replayed = run(tmp_path / "two", ReplayProvider(tmp_path / "recording"), asked)
    assert replayed == recorded
    assert calls(tmp_path / "two") == calls(tmp_path / "one")
    assert all(call["seconds"] >= 0.003 for call in calls(tmp_path / "two"))


def test_replies_that_came_from_the_cache_are_recorded_and_replayed_as_unpaid(tmp_path: Path) -> None:
    run(tmp_path / "before", Scripted(), [request()], cache=Cache(tmp_path / "cache"))
    run(tmp_path / "one", Scripted(), [request()], tmp_path / "recording", cache=Cache(tmp_path / "cache"))
    run(tmp_path / "two", ReplayProvider(tmp_path / "recording"), [request()])
    assert calls(tmp_path / "two") == calls(tmp_path / "one")
    assert calls(tmp_path / "two")[0]["cached"] is True


def test_a_prompt_that_the_provider_found_too_long_is_too_long_in_the_replay(tmp_path: Path) -> None:
    def too_long(request: Request) -> Completion:
        raise AttemptFailed(
            "8701 tokens exceed 8192", name="ContextWindowExceededError", retry=False, final=ContextOverflow
        )

    def refused(folder: str, provider: Provider, recording: Path | None = None) -> tuple[str, str, str]:
        with pytest.raises(ContextOverflow, match="8701 tokens exceed 8192") as error:
            run(tmp_path / folder, provider, [request()], recording)
        (attempt,) = events(tmp_path / folder / "journal", "attempt")
        return str(error.value), attempt["error"], attempt["message"]

    recording = tmp_path / "recording"
    recorded = refused("one", Scripted(too_long), recording)
    assert refused("again", Scripted(too_long), recording) == recorded
    assert recording.read_bytes().count(b'"refusal"') == 1
    assert refused("two", ReplayProvider(recording)) == recorded


def test_failures_that_may_pass_are_no_part_of_a_recording(tmp_path: Path) -> None:
    def down(request: Request) -> Completion:
        raise AttemptFailed("down", name="InternalServerError", retry=False)

    with pytest.raises(ProviderUnavailable):
        run(tmp_path / "one", Scripted(down), [request()], tmp_path / "recording")
    with pytest.raises(ReplayMiss, match="it is empty"):
        run(tmp_path / "two", ReplayProvider(tmp_path / "recording"), [request()])


def test_equal_requests_have_equal_replies_in_a_recorded_run_even_without_a_cache(tmp_path: Path) -> None:
    numbers = iter(range(9))
    provider = Scripted(lambda _: Completion(f"draw {next(numbers)}", "stop", echo(request()).usage))
    first = run(tmp_path / "one", provider, [request()], tmp_path / "recording")
    later = run(tmp_path / "one", provider, [request("other"), request()], tmp_path / "recording")
    assert first[0].text == later[1].text == "draw 0"


def test_each_distinct_message_is_stored_once(tmp_path: Path) -> None:
    run(tmp_path / "one", Scripted(), [conversation(n, 3) for n in range(20)], tmp_path / "recording")
    assert (tmp_path / "recording").read_text().count("You act in a household") == 1


def test_a_recording_cut_off_by_a_kill_goes_on_and_a_resumed_run_completes_it(tmp_path: Path) -> None:
    asked = [conversation(n, 1) for n in range(6)]
    run(tmp_path / "one", Scripted(), asked, tmp_path / "recording")
    whole = (tmp_path / "recording").read_bytes()
    (tmp_path / "recording").write_bytes(whole[: len(whole) // 2])
    provider = Scripted()
    run(tmp_path / "one", provider, asked, tmp_path / "recording")
    assert provider.calls == 0
    run(tmp_path / "two", ReplayProvider(tmp_path / "recording"), asked)
    assert [call["text"] for call in calls(tmp_path / "two")] == [call["text"] for call in calls(tmp_path / "one")]


def test_damage_in_the_middle_of_a_recording_is_an_error_with_the_line(tmp_path: Path) -> None:
    run(tmp_path / "one", Scripted(), [request("a"), request("b")], tmp_path / "recording")
    lines = (tmp_path / "recording").read_text().splitlines(keepends=True)
    (tmp_path / "recording").write_text(lines[0] + "{broken\n" + lines[1])
    with pytest.raises(DamagedRecording, match="line 2"):
        ReplayProvider(tmp_path / "recording")


def miss(folder: Path, asked: Request) -> str:
    provider = ReplayProvider(folder / "recording")
    with pytest.raises(ReplayMiss) as info:
        asyncio.run(provider.complete(asked, 1.0))
    return str(info.value)


def test_a_miss_names_the_fields_that_differ_from_the_nearest_request(tmp_path: Path) -> None:
    recorded = [conversation(n, 2, temperature=0.0, max_tokens=9) for n in range(5)]
    run(tmp_path / "one", Scripted(), recorded, tmp_path / "recording")
    message = miss(tmp_path, conversation(3, 2, temperature=0.7, max_tokens=9))
    assert "temperature: recorded 0.0, asked 0.7" in message
    assert "max_tokens" not in message
    assert "message " not in message


def test_a_miss_shows_the_first_differing_message_of_the_nearest_conversation(tmp_path: Path) -> None:
    run(tmp_path / "one", Scripted(), [conversation(n, 2, max_tokens=9) for n in range(5)], tmp_path / "recording")
    other = {**SYSTEM, "content": SYSTEM["content"].replace("be brief", "be kind")}
    asked = request(messages=(other, *conversation(3, 2).messages[1:]), max_tokens=9)
    message = miss(tmp_path, asked)
    assert "message 1 of 6" in message
    assert "-- be brief" in message
    assert "+- be kind" in message
    longer = miss(tmp_path, conversation(3, 3, max_tokens=9))
    assert "messages: recorded 6, asked 8; the first 6 are equal" in longer


def test_an_empty_recording_says_so(tmp_path: Path) -> None:
    Recording(tmp_path / "recording").close()
    assert "it is empty" in miss(tmp_path, request())
