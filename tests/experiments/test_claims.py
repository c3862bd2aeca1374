from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.claims import judge, paper_claims, read_claims
from experiments.errors import UsageError
from experiments.grouping import grouped
from experiments.verdicts.formats import lines, markdown, write_verdicts
from tests.experiments.made_up import group, noisy, points

CLAIM = """
claims:
  - id: better
    what: A beats B.
    known: stated
    where: abstract
    quote: It does.
    studies: [main]
    measured: success
    rule:
      _target_: experiments.verdicts.lead.Lead
      method: a
      baselines: [b]
open:
  - {part: all of it, ours: a choice}
"""
ARMS = {
    (name, size): noisy(rate, 60, 3, draw=size + i)
    for i, (name, rate) in enumerate({"none": 0.2, "all_at_once": 0.5, "fgo": 0.7}.items())
    for size in (8, 24, 64)
}


def test_every_claim_of_the_abstract_is_there_with_its_source() -> None:
    claims = paper_claims()

    assert {claim.id: claim.known for claim in claims.claims} == {
        "better": "stated",
        "tokens": "stated",
        "consistent": "stated",
        "overload": "stated",
        "merging": "open",
    }
    assert all(claim.quote and claim.measured and claim.studies for claim in claims.claims)
    assert len(claims.open) >= 8


@pytest.mark.parametrize("simulated", [True, False])
def test_a_study_gets_a_verdict_on_each_reading_of_each_claim_it_feeds(simulated: bool) -> None:
    claims = paper_claims().of("scaling")
    found = judge(claims, [group(ARMS, simulated)], "scaling")
    readings = {(verdict.claim, verdict.reading) for verdict in found}

    assert len(readings) == len(found) == 3 + 7 + 2 + 3
    assert {verdict.claim for verdict in found} == {"better", "tokens", "consistent", "overload"}
    for verdict in found:
        assert verdict.simulated == simulated
        assert verdict.word.startswith("simulated: ") <= simulated
        assert not (simulated and "reproduced" in verdict.word)


def test_each_combination_of_environment_and_model_is_judged_by_itself() -> None:
    results = points(ARMS)
    others = [replace(point, point=replace(point.point, env="gaia"), data="embedded") for point in results]
    found = judge(paper_claims().of("main"), grouped([*results, *others]), "main")
    notes = {verdict.section: verdict.note for verdict in found}

    assert notes == {
        "alfworld, model": "",
        "gaia (embedded tasks), model": "On embedded tasks, not the benchmark's own.",
    }
    told = lines(found)
    assert sum(line.startswith("Verdicts, ") for line in told) == 2
    assert len(told) == len(found) + 2


def test_methods_that_played_unequally_much_are_noted() -> None:
    results = [
        replace(point, episodes={"explore": {"won": 100 if point.point.optimizer == "fgo" else 60}})
        for point in points(ARMS)
    ]
    found = judge(paper_claims().of("main"), grouped(results), "main")
    assert {verdict.note for verdict in found} == {"Methods differ in training episodes by more than a quarter."}


def test_one_seed_settles_nothing_however_clear() -> None:
    one = {arm: values[:, :1] for arm, values in ARMS.items()}
    found = judge(paper_claims().of("scaling"), [group(one)], "scaling")
    assert {verdict.word for verdict in found} == {"inconclusive"}
    assert sum("One seed" in part.reason for verdict in found for part in verdict.parts) > 10


def test_a_study_without_the_method_has_not_run_it() -> None:
    (found,) = judge(read_claims(CLAIM).of("main"), [group({("b", 8): noisy(0.5)}, simulated=True)], "main")
    assert (found.word, found.simulated) == ("not run", True)
    assert "nothing to judge it by" in found.reason


def test_the_page_of_verdicts_tells_claim_source_rule_parts_and_what_is_open(tmp_path: Path) -> None:
    claims = paper_claims()
    found = judge(claims.of("smoke"), [group(ARMS, simulated=True)], "smoke")
    text = markdown(claims, found, "smoke", "Runs: 27 runs.")

    for expected in (
        "# Verdicts of study smoke (SIMULATED)", "Stated by the authors (abstract)", "claimed = [0.016, 0.086]",
        "against all_at_once, 24 training tasks", "## Open about the paper", "Runs: 27 runs.",
    ):  # fmt: skip
        assert expected in text
    assert "reproduced |" not in text
    paths = write_verdicts(claims, found, "smoke", "Runs: 27 runs.", tmp_path)
    assert [path.name for path in paths] == ["verdicts.md", "verdicts.json"]
    first = [path.read_bytes() for path in paths]
    again = judge(claims.of("smoke"), [group(ARMS, simulated=True)], "smoke")
    assert [path.read_bytes() for path in write_verdicts(claims, again, "smoke", "Runs: 27 runs.", tmp_path)] == first


def test_a_study_that_feeds_no_claim_has_no_verdicts(tmp_path: Path) -> None:
    assert paper_claims().of("sensitivity") == ()
    assert write_verdicts(paper_claims(), (), "sensitivity", "", tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("known: stated", "known: guessed", r"claims\.0\.known='guessed'"),
        ("quote: It does.", "qoute: It does.", "qoute: no such key; did you mean quote"),
        ("baselines: [b]", "baseline: [b]", r"claims\.0\.rule\.baseline: no such key; did you mean baselines"),
        ("lead.Lead", "lead.Laed", "can't be loaded"),
        ("    rule:\n", "    rule: none\n    x:\n", "claims.0"),
        ("open:", "closed:", "expected the keys claims and open"),
        ("part: all of it, ours", "part: all of it, our", r"open\.0"),
    ],
)
def test_a_wrong_file_of_claims_is_refused_naming_what_is_wrong(old: str, new: str, told: str) -> None:
    assert old in CLAIM
    with pytest.raises(UsageError, match=told):
        read_claims(CLAIM.replace(old, new))


def test_ids_that_are_not_unique_are_refused() -> None:
    head, _, tail = CLAIM.partition("open:")
    with pytest.raises(UsageError, match="ids must differ"):
        read_claims(head + head.partition("claims:\n")[2] + "open:" + tail)
