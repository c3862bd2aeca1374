from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.file_differences import file_differences

CSV = "optimizer,size,state,success\nnone,12,complete,0.1\nfgo,12,complete,0.5\nfgo,24,complete,0.75\n"
MARKDOWN = "# Title\n\n| Optimizer | n | Success % |\n| --- | --: | --: |\n| none | 12 | 10.0 |\n| fgo | 12 | 50.0 |\n\nNote.\n"


def compared(folder: Path, name: str, old: str | bytes, new: str | bytes | None) -> list[str]:
    expected, found = folder / "expected", folder / "found"
    for path, content in ((expected, old), (found, new)):
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return file_differences(name, expected, found)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("t.csv", CSV, CSV, []),
        ("t.csv", CSV, CSV.replace("0.75", "0.80"), ["t.csv: row fgo 24, column success: expected 0.75, found 0.80"]),
        ("t.csv", CSV, CSV.replace("fgo,24,complete,0.75\n", ""), ["t.csv: row fgo 24: is missing"]),
        ("t.csv", CSV, CSV + "ace,12,complete,0.2\n", ["t.csv: row ace 12: is not expected"]),
        ("t.csv", CSV, CSV.replace("size", "tasks"),
         ["t.csv: columns: expected optimizer, size, state, success; found optimizer, tasks, state, success"]),
        ("t.csv", CSV, CSV.replace("complete,0.75", "incomplete (not run),"),
         ["t.csv: row fgo 24, column state: expected complete, found incomplete (not run)",
          "t.csv: row fgo 24, column success: expected 0.75, found nothing"]),
        ("t.md", MARKDOWN, MARKDOWN.replace("50.0", "51.0"),
         ["t.md: row fgo 12, column Success %: expected 50.0, found 51.0"]),
        ("t.md", MARKDOWN, MARKDOWN.replace("Note", "Other"), ["t.md: line 8: expected 'Note.', found 'Other.'"]),
        ("t.tex", "a\nb\n", "a\nc\n", ["t.tex: line 2: expected 'b', found 'c'"]),
        ("t.tex", "a\nb\n", "a\n", ["t.tex: line 2: expected 'b', found no more lines"]),
        ("t.png", b"\x89\xff", b"\x89\xfe\x00", ["t.png: 3 bytes, other than the 2 expected"]),
        ("t.csv", CSV, None, ["t.csv: was not written"]),
    ],
)  # fmt: skip
def test_each_difference_is_named_by_row_column_expected_and_found(
    tmp_path: Path, name: str, old: str | bytes, new: str | bytes | None, expected: list[str]
) -> None:
    assert compared(tmp_path, name, old, new) == expected


def test_of_very_many_differences_twenty_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    old = "name,x\n" + "".join(f"row{i},0.{i:03d}\n" for i in range(50))
    lines = compared(tmp_path, "t.csv", old, old.replace("0.", "1."))

    assert len(lines) == 21
    assert lines[-1] == "t.csv: and 30 more"


@given(
    old=st.text(alphabet='ab|,\n"-1. ', max_size=40),
    new=st.text(alphabet='ab|,\n"-1. ', max_size=40),
    suffix=st.sampled_from(["csv", "md", "tex"]),
)
def test_bytes_that_differ_never_go_unnamed(
    tmp_path_factory: pytest.TempPathFactory, old: str, new: str, suffix: str
) -> None:
    found = compared(tmp_path_factory.mktemp("files"), f"t.{suffix}", old, new)

    assert bool(found) == (old != new)
