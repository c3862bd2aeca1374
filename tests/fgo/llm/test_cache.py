"""The cache: shared by processes, lost to nothing but a kill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fgo.llm.cache import Cache


def test_what_was_put_is_there_at_once_and_in_the_next_session(tmp_path: Path) -> None:
    with Cache(tmp_path / "deep" / "cache") as cache:
        assert cache.get("k") is None
        cache.put("k", {"text": "one"})
        cache.put("k", {"text": "two"})
        assert cache.get("k") == {"text": "one"}
    with Cache(tmp_path / "deep" / "cache") as cache:
        assert cache.get("k") == {"text": "one"}


def test_another_session_sees_what_was_flushed(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache") as one, Cache(tmp_path / "cache") as two:
        for number in range(200):
            one.put(str(number), {"n": number})
        one.flush()
        assert [two.get(str(number)) for number in range(200)] == [{"n": number} for number in range(200)]


_WRITER = """
import sys
from pathlib import Path
from fgo.llm.cache import Cache
with Cache(Path(sys.argv[1])) as cache:
    for number in range(500):
        cache.put(f"{sys.argv[2]} {number}", {"n": number})
        cache.put(f"shared {number}", {"n": number})
"""


def test_processes_write_at_once_and_lose_nothing(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path / "cache"), str(name)], cwd=Path(__file__).parents[3]
        )
        for name in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    with Cache(tmp_path / "cache") as cache:
        for name in ("0", "1", "2", "shared"):
            assert all(cache.get(f"{name} {number}") == {"n": number} for number in range(500))


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.put("k", {})
    cache.close()
    cache.close()


def test_a_file_that_is_no_cache_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("something else entirely, and long enough to be read as a header " * 20)
    with pytest.raises(ValueError, match=r"not usable as a cache .* Move it away"):
        Cache(tmp_path / "cache")
