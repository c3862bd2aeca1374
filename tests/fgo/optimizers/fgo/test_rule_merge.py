from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.types import Caller, Request
from fgo.optimizers.base import Unusable, Validation
from fgo.optimizers.fgo.merge import MergeConfig, merge
from fgo.optimizers.fgo.rule_merge import Groups, Rule, read_groups, resolve, rules_of
from fgo.optimizers.improve import Candidate
from fgo.types import Modules
from tests.fakes import make_lab, obey


def candidate(mean: float, rules: dict[str, tuple[str, ...]], prose: str = "Be brief.") -> Candidate:
    modules = Modules({"instructions": "\n".join([prose, *rules]), "demonstrations": ""}, "proposal")
    return Candidate(modules, Validation(modules.digest, {"t": mean}), {k: v for k, v in rules.items() if v})


def test_rules_are_gathered_with_all_their_evidence_and_their_best_validation() -> None:
    rules = rules_of([candidate(0.2, {"- a": ("e1",), "- b": ()}), candidate(0.8, {"- a": ("e1", "e2")})])

    assert rules == [Rule("- a", ("e1", "e2"), 0.8), Rule("- b", (), 0.2)]


def test_of_the_same_rules_one_stays_with_the_evidence_of_all_and_wins_conflicts_by_it() -> None:
    rules = [Rule("- a", ("1",), 0.1), Rule("- a too", ("2", "3"), 0.1), Rule("- not a", ("4", "5"), 0.9)]

    kept = resolve(rules, Groups([frozenset({0, 1})], [frozenset({1, 2})]))

    assert [(rule.text, len(rule.episodes)) for rule in kept] == [("- a too", 3)]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 10)), min_size=1, max_size=8),
    st.lists(st.sets(st.integers(0, 7), min_size=2, max_size=4), max_size=5),
    st.lists(st.sets(st.integers(0, 7), min_size=2, max_size=4), max_size=5),
)
def test_a_rule_is_only_dropped_for_another_that_stays(
    weights: list[tuple[int, int]], same: list[set[int]], conflict: list[set[int]]
) -> None:
    rules = [Rule(f"- {i}", tuple(f"{i}:{k}" for k in range(n)), mean / 10) for i, (n, mean) in enumerate(weights)]
    inside = lambda groups: [frozenset(g & set(range(len(rules)))) for g in groups]  # noqa: E731
    kept = {rule.text for rule in resolve(rules, Groups(inside(same), inside(conflict)))}

    assert kept
    grouped = set().union(*same, *conflict) if same or conflict else set()
    assert {f"- {i}" for i in range(len(rules)) if i not in grouped} <= kept


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("R1 and R2 agree", "between <groups>"),
        ("<groups>\nR1, R2\n</groups>", "is no group"),
        ("<groups>\nsame: R1\n</groups>", "two or more"),
        ("<groups>\nsame: R1, R9\n</groups>", "R1 to R3"),
    ],
)
def test_groups_in_another_form_are_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        read_groups(text, 3)


def test_groups_are_read_without_being_fussy_about_bullets_and_case() -> None:
    groups = read_groups("Sure.\n<groups>\n\n- Same: R1, R3\n* conflict: R2 and R3\n</groups>", 3)

    assert groups == Groups([frozenset({0, 2})], [frozenset({1, 2})])


@given(st.text())
def test_no_reply_breaks_the_reading(text: str) -> None:
    for reply in (text, f"<groups>{text}</groups>"):
        try:
            groups = read_groups(reply, 3)
        except Unusable:
            continue
        assert all(members <= {0, 1, 2} for members in (*groups.same, *groups.conflict))


def test_a_merge_by_rules_rewrites_none_of_them(tmp_path: Path) -> None:
    def answer(request: Request, caller: Caller) -> str:
        if caller.role == "merger":
            assert "R2: word: pear" in str(request.messages[1]["content"])
            return "<groups>\nconflict: R1, R2\n</groups>"
        return obey(request, caller)

    lab, _ = make_lab(tmp_path, answer)
    group = [candidate(0.5, {"- word: apple": ("e1",)}), candidate(0.0, {"- word: pear": ("e2", "e3")})]
    best = asyncio.run(merge(group, ["instructions"], lab, MergeConfig(form="rules", gate=False)))

    assert best.modules["instructions"] == "Be brief.\n- word: pear"
    assert best.modules.origin == "merge"
    assert best.evidence == {"- word: apple": ("e1",), "- word: pear": ("e2", "e3")}


def test_without_instructions_among_the_modules_there_is_nothing_to_merge_by_rules(tmp_path: Path) -> None:
    lab, _ = make_lab(tmp_path, obey)
    group = [candidate(0.5, {"- a": ()}), candidate(0.1, {"- b": ()})]
    best = asyncio.run(merge(group, ["demonstrations"], lab, MergeConfig(form="rules")))

    assert best is group[0]
