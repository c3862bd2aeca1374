from __future__ import annotations

import sys
from pathlib import Path

import pytest

from experiments.pack_recording import main
from fgo.llm.recording import DamagedRecording, Recording, RecordingFile
from fgo.llm.types import Request


def recorded(path: Path) -> Path:
    recording = Recording(path)
    for number in range(50):
        message = {"role": "user", "content": f"ü {number % 7} " * 50}
        recording.add(str(number), Request("m", (message,)), {"text": f"answer {number}"})
    recording.close()
    return path


def test_a_recording_is_never_made_packed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"record=.*a\.jsonl, then python -m experiments\.pack_recording"):
        Recording(tmp_path / "a.jsonl.zst")


def test_a_packed_recording_answers_like_the_plain_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("zstandard", reason="packed recordings need zstandard (the extra local)")
    plain = recorded(tmp_path / "a.jsonl")
    whole = plain.read_bytes()
    assert main([str(plain), str(tmp_path / "a.jsonl.zst")]) == 0
    assert f"of {len(whole):,}" in capsys.readouterr().out
    plain.write_bytes(whole + b'{"call": "cut o')  # a kill's last line is left out, and the same bytes come of it
    assert main([str(plain), str(tmp_path / "b.jsonl.zst")]) == 0
    assert (tmp_path / "a.jsonl.zst").read_bytes() == (tmp_path / "b.jsonl.zst").read_bytes()
    assert (tmp_path / "a.jsonl.zst").stat().st_size < len(whole) / 2

    unpacked, original = RecordingFile(tmp_path / "a.jsonl.zst"), RecordingFile(plain)
    assert list(unpacked.all_calls()) == list(original.all_calls())
    assert len(list(unpacked.all_calls())) == 50
    digest = next(iter(original.messages))
    assert unpacked.message(digest) == original.message(digest)
    unpacked.close()
    original.close()


def test_a_damaged_packed_recording_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("zstandard", reason="packed recordings need zstandard (the extra local)")
    assert main([str(recorded(tmp_path / "a.jsonl")), str(tmp_path / "a.zst")]) == 0
    data = bytearray((tmp_path / "a.zst").read_bytes())
    data[len(data) // 2] ^= 255
    (tmp_path / "a.zst").write_bytes(data)
    with pytest.raises(DamagedRecording, match="can't be unpacked"):
        RecordingFile(tmp_path / "a.zst")


def test_what_can_not_be_packed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = recorded(tmp_path / "a.jsonl")
    assert main([str(plain), str(tmp_path / "a.gz")]) == 2
    assert "with .zst at its end" in capsys.readouterr().err
    assert main([str(tmp_path / "none"), str(tmp_path / "a.zst")]) == 2
    assert main([]) == 2


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert main([str(recorded(tmp_path / "a.jsonl")), str(tmp_path / "a.zst")]) == 2
    assert "pip install 'fgo-harness[local]'" in capsys.readouterr().err


def test_recordings_that_contradict_each_other_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(tmp_path / "a.jsonl")
    other = Recording(tmp_path / "b.jsonl")
    other.add("7", Request("m", ({"role": "user", "content": "x"},)), {"text": "another answer"})
    other.close()
    assert main([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), str(tmp_path / "c.zst")]) == 2
    assert "b.jsonl: holds another answer" in capsys.readouterr().err
    assert not (tmp_path / "c.zst").exists()


def test_who_paid_for_an_answer_may_differ_between_recordings(tmp_path: Path) -> None:
    pytest.importorskip("zstandard", reason="packed recordings need zstandard (the extra local)")
    request = Request("m", ({"role": "user", "content": "x"},))
    for name, payer in (("a", "first"), ("b", "")):  # the second of two runs that share a cache pays nothing
        file = Recording(tmp_path / f"{name}.jsonl")
        file.add("k", request, {"text": "y", "payer": payer})
        file.close()
    assert main([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), str(tmp_path / "c.zst")]) == 0
    both = RecordingFile(tmp_path / "c.zst")
    assert [line["completion"] for line in both.lines() if "call" in line] == [{"text": "y", "payer": "first"}]
    both.close()
