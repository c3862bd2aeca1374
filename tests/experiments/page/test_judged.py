from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from experiments.claims import judge, paper_claims
from experiments.comparisons import comparisons
from experiments.grouping import Group, grouped
from experiments.page.judged import cards, differences
from experiments.summary import summarize
from tests.experiments.synthetic import Synthetic


def groups(tmp_path: Path) -> tuple[Group, ...]:
    """Three methods with two seeds."""
    runs = [Synthetic(name, seed=seed) for name in ("none", "all_at_once", "fgo") for seed in (0, 1)]
    return tuple(grouped([summarize(run.write(tmp_path / f"{run.optimizer}-{run.seed}")) for run in runs]))


def test_each_claim_of_a_study_has_a_card_with_all_its_verdicts(tmp_path: Path) -> None:
    claims = paper_claims().of("smoke")
    verdicts = judge(claims, groups(tmp_path), "smoke")
    found = cards(claims, verdicts)

    assert [card["claim"] for card in found] == [claim.what for claim in claims]
    assert sum(len(card["readings"]) for card in found) == len(verdicts) > 0
    for card in found:
        assert [title.partition(" ")[0] for title in card["sections"]] == ["alfworld"]
        assert "generated tasks" in card["notes"][0]
        for reading in card["readings"]:
            (cell,) = reading["cells"]
            assert cell["verdict"].startswith(("simulated: ", "inconclusive", "not run"))
            assert cell["why"]


def test_what_a_section_was_not_judged_by_is_an_empty_cell(tmp_path: Path) -> None:
    claim = paper_claims().of("smoke")[0]
    first, *_, last = judge([claim], groups(tmp_path), "smoke")
    (card,) = cards([claim], [first, replace(last, section="elsewhere")])

    assert card["sections"] == [first.section, "elsewhere"]
    assert [[cell is None for cell in reading["cells"]] for reading in card["readings"]] == [
        [False, True],
        [True, False],
    ]


def test_a_claim_that_nothing_was_judged_of_has_no_card() -> None:
    assert cards(paper_claims().of("smoke"), []) == []


def test_differences_stand_as_they_were_tested(tmp_path: Path) -> None:
    found = differences(comparisons(groups(tmp_path), "smoke", "Smoke"))

    (rows,) = found.values()
    assert [row[:3] for row in rows] == [
        ["all_at_once", "4", "none"], ["fgo", "4", "none"], ["fgo", "4", "all_at_once"]
    ]  # fmt: skip
    assert rows[0][3].startswith("+0.0 [")
    assert rows[0][6] == "0 : 0"
