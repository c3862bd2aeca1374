import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.logisticsqa.data import read_folder
from envs.logisticsqa.splits import draw_order, split_by_hash
from envs.logisticsqa.truth import read_truth
from tests.envs.logisticsqa.invoices import invoice, write_folder

IDS = ["0f2d-11", "77aa-22", "c0de-33"]
WANTED = {"0f2d-11": ("A1",), "77aa-22": ("B1", "B2"), "c0de-33": ()}


def forms() -> dict[str, Any]:
    """One ground truth in the forms in which somebody may have written it."""
    plain: dict[str, Any] = {"0f2d-11": "A1", "77aa-22": ["B1", "B2"], "c0de-33": None}
    records = [{"id": name, "answer": answer} for name, answer in plain.items()]
    return {
        "an object": plain,
        "an object by file name": {f"{name}.xml": answer for name, answer in plain.items()},
        "an object by path": {f"data/{name.upper()}.XML": answer for name, answer in plain.items()},
        "values in one string": {"0f2d-11": "A1", "77aa-22": "B1, B2", "c0de-33": ""},
        "lists only": {"0f2d-11": ["A1"], "77aa-22": ["B1", "B2"], "c0de-33": []},
        "objects with answers": {name: {"answer": answer, "category": "x"} for name, answer in plain.items()},
        "objects with one entry": {name: {"transport number": answer} for name, answer in plain.items()},
        "nested objects": {name: {"ground_truth": {"references": answer}} for name, answer in plain.items()},
        "lists of objects": {name: [{"reference": r} for r in WANTED[name]] for name in plain},
        "records": records,
        "records by file": [{"file_name": f"{name}.xml", "Ground Truth": answer} for name, answer in plain.items()],
        "records of unknown keys": [{"doc": name, "tno": answer} for name, answer in plain.items()],
        "records with more": [
            {"n": str(i), "uuid": r["id"], "references": r["answer"], "type": "x"} for i, r in enumerate(records)
        ],
        "pairs": [[name, answer] for name, answer in plain.items()],
        "small objects": [{name: answer} for name, answer in plain.items()],
        "wrapped": {"version": "1", "license": {"name": "MIT"}, "data": plain},
        "wrapped records": {"dataset": {"test": records}},
        "columns": {"id": list(plain), "answer": list(plain.values())},
        "columns of pandas": {
            "file": {str(i): name for i, name in enumerate(plain)},
            "answer": {str(i): answer for i, answer in enumerate(plain.values())},
        },
    }


@pytest.mark.parametrize("form", forms())
def test_every_sensible_form_of_ground_truth_is_understood(form: str) -> None:
    truth = read_truth(forms()[form], IDS)
    assert truth.answers == WANTED
    assert not truth.unmatched
    assert truth.form


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ([], r"list '\[\]': expected"),
        ("x", r"str 'x': expected"),
        ({"0f2d-11": True}, r"ground truth of '0f2d-11' is bool 'True': expected"),
        ({"0f2d-11": {"from": "A", "to": "B"}}, r"ground truth of '0f2d-11' is dict"),
        ({"0f2d-11": ["A1", "..."]}, r"ground truth of '0f2d-11' is list"),
        ([{"id": "0f2d-11", "a": "1", "b": "2"}], r"keys 'id', 'a', 'b': it can't be told which holds the answer"),
        ([{"id": "0f2d-11", "answer": "1"}, {"answer": "2"}], r"record 1 of the ground truth has no 'id'"),
        (
            [{"id": "0f2d-11", "answer": "1"}, {"id": "77aa-22"}],
            r"record of '77aa-22' in the ground truth has no 'answer'",
        ),
        ([["0f2d-11", "A"], ["0f2d-11.xml", "B"]], r"two different answers for '0f2d-11\.xml'"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_entry(content: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_truth(content, IDS)


_LEAVES = st.none() | st.booleans() | st.text(max_size=5) | st.sampled_from(IDS)
_KEYS = st.sampled_from([*IDS, "id", "answer"])


@settings(deadline=None)
@given(st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner), max_leaves=12))
def test_any_content_is_understood_or_refused(content: Any) -> None:
    with suppress(ValueError):
        assert read_truth(content, IDS).answers.keys() <= set(IDS)


@pytest.mark.parametrize("inside", ["data", "."])
def test_a_folder_is_read_and_said_to_be(tmp_path: Path, caplog: pytest.LogCaptureFixture, inside: str) -> None:
    names = [f"doc-{n}" for n in range(5)]
    folder = write_folder(tmp_path, {f"{name}.xml": [f"REF-{name}"] for name in names}, names, inside)
    with caplog.at_level(logging.INFO):
        found = read_folder(folder, 10**7)
    assert [(entry.id, entry.answer, entry.category) for entry in found.entries] == [
        (name, (f"REF-{name}",), "Invoice") for name in names
    ]
    assert "5 documents, 5 answers, form: an object from document to answer" in caplog.text
    assert len({entry.digest for entry in found.entries}) == 5


def test_the_ground_truth_may_stand_in_the_folder_or_above_it(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {"a": "1", "b": "2"}, ["a", "b"])
    assert len(read_folder(folder / "data", 10**7).entries) == 2
    (folder / "ground_truth.json").rename(folder / "data" / "ground_truth.json")
    assert len(read_folder(folder, 10**7).entries) == 2


def test_documents_that_cannot_be_used_are_named_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_folder(tmp_path, dict.fromkeys("abcdefgh", "1"), "abcdefg")
    (folder / "data" / "b.xml").write_bytes(b"%PDF-1.4")
    (folder / "data" / "c.xml").unlink()
    (folder / "data" / "c.xml").mkdir()
    (folder / "data" / "extra.xml").write_text(invoice())
    found = read_folder(folder, 10**7)
    assert [entry.id for entry in found.entries] == ["a", "d", "e", "f", "g"]
    assert set(found.unreadable) == {"b", "c"}
    assert found.unanswered == ["extra"]
    assert found.undocumented == ["h"]
    for said in (
        "b.xml: this is a PDF file",
        "c.xml: this is a folder",
        "1 documents have no answer",
        "1 answers have no doc",
    ):
        assert said in caplog.text


@pytest.mark.parametrize(
    ("truth", "error", "complaint"),
    [
        (None, FileNotFoundError, r"no answers: .*ground_truth\.json is missing"),
        ("{", ValueError, r"is no JSON.*write \{file name"),
        (
            json.dumps({"x": "1", "y": "2", "z": "3", "a": "4"}),
            ValueError,
            r"of 3 documents and 4 answers only 1 belong together",
        ),
        (json.dumps({"x": "1"}), ValueError, r"only 0 belong.*Documents: a, b, c; answers: x"),
        ("[" * 100_000, ValueError, r"is no JSON"),
    ],
)
def test_a_folder_without_usable_answers_is_refused(
    tmp_path: Path, truth: str | None, error: type[Exception], complaint: str
) -> None:
    folder = write_folder(tmp_path, {}, "abc")
    (folder / "ground_truth.json").unlink()
    if truth is not None:
        (folder / "ground_truth.json").write_text(truth)
    with pytest.raises(error, match=complaint):
        read_folder(folder, 10**7)


def test_a_folder_without_documents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"is no folder\. Set LOGISTICSQA_DATA"):
        read_folder(tmp_path / "none", 10**7)
    with pytest.raises(FileNotFoundError, match=r"has files \*\.xml"):
        read_folder(tmp_path, 10**7)
    folder = write_folder(tmp_path, {"a": "1"}, "a")
    (folder / "data" / "a.xml").write_text("")
    with pytest.raises(ValueError, match=r"no document of .* can be used, for example a\.xml: the file is empty"):
        read_folder(folder, 10**7)


def test_numbers_in_the_ground_truth_keep_their_digits_and_missing_values_are_no_reference(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {}, "abc")
    (folder / "ground_truth.json").write_text('{"a": 123456789012345678901234567890, "b": 1.50, "c": NaN}')
    assert [entry.answer for entry in read_folder(folder, 10**7).entries] == [
        ("123456789012345678901234567890",),
        ("1.50",),
        (),
    ]


def test_splits_hang_on_ids_alone_and_draws_are_nested(tmp_path: Path) -> None:
    names = [f"doc-{n}" for n in range(40)]
    entries = read_folder(write_folder(tmp_path, {name: name for name in names}, names), 10**7).entries
    splits = split_by_hash(entries, 0.2, 0.3)
    assert {split: len(members) for split, members in splits.items()} == {"test": 12, "validation": 8, "train": 20}
    assert sorted(entry.id for members in splits.values() for entry in members) == sorted(names)
    assert split_by_hash(entries[::-1], 0.2, 0.3) == splits
    order = draw_order(splits["train"], "train", seed=1)
    assert order == draw_order(splits["train"][::-1], "train", seed=1)
    assert order != draw_order(splits["train"], "train", seed=2)
    assert all(len(members) == 1 for members in split_by_hash(entries[:3], 0.2, 0.3).values())
    with pytest.raises(ValueError, match="2 usable documents can't be split"):
        split_by_hash(entries[:2], 0.2, 0.3)
