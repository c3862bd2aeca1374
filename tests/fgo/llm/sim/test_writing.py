import os
import subprocess
import sys

import pytest

from fgo.optimizers.fgo.rule_merge import read_groups
from fgo.optimizers.improve import parse_critique
from fgo.optimizers.module_text import asking_for, parse_modules, prompt
from tests.fgo.llm.sim.test_model import EVALUATE, MERGE, REWRITE, rules
from tests.fgo.llm.sim.toy import HORN, LOOK, STOP, chat, current, model, trajectory, version

STOP_RULE, LOOK_RULE, HORN_RULE, HASTY_RULE = (
    f"- {text}" for text in (STOP.statement, LOOK.statement, HORN.statement, STOP.careless)
)


def rewritten(*blocks: str, text: str = "Drive.", **changes: object) -> dict[str, tuple[str, ...]]:
    reply = model(**changes).complete(chat(REWRITE, "\n\n".join((current(text), *blocks))))
    return rules(reply.text)


def merged(*versions: str, **changes: object) -> list[str]:
    return list(rules(model(**changes).complete(chat(MERGE, "\n\n".join(versions))).text))


def test_rules_cite_the_trajectories_that_show_their_need_and_no_rule_is_written_twice():
    new = rewritten(
        trajectory("T1", "ran a red light"), trajectory("T2", "did not look", "ran a red light"), trajectory("T3", "go")
    )
    assert new == {"Drive.": (), STOP_RULE: ("T1", "T2"), LOOK_RULE: ("T2",)}
    assert rewritten(trajectory("T1", "ran a red light"), text="Stop if red.") == {"Stop if red.": ()}


def test_what_a_critique_says_counts_as_seen_be_it_wrong():
    new = rewritten(trajectory("T1", "go", critique=f"- Step 1: {LOOK.statement}\n- {HORN.statement}"))
    assert new == {"Drive.": (), LOOK_RULE: ("T1",), HORN_RULE: ("T1",)}


def test_a_rule_seen_to_do_harm_is_dropped_and_a_careless_one_gets_its_condition_back():
    assert rewritten(trajectory("T1", "woke the town"), text=f"Drive.\n{HORN_RULE}") == {"Drive.": ()}
    assert rewritten(trajectory("T1", "halted at a green light"), text=HASTY_RULE) == {STOP_RULE: ("T1",)}
    assert rewritten(trajectory("T1", "go"), text=HORN_RULE) == {HORN_RULE: ()}


def test_without_recall_nothing_is_learnt_by_evaluator_optimizer_or_merger():
    seen = trajectory("T1", "ran a red light", "did not look", critique=f"- {HORN.statement}")
    assert rewritten(seen, recall_scale=0.0) == {"Drive.": ()}
    critique = model(recall_scale=0.0).complete(chat(EVALUATE, f"{current()}\n{seen}")).text
    assert parse_critique(critique).startswith("- Nothing went wrong")
    assert merged(version("A", 0.1, f"Drive.\n{STOP_RULE}"), recall_scale=0.0) == ["Drive."]


def test_the_longer_the_prompt_the_less_is_noticed_and_perfect_recall_does_not_mind():
    filler = trajectory("T2", *["go on past houses and trees and houses again"] * 700)
    lessons = trajectory("T1", "ran a red light", "did not look")

    def noticed(*blocks: str, **changes: object) -> int:
        replies = (
            model(**changes).complete(chat(REWRITE, "\n\n".join((current(), *blocks))), seed=seed).text
            for seed in range(100)
        )
        return sum(len(rules(reply)) - 1 for reply in replies)

    assert noticed(lessons) == 200
    assert noticed(lessons, filler) == pytest.approx(200 * 0.66, abs=30)
    assert noticed(lessons, filler, recall_decay=0.0) == 200


def test_hasty_writers_lose_conditions_and_made_up_rules_appear_at_their_rates():
    assert HASTY_RULE in rewritten(trajectory("T1", "ran a red light"), careless_rate=1.0)
    assert HORN_RULE in rewritten(trajectory("T1", "go"), wrong_rate=1.0)
    critique = model(wrong_rate=1.0).complete(chat(EVALUATE, trajectory("T1", "go"))).text
    assert parse_critique(critique) == HORN_RULE


def test_a_merge_keeps_each_rule_once_after_the_better_versions_opening():
    versions = (
        version("A", 0.2, f"Go.\n{STOP_RULE}\n- Wash the car."),
        version("B", 0.4, f"Drive well.\n- At a red light, stop!\n{LOOK_RULE}\n- wash the car"),
    )
    assert merged(*versions) == ["Drive well.", STOP_RULE, "- Wash the car.", LOOK_RULE]
    assert merged(*versions, merge_retention=0.0) == ["Drive well."]


def test_a_merge_keeps_the_condition_unless_hasty():
    differing = (version("A", 0.5, STOP_RULE), version("B", 0.5, HASTY_RULE))
    assert merged(*differing) == [STOP_RULE]
    assert merged(*differing, careless_rate=1.0) == [HASTY_RULE]
    agreeing = (version("A", 0.5, STOP_RULE), version("B", 0.5, STOP_RULE))
    assert merged(*agreeing, careless_rate=1.0) == [STOP_RULE]


def test_each_wanted_module_is_written_and_demonstrations_come_from_success():
    material = "\n".join(
        (
            current("Drive.", demonstrations="none yet"),
            trajectory("T1", "arrive", "arrive late", outcome="success"),
            trajectory("T2", "arrive", outcome="success"),
            trajectory("T3", "crash"),
        )
    )
    names = ["instructions", "demonstrations"]
    texts = parse_modules(model().complete(chat(asking_for("optimize", names), material)).text, names).texts
    assert texts["instructions"] == "Drive."
    assert texts["demonstrations"] == "Observation: A road.\nThought: on.\nAction: drive\nObservation: You arrive."
    alone = model().complete(chat(asking_for("optimize", ["demonstrations"]), material)).text
    assert list(parse_modules(alone, ["demonstrations"]).texts) == ["demonstrations"]


def demonstrated(*versions: str, asked: str = "optimize", **changes: object) -> list[str]:
    """The demonstrations that are written, by seed."""
    names = ["instructions", "demonstrations"]
    request = chat(asking_for(asked, names), "\n".join(versions))
    replies = (model(**changes).complete(request, seed=seed).text for seed in range(100))
    return [parse_modules(reply, names).texts["demonstrations"] for reply in replies]


def test_a_demonstration_is_taken_only_from_a_success_that_is_noticed():
    short, long = (trajectory(label, *seen, outcome="success") for label, seen in (("T1", "ab"), ("T2", "abc")))
    before = current("Drive.", demonstrations="as before")
    assert set(demonstrated(before, short, long, recall_scale=0.0)) == {"as before"}
    chosen = [len(text.split("Action:")) - 1 for text in demonstrated(before, long, short, recall_scale=0.5)]
    assert chosen.count(0) == pytest.approx(25, abs=12)
    assert chosen.count(2) == pytest.approx(50, abs=15)
    assert chosen.count(3) == pytest.approx(25, abs=12)
    assert set(demonstrated(current("Drive.", demonstrations=""), short, recall_scale=0.0)) == {"None yet."}


def test_a_merge_keeps_demonstrations_only_if_it_recalls_them():
    def held(label: str, validation: float, text: str) -> str:
        more = f'<module name="demonstrations">\n{text}\n</module>\n</version>'
        return version(label, validation, "Drive.").replace("</version>", more)

    versions = (held("A", 0.1, "the worse one"), held("B", 0.2, "the better one"))
    assert set(demonstrated(*versions, asked="merge")) == {"the better one"}
    assert set(demonstrated(*versions, asked="merge", recall_scale=0.0)) == {"None yet."}
    mixed = demonstrated(*versions, asked="merge", recall_scale=0.5)
    assert mixed.count("the better one") == pytest.approx(50, abs=15)
    assert mixed.count("the worse one") == pytest.approx(25, abs=12)


def test_a_line_that_states_two_rules_is_read_alike_whatever_the_order_of_hashes():
    code = (
        "from tests.fgo.llm.sim.test_writing import *\n"
        "both = f'- Step 1: {LOOK.statement} {HORN.statement} {STOP.statement}'\n"
        "print(rewritten(trajectory('T1', 'go', critique=both)))\n"
        "harms = trajectory('T1', 'woke the town', 'halted at a green light')\n"
        "print(rewritten(harms, text=f'Drive.\\n{HORN.statement} {STOP.careless}'))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "5")
    }
    assert len(printed) == 1


def test_a_repair_starts_from_what_was_noticed_before():
    seen = f"{current()}\n{trajectory('T1', 'ran a red light')}"
    first = model().complete(chat(REWRITE, seen)).text
    turns = [
        *chat(REWRITE, seen),
        {"role": "assistant", "content": "Sure!"},
        {"role": "user", "content": "Write only the module."},
    ]
    assert model().complete(turns).text == first


def test_rules_of_one_lesson_are_grouped_and_one_without_its_condition_conflicts():
    system = prompt("merge_rules")
    shown = f"<rules>\nR1: {STOP.statement}\nR2: {LOOK.statement}\nR3: Do stop at red.\nR4: {STOP.careless}\n</rules>"
    groups = read_groups(model().complete(chat(system, shown)).text, 4)
    assert groups.same == [frozenset({0, 2})]
    assert groups.conflict == [frozenset({0, 3})]
    nothing = read_groups(model(recall_scale=0.0).complete(chat(system, shown)).text, 4)
    assert not nothing.same
    assert not nothing.conflict
