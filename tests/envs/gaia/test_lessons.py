import pytest

from envs.gaia.lessons import LESSONS, MISCONCEPTIONS
from envs.gaia.simulated import GaiaSimulated
from envs.gaia.texts import DESCRIPTION, FINAL_ANSWER, SEED_MODULES
from envs.gaia.tools.kit import TOOLS
from fgo.llm.sim.rulebook import CARELESS, Rulebook

BOOK = Rulebook([GaiaSimulated()])
WITH_CARELESS = [lesson for lesson in LESSONS if lesson.careless]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Open every attached file first.", "read_first"),
        ("If a script is attached, execute it.", "run_program"),
        ("Use the python tool for any arithmetic.", "python_sums"),
        ("Check the fill colors of spreadsheet cells.", "cell_colours"),
        ("Look inside an archive: read its members.", "zip_members"),
        ("In presentations, check the speaker notes as well as the slide.", "slide_notes"),
        ("Mind footnotes and errata.", "corrections"),
        ("Give the name without titles.", "bare_answer"),
        ("Watch the units and convert where needed.", "unit_asked"),
        ("Round to the number of decimals requested.", "round_as_asked"),
        ("Sort lists as requested.", "list_order"),
        ("Never answer from a snippet: open the page.", "open_result"),
        ("Prefer the latest edition when one was superseded.", "newest_edition"),
        ("For older content, use the archived version of the page.", "past_year"),
        ("Follow the link to the next page until the list ends.", "next_page"),
        ("Cross-check facts with another source.", "two_sources"),
    ],
)
def test_rules_in_other_words_are_recognised_too(line, name):
    assert name in BOOK.stated_in_line(line)


def test_what_an_agent_is_told_from_the_start_states_no_lesson():
    assert BOOK.stated("\n".join(SEED_MODULES.values())) == frozenset()
    assert BOOK.stated(DESCRIPTION) == frozenset()


@pytest.mark.parametrize("tool", [*TOOLS.values(), FINAL_ANSWER], ids=lambda tool: tool.name)
def test_no_description_of_a_tool_states_a_lesson(tool):
    about = [tool.description, *(each.get("description", "") for each in tool.parameters["properties"].values())]
    assert BOOK.stated("\n".join(about)) == frozenset()


def test_there_are_as_many_lessons_as_promised_and_some_that_conflict():
    assert 10 <= len(LESSONS) <= 16
    assert len(WITH_CARELESS) >= 4
    assert 3 <= sum(not rule.name.endswith(CARELESS) for rule in MISCONCEPTIONS) <= 4


def test_the_benchmark_is_recognised_by_its_description_alone():
    simulated = GaiaSimulated()
    assert simulated.recognises(f"You are an agent.\n{DESCRIPTION}\nAction: ...")
    assert not simulated.recognises("You extract reference numbers from invoices.")
