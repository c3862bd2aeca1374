from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.journal import DamagedJournal, Journal, read_events


def fill(path: Path, n: int) -> None:
    with Journal(path) as journal:
        for number in range(n):
            journal.append("call", id=str(number), text=f"reply {number}")


def test_what_was_appended_is_found_by_kind_and_id_in_the_next_session(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    fill(path, 3)
    with Journal(path) as journal:
        found = journal.find("call", "1")
        assert found is not None
        assert found["text"] == "reply 1"
        assert journal.find("call", "3") is None
        assert journal.find("episode", "1") is None


def test_the_header_is_the_run_event(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        assert journal.header is None
        journal.append("run", fingerprint="abc")
    with Journal(tmp_path / "j") as journal:
        assert journal.header is not None
        assert journal.header["fingerprint"] == "abc"


def test_a_piece_of_work_is_noted_once_however_often_a_resumed_run_passes_it(tmp_path: Path) -> None:
    for _ in range(3):
        with Journal(tmp_path / "j") as journal:
            journal.append_once("merge", "m1", kept="x")
    assert [event["kind"] for event in read_events(tmp_path / "j")] == ["merge"]


@given(cut=st.integers(min_value=1, max_value=60))
def test_a_line_cut_off_anywhere_by_a_kill_is_dropped_and_the_rest_stays(tmp_path_factory, cut: int) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("cut") / "j"
    fill(path, 3)
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    path.write_bytes(whole[: -min(cut, len(last) - 1)])
    with Journal(path) as journal:
        assert journal.dropped == len(last) - min(cut, len(last) - 1)
        assert journal.find("call", "2") is None
        journal.append("call", id="2", text="again")
        assert journal.find("call", "1") is not None
        found = journal.find("call", "2")
        assert found is not None
        assert found["text"] == "again"
    assert [event["id"] for event in read_events(path)] == ["0", "1", "2"]


def test_damage_before_the_last_line_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    fill(path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"{broken\n" + lines[2])
    with pytest.raises(DamagedJournal, match="line 2"):
        Journal(path)


def test_long_events_are_found_whole(tmp_path: Path) -> None:
    text = "ü" * 300_000
    with Journal(tmp_path / "j") as journal:
        journal.append("episode", id="long", text=text)
        journal.append("episode", id="next", text="x")
        found = journal.find("episode", "long")
        assert found is not None
        assert found["text"] == text


def test_observers_see_each_event_after_it_is_written(tmp_path: Path) -> None:
    seen = []
    with Journal(tmp_path / "j") as journal:
        journal.observe(lambda event: seen.append((event["kind"], len(list(read_events(tmp_path / "j"))))))
        journal.append("session", pid=1)
        journal.append("stopped", why="test")
    assert seen == [("session", 1), ("stopped", 2)]
