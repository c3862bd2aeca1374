"""The sandbox's small parts, on wild inputs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.sandbox import bubblewrap
from fgo.sandbox.child.capture import Capture
from fgo.sandbox.child.files import occupied, remove
from fgo.sandbox.child.frames import BadFrame, pack, unpack
from fgo.sandbox.launch import Answer
from fgo.sandbox.output import cut


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_what_is_packed_is_unpacked(parts: list[bytes]) -> None:
    assert unpack(pack(parts)) == parts


@given(st.binary(max_size=60))
def test_any_bytes_are_an_answer_or_a_bad_frame(body: bytes) -> None:
    try:
        answer = Answer.of(body)
    except BadFrame:
        return
    assert pack([answer.limit.encode(), answer.message.encode(), answer.head, answer.tail, b"0"])[:8] == body[:8]


def test_an_answer_of_unknown_kind_is_a_bad_frame() -> None:
    assert Answer.of(pack([b"time", b"late", b"a", b"b", b"3"])) == Answer("time", "late", b"a", b"b", 3)
    for parts in ([b"nonsense", b"", b"", b"", b"0"], [b"time", b"", b"", b"", b"-1"], [b"time"]):
        with pytest.raises(BadFrame):
            Answer.of(pack(parts))


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 30))
def test_a_capture_keeps_both_ends_and_counts_the_rest(chunks: list[bytes], keep: int) -> None:
    capture = Capture(keep)
    for chunk in chunks:
        capture.add(chunk)
    whole = b"".join(chunks)

    assert capture.total == len(whole)
    assert whole.startswith(capture.head)
    assert whole.endswith(capture.tail)
    assert len(capture.head) + capture.dropped + len(capture.tail) == len(whole)
    assert capture.dropped == max(0, len(whole) - 2 * keep)


@given(st.binary(max_size=400), st.integers(10, 100))
def test_an_output_is_whole_or_says_how_much_is_missing(data: bytes, most: int) -> None:
    text = data.decode("utf-8", "backslashreplace")
    shown = cut(data, b"", 0, most)

    if len(text) <= most:
        assert shown == text
    else:
        first, rest = shown.split("\n[... ", 1)
        missing, last = rest.split(" ...]\n", 1)
        assert text.startswith(first)
        assert text.endswith(last)
        assert len(first) + len(last) == most
        assert missing.startswith(f"{len(text) - most} characters left out")


def test_a_folder_is_removed_however_deep_or_closed_and_links_are_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    top = tmp_path / "top"
    top.mkdir()
    (top / "link").symlink_to(tmp_path)
    (top / "1.moved").mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(250):  # deeper than a path can be long
        os.mkdir("nested-folder-with-a-long-name", dir_fd=here)
        deeper = os.open("nested-folder-with-a-long-name", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.fchmod(here, 0)
    os.close(here)
    assert occupied(str(top)) == float("inf")
    remove(str(top))
    remove(str(top))

    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_python_below_tmp_is_bound_there_and_no_link_stands_in_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def links() -> list[str]:
        command = bubblewrap.command("bwrap", 1 << 20, ["python"])
        return [command[place + 2] for place, part in enumerate(command) if part == "--symlink"]

    monkeypatch.setattr("os.path.exists", lambda path: True)
    monkeypatch.setattr(bubblewrap, "_python_folders", lambda: ("/opt/python",))
    assert "/tmp" in links()
    monkeypatch.setattr(bubblewrap, "_python_folders", lambda: ("/" + "tmp/checkout/.venv",))
    assert "/tmp" not in links()
