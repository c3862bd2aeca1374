"""What every benchmark's lessons owe the simulated model; a new YAML in conf/env/ is tested here as it comes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from experiments.composition import config_folder, settings_of
from fgo.llm.sim.rulebook import CARELESS, Rulebook
from fgo.types import Lesson

_ALL = [
    (path.stem, settings_of([f"env={path.stem}"]).env.simulated())
    for path in sorted(Path(config_folder(), "env").glob("*.yaml"), reverse=True)
]
SIMULATED = dict(
    {type(one): (name, one) for name, one in _ALL}.values()
)  # a benchmark's first environment stands for all
BOOKS = {name: Rulebook([simulated]) for name, simulated in SIMULATED.items()}
LESSONS = [(name, lesson) for name, simulated in SIMULATED.items() for lesson in simulated.lessons]
FALSE = [(name, rule) for name, simulated in SIMULATED.items() for rule in simulated.misconceptions]


def ids(value: object) -> str:
    return value.name if isinstance(value, Lesson) else str(value)


@pytest.mark.parametrize(("benchmark", "rule"), [*LESSONS, *FALSE], ids=ids)
def test_a_statement_is_recognised_as_its_rule_and_no_other(benchmark: str, rule: Lesson) -> None:
    assert BOOKS[benchmark].stated_in_line(f"- {rule.statement}") == (rule.name,)


@pytest.mark.parametrize(("benchmark", "lesson"), [pair for pair in LESSONS if pair[1].careless], ids=ids)
def test_a_careless_version_is_told_from_the_lesson_and_its_harm_is_described(benchmark: str, lesson: Lesson) -> None:
    book = BOOKS[benchmark]
    assert book.stated_in_line(f"- {lesson.careless}") == (lesson.name + CARELESS,)
    harm = book.misconceptions[lesson.name + CARELESS]
    assert harm.statement == lesson.careless
    assert re.search(harm.cue, harm.statement, re.IGNORECASE)


def test_no_two_benchmarks_have_rules_of_one_name() -> None:
    Rulebook(list(SIMULATED.values()))  # raises ValueError for names used twice
