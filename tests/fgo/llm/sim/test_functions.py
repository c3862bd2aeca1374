"""The simulated model as the writer of helper functions: what it writes can be offered to an agent, and teaches it."""

from __future__ import annotations

from fgo.helpers import parse_helpers
from fgo.llm.sim.functions import on_rules
from fgo.optimizers.module_text import asking_for, parse_modules
from tests.fgo.llm.sim.toy import LOOK, STOP, chat, model, trajectory

REWRITE = asking_for("optimize", ["tools"])
MERGE = asking_for("merge", ["tools"])


def shown(source: str) -> str:
    return f'<current_modules>\n<module name="tools">\n{source}\n</module>\n</current_modules>'


def version(label: str, source: str) -> str:
    return f'<version id="{label}" validation="0.5">\n<module name="tools">\n{source}\n</module>\n</version>'


def written(system: str, user: str) -> str:
    return parse_modules(model().complete(chat(system, user)).text, ["tools"]).texts["tools"]


def docstrings(source: str) -> list[str]:
    return [tool.description for tool in parse_helpers(source)]


def test_a_lesson_becomes_a_function_whose_docstring_states_it() -> None:
    source = written(REWRITE, f"{shown('')}\n\n{trajectory('T1', 'ran a red light')}")

    assert docstrings(source) == [STOP.statement]


def test_functions_that_are_there_stay_as_they_are() -> None:
    own = 'def count(x: int) -> int:\n    """Counts."""\n    return x + 1'
    source = written(REWRITE, f"{shown(own)}\n\n{trajectory('T1', 'did not look')}")

    assert own in source
    assert docstrings(source) == ["Counts.", LOOK.statement]


def test_with_nothing_noticed_an_empty_module_stays_usable() -> None:
    assert docstrings(written(REWRITE, f"{shown('')}\n\n{trajectory('T1', 'went on')}")) == []


def test_a_merge_keeps_each_function_once() -> None:
    stop = on_rules("", lambda _: f"- {STOP.statement}")
    look = on_rules("", lambda _: f"- {LOOK.statement}")
    source = written(MERGE, "\n\n".join([version("A", stop), version("B", f"{look}\n\n{stop}")]))

    assert docstrings(source) == [STOP.statement, LOOK.statement]


def test_what_is_no_python_is_no_function() -> None:
    assert docstrings(on_rules("def (", lambda rules: rules)) == []
