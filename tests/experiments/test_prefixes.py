from __future__ import annotations

from pathlib import Path

import pytest

from experiments.prefixes import PrefixCache, main
from fgo.journal import Journal
from fgo.llm.recording import Recording
from fgo.llm.types import Request

LONG = [f"word{i}" for i in range(1500)]


def test_what_begins_like_an_earlier_prompt_is_cached_in_steps_from_a_least_length_on() -> None:
    cache = PrefixCache()
    assert cache.ask(list(range(2000))) == 0
    assert cache.ask(list(range(2000))) == 1920  # 15 steps of 128
    assert cache.ask([*range(1100), 7, 7]) == 1024
    assert cache.ask([*range(1000), *[7] * 500]) == 0  # too short a beginning
    assert cache.ask([5, *range(2000)]) == 0  # another beginning


def recorded(folder: Path, prompts: list[str]) -> list[str]:
    recording, journal = Recording(folder / "r.jsonl"), Journal(folder / "journal.jsonl")
    for number, prompt in enumerate(prompts):
        recording.add(str(number), Request("m", ({"role": "user", "content": prompt},)), {})
        journal.append("call", id=str(number), key=str(number), role="optimizer")
    recording.close()
    journal.close()
    return [str(folder / "r.jsonl"), str(folder / "journal.jsonl")]


def test_a_run_is_told_by_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same = " ".join(LONG)
    assert main(recorded(tmp_path, [same + " one", same + " two"])) == 0
    assert capsys.readouterr().out.split()[:3] == ["optimizer", "2", "calls"]


def test_another_runs_recording_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = recorded(tmp_path, ["a"])
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.append("call", id="other", key="other", role="agent")

    assert main(files) == 2
    assert "does not hold the call other" in capsys.readouterr().err
    assert main([]) == 2
    assert main([str(tmp_path / "none"), files[1]]) == 2
