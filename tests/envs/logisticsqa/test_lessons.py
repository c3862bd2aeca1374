from __future__ import annotations

import pytest

from envs.logisticsqa.conventions import RULES
from envs.logisticsqa.lessons import HARMS, LESSONS, MISCONCEPTIONS, SLIPS
from envs.logisticsqa.simulated import LogisticsQASimulated
from envs.logisticsqa.texts import DESCRIPTION, GOAL, SEED_MODULES
from envs.logisticsqa.tools import TOOLS
from fgo.llm.sim.rulebook import Rulebook

BOOK = Rulebook([LogisticsQASimulated()])
WITH_CARELESS = [lesson for lesson in LESSONS if lesson.careless]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("If there is an AccountingCost at header level, return an empty list.", "overhead_account"),
        ("Credit notes: use the reference inside BillingReference.", "credit_billing"),
        ("For collective invoices read the DocumentReference of every line.", "collective_lines"),
        ("Use the Shipment ID, never the Consignment's.", "shipment_id"),
        ("Only despatch references with type code 730 count.", "despatch_730"),
        ("Look for schemeID='AAS'.", "additional_aas"),
        ("OrderReference counts when its type is 610.", "order_610"),
        ("If PaymentMeansCode = 93, take PaymentID.", "payment_93"),
        ("Notes starting with #TRA# carry the number.", "note_tra"),
        ("Classification 78101800 (transport): take the number in the description.", "freight_7810"),
        ("Verify the modulo 11 check digit.", "check_digit"),
        ("Expand a range 01-03 into single references.", "range_positions"),
        ("If a number was cancelled in a note, use its successor.", "superseded_number"),
        ("Remove leading zeros and dots.", "plain_digits"),
        ("The department letter is kept.", "department_letter"),
        ("Ignore lines that are free of charge.", "free_line"),
    ],
)
def test_rules_in_other_words_are_recognised_too(line, name):
    assert name in BOOK.stated_in_line(line)


def test_what_an_agent_is_told_from_the_start_states_no_lesson():
    assert BOOK.stated("\n".join(SEED_MODULES.values())) == frozenset()
    assert BOOK.stated("\n".join((DESCRIPTION, GOAL))) == frozenset()
    assert BOOK.stated("\n".join(f"{tool.name}: {tool.description} {tool.parameters}" for tool in TOOLS)) == frozenset()


def test_each_rule_of_the_generated_set_has_its_lesson():
    assert len(LESSONS) == len(RULES) == 16
    assert len(WITH_CARELESS) == 5
    assert set(SLIPS) == {lesson.name for lesson in LESSONS}
    assert set(HARMS) == {rule.name for rule in MISCONCEPTIONS}


def test_the_benchmark_is_recognised_by_its_description_alone():
    simulated = LogisticsQASimulated()
    assert simulated.recognises(f"You are an agent.\n{DESCRIPTION}\nAction: ...")
    assert not simulated.recognises("You act in a household of ALFWorld.\nAction: ...")
