from __future__ import annotations

import pytest

from envs.logisticsqa import gate
from envs.logisticsqa.gate import BOUND, Row, failures, measure
from envs.logisticsqa.generator import generate
from envs.logisticsqa.shortcuts import MARKS, by_check_digit, by_expression, by_paths


@pytest.mark.parametrize("split", ["train", "test"])
def test_only_who_knows_the_rules_does_well(split):
    solver, *shortcuts = measure(generate(1, split, 96))
    assert solver.success == 1
    assert len(shortcuts) == 6
    assert max(row.success for row in shortcuts) < BOUND


def test_each_mark_finds_the_references_of_its_place_where_nothing_else_matters():
    places = ("despatch", "additional", "shipment", "order", "payment", "note", "credit", "collective", "freight")
    documents = [d for split in ("train", "test") for d in generate(0, split, 240)]
    for place, mark in zip(places, MARKS, strict=True):
        asked = [d for d in documents if d.family.place == place and d.family.rules <= {place, "letter", "zero"}]
        asked = [d for d in asked if "zero" not in d.family.rules] or asked
        shown = [set(d.answer) <= set(by_expression(mark)(d.xml)) for d in asked]
        assert sum(shown) > 0.9 * len(asked) > 0, place


def test_shortcuts_answer_what_they_say():
    xml = "<a><b>24711004</b><b>VML-24.711.004/01</b><c schemeID='x'>24711005</c></a>"
    assert by_expression(r"\d{8}")(xml) == ["24711004", "24711005"]
    assert by_expression(r"<c[^>]*>(\d+)", first_only=True)(xml) == ["24711005"]
    assert by_check_digit(xml) == ["24711004", "24711004/01"]
    assert by_paths([xml])["/*/b"] == {xml: ["24711004", "VML-24.711.004/01"]}
    assert by_paths([xml])["/*/c[@schemeID='x']"] == {xml: ["24711005"]}


def test_a_set_with_a_shortcut_fails_and_says_why(capsys, monkeypatch):
    assert failures([Row("solver", 1.0), Row("a", 0.1)]) == []
    assert len(failures([Row("solver", 0.9), Row("a", 0.5), Row("b", 0.1)])) == 2
    monkeypatch.setattr(gate, "agent_success", lambda *_: dict.fromkeys((gate.UNTAUGHT, gate.TAUGHT, 1.0), 0.5))
    monkeypatch.setattr(gate, "measure", lambda documents: [Row("solver", 1.0), Row("a trick", 0.5)])
    assert gate.main(["--n", "2"]) == 1
    assert "a trick: 50.0%" in capsys.readouterr().out


def test_the_command_prints_a_table_and_succeeds(capsys):
    assert gate.main(["--n", "72", "--seed", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("knows the rules")
    assert "100.0%" in lines[0]
    assert [line.split("  ")[0] for line in lines[7:10]] == [name for name, _ in gate._AGENTS]
    assert "100.0%" in lines[9]
