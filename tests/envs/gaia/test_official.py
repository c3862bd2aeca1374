from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from envs.gaia import hub
from envs.gaia.library import official_library, resolve_source
from envs.gaia.official import as_expected, read_split
from tests.envs.gaia.official_data import COUNTS, rows, write_official, write_parquet, write_rows

FEW = {1: 4, 2: 6, 3: 4}
LAYOUTS = ("whole", "levels", "lines")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_read_whole(tmp_path: Path, layout: str) -> None:
    records = read_split(write_official(tmp_path, layout), "validation")

    assert as_expected(records)
    assert len(records) == 165
    first = records[0]
    assert (first.id, first.question, first.level, first.answer) == ("vali-1-000", "What is 0 plus 1?", 1, "1")
    assert {name: path.read_text() for name, path in first.files.items()} == {"vali-1-000.txt": "file of vali-1-000"}
    assert sum(bool(record.files) for record in records) == 18
    assert [record.id for record in records] == sorted(record.id for record in records)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_test_split_has_no_answers_and_its_placeholder_is_left_out(tmp_path: Path, layout: str) -> None:
    records = read_split(write_official(tmp_path, layout, FEW, hidden=FEW), "test")

    assert len(records) == 14
    assert {record.answer for record in records} == {None}


def test_what_is_not_needed_may_be_left_out_and_numbers_may_be_answers(tmp_path: Path) -> None:
    content = [{"task_id": "a", "Question": "How many?", "Level": 1, "Final answer": 17}]
    write_rows(tmp_path, "validation", content, "lines")
    write_rows(tmp_path, "test", [{"task_id": "b", "Question": "How many?", "Level": "2"}])

    assert read_split(tmp_path, "validation")[0].answer == "17"
    assert read_split(tmp_path, "test")[0].answer is None


def test_the_layouts_are_told_apart_from_nothing_else(tmp_path: Path) -> None:
    made = [
        official_library(str(write_official(tmp_path / layout, layout)), "test", None, 0.5, 0.2).fingerprint()
        for layout in LAYOUTS
    ]

    assert made[0] == made[1] == made[2]


def test_another_number_of_questions_is_warned_of_and_recorded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        library = official_library(str(write_official(tmp_path, counts=FEW)), "test", None, 0.5, 0.2)

    assert "14 questions" in caplog.text
    assert "165" in caplog.text
    assert library.fingerprint()["validation"] == {
        "tasks": 14, "levels": {"1": 4, "2": 6, "3": 4}, "as_released": False
    }  # fmt: skip


def test_the_splits_are_stratified_and_disjoint(tmp_path: Path) -> None:
    library = official_library(str(write_official(tmp_path)), "test", None, 0.5, 0.2)
    levels = {name: about["levels"] for name, about in library.fingerprint()["splits"].items()}

    assert levels == {
        "train": {"1": 15, "2": 26, "3": 8},
        "validation": {"1": 11, "2": 17, "3": 5},
        "test": {"1": 27, "2": 43, "3": 13},
    }
    ids = [record.id for records in library.splits.values() for record in records]
    assert len(ids) == len(set(ids)) == 165


def test_one_level_alone_keeps_each_question_in_its_split(tmp_path: Path) -> None:
    root = str(write_official(tmp_path))
    everything = official_library(root, "test", None, 0.5, 0.2)
    second = official_library(root, "test", 2, 0.5, 0.2)

    for name, records in second.splits.items():
        assert list(records) == [record for record in everything.splits[name] if record.level == 2]


def test_a_fingerprint_changes_with_an_answer_and_quotes_nothing(tmp_path: Path) -> None:
    content = rows("validation", FEW, canary="xyzzy")
    write_rows(tmp_path / "a", "validation", content)
    content[0]["Final answer"] = "another"
    write_rows(tmp_path / "b", "validation", content)
    a, b = (official_library(str(tmp_path / name), "test", None, 0.5, 0.2).fingerprint() for name in "ab")

    assert a != b
    assert "xyzzy" not in str(a)
    assert a["restricted"] is True


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "2023/../../secret.txt", "..\\secret.txt"])
@pytest.mark.parametrize("layout", ["whole", "lines"])
def test_a_file_outside_the_data_is_refused(tmp_path: Path, path: str, layout: str) -> None:
    content = rows("validation", FEW)
    content[3] |= {"file_name": path, "file_path": path}
    write_rows(tmp_path, "validation", content, layout)

    with pytest.raises(ValueError, match=r"metadata\.\w+, row 4: its file leads out of"):
        read_split(tmp_path, "validation")


def test_a_link_out_of_the_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    root = write_official(tmp_path / "data")
    file = root / "2023/validation/vali-1-000.txt"
    file.unlink()
    file.symlink_to(tmp_path / "secret.txt")

    with pytest.raises(ValueError, match="its file is a link that leads out of"):
        read_split(root, "validation")


def test_the_links_of_the_hugging_face_cache_are_followed(tmp_path: Path) -> None:
    root = write_official(tmp_path / "datasets--gaia/snapshots/0123abc")
    blobs = tmp_path / "datasets--gaia/blobs"
    blobs.mkdir()
    for number, file in enumerate(sorted(root.rglob("*.*"))):
        file.rename(blobs / str(number))
        file.symlink_to(os.path.relpath(blobs / str(number), file.parent))
    files = read_split(root, "validation")[0].files

    assert {name: path.read_text() for name, path in files.items()} == {"vali-1-000.txt": "file of vali-1-000"}
    assert not any(path.is_symlink() for path in files.values()), "tools open no links"


def test_missing_data_say_what_is_expected_where(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"holds no GAIA questions.*metadata\.parquet.*GAIA_DATA"):
        read_split(tmp_path, "validation")
    write_rows(tmp_path, "validation", [rows("validation", {1: 1})[0] | {"task_id": "0-0-0-0-0"}])
    with pytest.raises(FileNotFoundError, match="holds no GAIA questions"):
        read_split(tmp_path, "validation")
    (write_official(tmp_path) / "2023/validation/vali-2-010.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 attached file.*vali-2-010\.txt"):
        read_split(tmp_path, "validation")


@pytest.mark.parametrize(
    "change", [{"Level": "4"}, {"Question": ""}, {"Final answer": None}, {"task_id": "vali-1-000"}]
)
def test_a_broken_row_is_named_and_not_quoted(tmp_path: Path, change: dict[str, Any]) -> None:
    content = rows("validation", FEW, canary="xyzzy")
    content[2] |= change
    write_rows(tmp_path, "validation", content)

    with pytest.raises(ValueError, match=r"metadata\.parquet, row 3: ") as caught:
        read_split(tmp_path, "validation")
    assert "xyzzy" not in str(caught.value)


def test_files_that_are_none_of_gaias_are_refused(tmp_path: Path) -> None:
    folder = write_rows(tmp_path / "a", "validation", rows("validation", FEW))
    write_parquet(folder / "metadata.parquet", [{"question": "why?"}])
    with pytest.raises(ValueError, match=r"metadata\.parquet has no column 'task_id'"):
        read_split(tmp_path / "a", "validation")
    (folder / "metadata.parquet").write_bytes(b"xyzzy" * 20)
    with pytest.raises(ValueError, match=r"metadata\.parquet can't be read as parquet"):
        read_split(tmp_path / "a", "validation")
    former = write_rows(tmp_path / "b", "validation", rows("validation", FEW), "lines") / "metadata.jsonl"
    for content, problem in (("{xyzzy", "line 1: no JSON"), ("[1]", "no column"), ('{"task_id": "1"}', "no column 'Q")):
        former.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match=problem):
            read_split(tmp_path / "b", "validation")


def test_a_level_without_questions_is_no_split(tmp_path: Path) -> None:
    root = str(write_official(tmp_path, counts={1: 4}))

    with pytest.raises(ValueError, match=r"no questions of level 3 here: change env\.level"):
        official_library(root, "test", 3, 0.5, 0.2)
    with pytest.raises(ValueError, match=r"'train' has no questions"):
        official_library(root, "test", None, 0.5, 0.49)


def test_the_source_follows_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GAIA_DATA", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert resolve_source("auto", None) == "embedded"
    assert resolve_source("auto", "somewhere") == "official"
    assert resolve_source("embedded", "somewhere") == "embedded"
    monkeypatch.setenv("HF_TOKEN", "t")
    assert resolve_source("auto", None) == "official"


# Fetching


def refused(name: str) -> Exception:
    from huggingface_hub import errors

    response = httpx.Response(403, request=httpx.Request("GET", "https://huggingface.co"))
    kind = getattr(errors, name)
    error: Exception = kind("no") if name == "LocalEntryNotFoundError" else kind("no", response=response)
    return error


@pytest.fixture
def hub_with(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The hub as answering with a folder or an error; returns what it was asked."""

    def answering(answer: Path | Exception) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        def snapshot_download(repository: str, **arguments: Any) -> str:
            asked.append({"repository": repository, **arguments})
            if isinstance(answer, Exception):
                raise answer
            return str(answer)

        monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
        return asked

    monkeypatch.delenv("GAIA_DATA", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    return answering


def test_the_official_data_are_fetched_with_the_users_token(hub_with: Any, tmp_path: Path) -> None:
    asked = hub_with(write_official(tmp_path, hidden={1: 2}))

    assert set(official_library(None, "test", None, 0.5, 0.2).splits) == {"train", "validation", "test"}
    assert len(official_library(None, "hidden_test", None, 0.5, 0.2).records("hidden_test")) == 2
    assert asked[0] == {
        "repository": "gaia-benchmark/GAIA", "repo_type": "dataset", "token": "hf_test",
        "allow_patterns": ["2023/validation/*"],
    }  # fmt: skip
    assert asked[1]["allow_patterns"] == ["2023/validation/*", "2023/test/*"]


@pytest.mark.parametrize(
    "error",
    [
        *map(refused, ("GatedRepoError", "RepositoryNotFoundError", "LocalEntryNotFoundError")),
        httpx.ReadTimeout("slow"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_refused_access_says_which_terms_to_accept_and_which_variable_to_set(hub_with: Any, error: Exception) -> None:
    hub_with(error)

    with pytest.raises(
        FileNotFoundError, match=rf"Accept the terms on {hub.TERMS} and set HF_TOKEN .*GAIA_DATA"
    ) as caught:
        hub.fetch(hidden=False)
    assert "hf_test" not in str(caught.value)


def test_without_a_token_nothing_is_asked(hub_with: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = hub_with(ConnectionError("unexpected"))
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)

    with pytest.raises(FileNotFoundError, match=r"no token .*HF_TOKEN"):
        hub.fetch(hidden=False)
    assert asked == []


def test_released_counts_are_those_of_the_paper() -> None:
    assert sum(COUNTS.values()) == 165
