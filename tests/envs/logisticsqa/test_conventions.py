"""Rules transfer and issuers do not: all rules of the test set are common in training, none of its combinations is."""

from __future__ import annotations

from collections import Counter

from envs.logisticsqa.conventions import CHANGES, FAMILIES, PLACES, RULES, TEST, TRAINING


def shares(families) -> dict[str, float]:
    count = Counter(rule for family in families for rule in family.rules)
    return {rule: count[rule] / len(families) for rule in RULES}


def test_no_combination_of_rules_is_both_in_training_and_in_test():
    assert not {family.combination for family in TRAINING} & {family.combination for family in TEST}


def test_every_rule_of_the_test_set_is_needed_by_a_twelfth_of_the_training_documents_or_more():
    assert min(shares(TRAINING).values()) >= 0.08
    assert all(share > 0 for share in shares(TEST).values())


def test_families_are_well_formed():
    for family in (*TRAINING, *TEST):
        assert family.place in PLACES
        assert set(family.changes) <= set(CHANGES)
        assert len(set(family.changes)) == len(family.changes)
        assert "zero" not in family.changes or family.place in ("collective", "freight")
        assert not {"range", "superseded"} <= family.rules  # what a position of a cancelled number becomes is not said
        assert family.place != "overhead" or (not family.changes and family.idle in PLACES)
        assert family.place == "overhead" or not family.idle
    assert set(FAMILIES) == {"train", "validation", "test"}
    assert len(set(TRAINING)) == len(TRAINING) == 24
    assert len(set(TEST)) == len(TEST) == 18


def test_one_to_three_rules_decide_about_a_document():
    counts = Counter(len(family.rules) for family in (*TRAINING, *TEST))
    assert set(counts) == {1, 2, 3}
    assert min(counts.values()) >= 8
