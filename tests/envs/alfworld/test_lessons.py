import pytest

from envs.alfworld.lessons import LESSONS
from envs.alfworld.simulated import AlfWorldSimulated
from envs.alfworld.texts import DESCRIPTION, SEED_MODULES
from fgo.llm.sim.rulebook import Rulebook

BOOK = Rulebook([AlfWorldSimulated()])
WITH_CARELESS = [lesson for lesson in LESSONS if lesson.careless]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("If a cabinet is closed, open it to check inside.", "open_closed"),
        ("Use the 'move' command instead of 'put' when placing things.", "move_not_put"),
        ("Wash things at the sink: clean them in a sinkbasin when asked for a clean one.", "clean_at_sink"),
        ("Pick up the object, carry it to the desklamp and turn that on.", "lamp_holding"),
        ("You can only carry one object at a time.", "one_at_a_time"),
        ("Never repeat a command that had no effect.", "no_repeat"),
        ("Search the most likely places first.", "likely_first"),
        ("Always use the exact name, e.g. apple 1.", "exact_name"),
    ],
)
def test_rules_in_other_words_are_recognised_too(line, name):
    assert name in BOOK.stated_in_line(line)


def test_what_an_agent_is_told_from_the_start_states_no_lesson():
    assert BOOK.stated("\n".join(SEED_MODULES.values())) == frozenset()
    assert BOOK.stated(DESCRIPTION) == frozenset()


def test_there_are_lessons_for_all_tasks_and_for_single_ones_and_some_that_conflict():
    assert len(LESSONS) >= 12
    assert len(WITH_CARELESS) >= 4
    assert sum("task asks for" in lesson.statement for lesson in LESSONS) >= 4


def test_the_benchmark_is_recognised_by_its_description_alone():
    simulated = AlfWorldSimulated()
    assert simulated.recognises(f"You are an agent.\n{DESCRIPTION}\nAction: ...")
    assert not simulated.recognises("You extract reference numbers from invoices.")
