import os
import threading
import time
from pathlib import Path

import pytest

from envs.cache import build_once, cache_folder, write_atomically


def test_the_cache_is_where_the_config_says_else_fgo_cache_else_below_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FGO_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder(None, "games") == tmp_path / "home/.cache/fgo/games"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder(None, "games") == tmp_path / "xdg/fgo/games"
    monkeypatch.setenv("FGO_CACHE", str(tmp_path / "fgo"))
    assert cache_folder(None, "games") == tmp_path / "fgo/games"
    assert cache_folder(str(tmp_path / "own"), "games") == tmp_path / "own/games"


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def build(draft: Path) -> None:
        (draft / "half").write_text("half")
        raise RuntimeError("out of luck")

    with pytest.raises(RuntimeError, match="out of luck"):
        build_once(tmp_path / "games", build)
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_cannot_write_says_so(tmp_path: Path) -> None:
    def build(draft: Path) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        build_once(tmp_path / "games", build)


def test_of_builds_at_the_same_time_one_wins_and_no_draft_stays(tmp_path: Path) -> None:
    barrier = threading.Barrier(4)
    made = []

    def build(draft: Path) -> None:
        barrier.wait()
        (draft / "game").write_text("whole")

    threads = [
        threading.Thread(target=lambda: made.append(build_once(tmp_path / "games", build)))
        for _ in range(barrier.parties)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, False, True]
    assert [path.name for path in tmp_path.iterdir()] == ["games"]
    assert (tmp_path / "games/game").read_text() == "whole"


def test_what_is_there_is_not_built_again(tmp_path: Path) -> None:
    def build(draft: Path) -> None:
        raise AssertionError("built twice")

    (tmp_path / "games").mkdir()
    assert not build_once(tmp_path / "games", build)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep/index.json"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [file.name for file in path.parent.iterdir()] == ["index.json"]


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
def test_files_and_folders_are_as_open_to_others_as_the_user_makes_their_own(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "index.json", b"")
        build_once(tmp_path / "games", lambda draft: None)
    finally:
        os.umask(before)
    assert (tmp_path / "index.json").stat().st_mode & 0o777 == 0o666 & ~umask
    assert (tmp_path / "games").stat().st_mode & 0o777 == 0o777 & ~umask


def test_what_killed_builds_left_goes_after_a_day_and_what_may_be_in_work_stays(tmp_path: Path) -> None:
    drafts: list[Path] = []
    for name in ("killed", "in-work"):
        with pytest.raises(RuntimeError):
            build_once(tmp_path / name, lambda draft: _end(drafts.append(draft)))
    for draft in drafts:
        (draft / "half").mkdir(parents=True)
    yesterday = time.time() - 25 * 3600
    os.utime(drafts[0], (yesterday, yesterday))
    (tmp_path / "own").mkdir()
    os.utime(tmp_path / "own", (yesterday, yesterday))
    assert build_once(tmp_path / "games", lambda draft: None)
    assert {path.name for path in tmp_path.iterdir()} == {drafts[1].name, "own", "games"}


def _end(_: object) -> None:
    raise RuntimeError("the build ends here")
