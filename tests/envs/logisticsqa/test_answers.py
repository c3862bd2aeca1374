import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.logisticsqa.answers import UNREADABLE, Answer, normal_form, normalised, read_answer, score

WORDS = (
    st.text(alphabet="ABCxyz0189-/#", min_size=1, max_size=12)
    .filter(normal_form)
    .filter(lambda w: w.casefold() not in ("-", "na", "n/a"))
)
REFERENCES = st.lists(WORDS, max_size=5)


@pytest.mark.parametrize(
    "text",
    [
        '["A1", "0022"]',
        '{"references": ["A1", "0022"]}',
        '{"answer": {"references": ["A1", "0022"]}}',
        '{"References": "A1, 0022"}',
        '[{"reference": "A1"}, {"id": "0022"}]',
        "['A1', '0022']",
        "{'references': ['A1', '0022']}",
        "[A1, 0022]",
        '(["A1", "0022"])',
        '```json\n["A1", "0022"]\n```',
        "```\n{\"references\": [\"A1\", \"0022\"]}\n```\nThat is all.",
        'The references are ["A1", "0022"], as the note says.',
        'First I thought ["B9"], but it is {"references": ["A1", "0022"]}',
        "A1, 0022",
        "A1; 0022",
        "A1\n0022\n",
        "- A1\n- 0022",
        "1. A1\n2. 0022",
        "Reference numbers: A1, 0022.",
        "Reference(s): A1, 0022",
        "The transport reference numbers are A1 and 0022.",
        "**A1**, `0022`",
    ],
)  # fmt: skip
def test_one_answer_may_be_written_in_many_ways(text: str) -> None:
    answer = read_answer(text)
    assert answer.readable
    assert normalised(answer.references) == {"a1", "0022"}


@pytest.mark.parametrize(
    "text",
    ["[]", "none", "None.", '{"references": []}', '{"references": null}', "null", '"no reference"', "N/A"],
)
def test_no_reference_is_an_answer(text: str) -> None:
    assert read_answer(text) == Answer(())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "()",
        "I do not know",
        "The document names several numbers, but none of them is clearly the right one.",
        '{"references": [',
        '{"shipment": "A1", "order": "B2"}',
        '{"references": [true]}',
        "[" * 5000,
        "x" * 30_000,
    ],
)
def test_what_names_no_references_is_unreadable_and_counts_as_wrong(text: str) -> None:
    assert read_answer(text) == UNREADABLE
    for truth in (["A1"], []):
        verdict = score(UNREADABLE, truth)
        assert not verdict.success
        assert verdict.value == 0
        assert verdict.details["unparsable"]
        assert verdict.details["answered"]


def test_numbers_keep_their_digits() -> None:
    assert read_answer("[12345678901234567890123, 1.50]").references == ("12345678901234567890123", "1.50")
    assert read_answer("0012").references == ("0012",)
    assert read_answer("9" * 5000).readable is False
    assert read_answer(f"[{'9' * 5000}]").references == ("9" * 5000,)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("tr-100", " TR-100 "),
        ("TR–100", "TR-100"),
        ("TR‑100", "TR-100"),
        ("TR 100", "TR 100"),
        ("TR  100", "TR\t100"),
        ('"TR-100".', "TR-100"),
        ("(TR-100)", "TR-100"),
        ("１２３", "123"),
        ("TR\u200b-100", "TR-100"),
    ],
)
def test_kinds_of_writing_do_not_count(written: str, same: str) -> None:
    assert normal_form(written) == normal_form(same)


@pytest.mark.parametrize(
    ("one", "other"), [("0012", "12"), ("TR-100", "100"), ("TR 100", "TR100"), ("#100", "100"), ("1.0", "10")]
)
def test_zeros_prefixes_and_what_is_inside_count(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def test_a_score_is_the_f1_of_two_sets() -> None:
    verdict = score(Answer(("A", "B", "b", "C")), ["A", "B", "D", "E"])
    assert not verdict.success
    assert verdict.value == pytest.approx(2 * (2 / 3) * (2 / 4) / (2 / 3 + 2 / 4))
    assert verdict.details == {
        "answered": True, "unparsable": False, "precision": 2 / 3, "recall": 0.5, "missing": 2, "extra": 1,
    }  # fmt: skip
    assert score(Answer(()), []).success
    assert score(Answer(()), []).value == 1
    assert score(Answer(()), ["A"]).value == score(Answer(("A",)), []).value == 0
    assert score(Answer(("A, B",)), ["B", "A"]).success
    unanswered = score(None, [])
    assert not unanswered.success
    assert unanswered.value == 0
    assert unanswered.details["answered"] is False
    assert unanswered.details["unparsable"] is False


@settings(deadline=None)
@given(REFERENCES)
def test_json_forms_of_an_answer_are_read_alike(references: list[str]) -> None:
    listed = json.dumps(references)
    for text in (
        listed,
        json.dumps({"references": references}),
        f"```json\n{listed}\n```",
        f"So it is {listed}.",
        f"({listed})",
    ):
        assert normalised(read_answer(text).references) == normalised(references)
        assert read_answer(text).readable


@settings(deadline=None)
@given(REFERENCES.filter(bool))
def test_plain_forms_of_an_answer_are_read_alike(references: list[str]) -> None:
    for text in (
        ", ".join(references),
        "\n".join(references),
        "\n".join(f"* {r}" for r in references),
        "; ".join(f"`{r}`" for r in references),
    ):
        assert normalised(read_answer(text).references) == normalised(references), text


@settings(deadline=None)
@given(REFERENCES, REFERENCES)
def test_success_is_equality_of_sets_and_a_full_value(given_: list[str], truth: list[str]) -> None:
    verdict = score(Answer(tuple(given_)), truth)
    assert verdict.success == (normalised(given_) == normalised(truth)) == (verdict.value == 1)
    assert 0 <= verdict.value <= 1
    assert json.loads(json.dumps(verdict.to_json())) == verdict.to_json()


@settings(deadline=None)
@given(st.text(max_size=100))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)


@pytest.mark.parametrize(
    "piece", ["_", "a_", "a ", " ", "```a", "[", '[" ', '{"a":', "ab: ", " and", "A1\n", "(s)", "\u200b"]
)
def test_long_nonsense_is_read_at_once(piece: str) -> None:
    started = time.process_time()
    for text in (piece * (19_000 // len(piece)), "A" + piece * (19_000 // len(piece)) + "B"):
        score(read_answer(text), ["A1"])
    assert time.process_time() - started < 1


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet='[]{}"A1:,\\`\n ()', max_size=60))
def test_any_text_is_read_or_unreadable(text: str) -> None:
    answer = read_answer(text)
    assert answer.readable or not answer.references
    score(answer, ["A1"])
