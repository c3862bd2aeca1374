from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.gaia.scorer import is_right, main, normalize

CASES_VARIABLE = "GAIA_SCORER_CASES"

OURS = [
    # numbers
    ("17", "17", True),
    ("17", " 17.0 ", True),
    ("17", "$17", True),
    ("17", "1,7", True),
    ("17", "17 km", False),
    ("17", "seventeen", False),
    ("17", "", False),
    ("0.1", "10%", False),
    ("1e3", "1,000", True),
    ("12.5", "12,5", False),
    ("inf", "no number at all", True),
    ("-3", "-3.000", True),
    # lists
    ("ash, oak", "Ash,OAK", True),
    ("ash, oak", "ash; oak", True),
    ("ash; oak", "oak; ash", False),
    ("ash, oak", "ash, oak, elm", False),
    ("ash, oak", "ash oak", False),
    ("St. Ives, oak", "St Ives, oak", False),
    ("St. Ives, oak", "st.ives,oak", True),
    ("1, ash", "1.00, ash", True),
    ("1, ash", "one, ash", False),
    ("2,500", "2500", False),
    ("2,500", "2;500.0", True),
    # texts
    ("Rio de Janeiro", "rio dejaneiro!", True),
    ("Rio de Janeiro", "the Rio de Janeiro", False),
    ("Zürich", "Zurich", False),
    ("rock'n'roll", "Rock n Roll", True),
    ("rock'n'roll", "rock’n’roll", False),
    ("$5", "5", True),
    ("yes", "yes, it is", False),
    ("", "", True),
    ("", "...", True),
]

texts = st.text(max_size=40)
elements = st.text(st.characters(exclude_characters=",;", exclude_categories=["Cs"]), max_size=8)


@pytest.mark.parametrize(("truth", "answer", "right"), OURS)
def test_the_ground_truth_chooses_the_rule(truth: str, answer: str, right: bool) -> None:
    assert is_right(answer, truth) is right


def test_the_scorer_agrees_with_the_leaderboards_own(capsys: pytest.CaptureFixture[str]) -> None:
    cases = os.environ.get(CASES_VARIABLE)
    if not cases:
        pytest.skip(f"{CASES_VARIABLE} names no file of answers with the leaderboard's verdicts")
    number = sum(bool(line.strip()) for line in Path(cases).read_text(encoding="utf-8").split("\n"))

    assert main([cases]) == 0
    assert capsys.readouterr().out == f"agree {number}/{number}\n"


def test_disagreement_is_counted_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [("17", "17", True), ("17", "18", True), ("ash", "oak", False)]
    lines = [json.dumps({"ground_truth": t, "model_answer": a, "expected": e}) for t, a, e in cases]
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(lines) + "\n\n", encoding="utf-8")

    assert main([str(file)]) == 1
    assert capsys.readouterr().out.splitlines() == ["line 2: expected true", "agree 2/3"]


@pytest.mark.parametrize(
    "content", ["", "no json", '{"ground_truth": "1"}', "[1]", '{"ground_truth": 1, "model_answer": 2}']
)
def test_what_holds_no_cases_is_no_agreement(tmp_path: Path, content: str) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(content, encoding="utf-8")

    assert main([str(file)]) in (1, 2)
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main([]) == 2


@given(st.integers(-(10**12), 10**12), st.sampled_from(["{:,}", "${:,}", "{}%", " {:,} ", "{}.0", "$ {:_}"]))
def test_a_number_with_signs_is_itself_and_no_other(number: int, form: str) -> None:
    assert is_right(form.format(number), str(number))
    assert not is_right(form.format(number + 1), str(number))


@given(texts)
def test_normalizing_twice_is_normalizing_once(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(texts, st.text(" \t\n.!?-'\"", max_size=5), st.integers(0, 40))
def test_white_space_and_punctuation_do_not_matter_to_a_text(text: str, noise: str, place: int) -> None:
    assert normalize(text[:place] + noise + text[place:]) == normalize(text) or any(c in "Σ" for c in text)


@given(st.lists(elements, min_size=2, max_size=6), elements)
def test_a_list_equals_itself_and_none_that_is_longer_or_shorter(items: list[str], more: str) -> None:
    truth = ",".join(items)

    assert is_right(";".join(items), truth) or any(_is_nan(item) for item in items)
    assert not is_right(",".join([*items, more]), truth)
    assert not is_right(",".join(items[:-1]), truth)


@given(texts, texts)
def test_any_two_texts_get_a_verdict(answer: str, truth: str) -> None:
    assert is_right(answer, truth) in (True, False)


def _is_nan(text: str) -> bool:
    try:
        return float(text) != float(text)
    except ValueError:
        return False
