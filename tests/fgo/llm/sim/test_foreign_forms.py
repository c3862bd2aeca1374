"""The simulated model before other packages' prompts: it tells them by the form of the reply and writes in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.sim.model import SimulatedModel
from tests.fgo.llm.sim.toy import PLAIN, Road

TRAJECTORY = """<trajectory id="T1" category="x" outcome="failure" steps="2">
Observation: A crossing.
Thought: I go on.
Action: drive
Observation: You ran a red light.
</trajectory>"""

FENCES = """I provided an assistant with the following instructions to perform a task for me:
```
Drive well.
```

The following are examples:
```
# Example 1
## Generated Outputs
{shown}
```

Provide the new instructions within ``` blocks."""

FIELDS = "Your input fields are:\n1. `x` (str):\n\n[[ ## {field} ## ]]\n{{{field}}}\n\n[[ ## completed ## ]]"
ONE = (
    "Respond with the corresponding output fields, starting with the field `[[ ## proposed_instruction ## ]]`, and then "
    "ending with the marker for `[[ ## completed ## ]]`."
)
ADVICE = (
    "Respond with the corresponding output fields, starting with the field `[[ ## discussion ## ]]`, then "
    "`[[ ## module_advice ## ]]` (must be formatted as a valid Python dict[str, str]), and then ending with the marker "
    "for `[[ ## completed ## ]]`."
)
AS_JSON = (
    "Respond with a JSON object in the following order of fields: `discussion`, then `module_advice` (must be formatted "
    "as a valid Python dict[str, str])."
)


def reply(user: str, system: str = "", seed: int = 0, **changes: object) -> str:
    model = SimulatedModel(replace(PLAIN, **changes), [Road()], 100_000)  # type: ignore[arg-type]
    messages = [{"role": "system", "content": system}] if system else []
    return model.complete([*messages, {"role": "user", "content": user}], seed=seed).text


def fenced(text: str) -> str:
    return text.split("```")[1].strip()


def test_instructions_asked_for_within_fences_come_back_with_what_the_trajectories_show() -> None:
    assert fenced(reply(FENCES.format(shown=TRAJECTORY))) == "Drive well.\n- When the light is red, stop."
    assert fenced(reply(FENCES.format(shown="nothing"))) == "Drive well."
    assert fenced(reply(FENCES.format(shown=TRAJECTORY), recall_scale=0.0)) == "Drive well."
    assert "halt" in fenced(reply(FENCES.format(shown=TRAJECTORY), careless_rate=1.0))


def test_an_agents_prompt_is_none_of_these_forms_whatever_stands_in_it() -> None:
    system = "You drive.\nThought: <a>\nAction: <b>\n<instructions>\n[[ ## x ## ]]\n</instructions>"
    assert reply("Provide the new instructions within ``` blocks.", system).startswith("Thought:")


def proposal(shown: str, **settings: object) -> str:
    user = f"[[ ## task_demos ## ]]\n{shown}\n\n[[ ## basic_instruction ## ]]\nDrive well.\n\n{ONE}"
    text = reply(user, FIELDS.format(field="proposed_instruction"), **settings)  # type: ignore[arg-type]
    found = re.fullmatch(r"\[\[ ## proposed_instruction ## \]\]\n(.*)\n\n\[\[ ## completed ## \]\]", text, re.DOTALL)
    assert found
    return found.group(1)


def test_an_instruction_asked_for_as_a_field_is_learnt_or_reworded() -> None:
    assert proposal(TRAJECTORY) == "Drive well.\n- When the light is red, stop."
    reworded = {proposal("No task demos provided.", seed=seed) for seed in range(8)}
    assert len(reworded) > 1
    assert all(text.endswith("\nDrive well.") and len(text) > len("\nDrive well.") for text in reworded)


def advice(known: str, asked: str) -> dict[str, str]:
    worse = json.dumps([{"module_name": "play", "outputs": {"trajectory": TRAJECTORY}}], indent=2)
    user = (
        f"[[ ## modules_defn ## ]]\n{known}\n\n[[ ## worse_program_trajectory ## ]]\n{worse}\n\n"
        f'[[ ## module_names ## ]]\n["play"]\n\n{asked}'
    )
    text = reply(user, FIELDS.format(field="module_advice"))
    if asked == AS_JSON:
        return dict(json.loads(text)["module_advice"])
    assert text.endswith("[[ ## completed ## ]]")
    return dict(json.loads(text.split("[[ ## module_advice ## ]]")[1].split("[[")[0]))


def test_advice_is_given_to_the_named_modules_from_trajectories_within_json() -> None:
    for asked in (ADVICE, AS_JSON):
        assert advice("Drive well.", asked) == {"play": "- When the light is red, stop."}


def test_advice_that_stands_in_the_prompt_already_is_not_given_again() -> None:
    assert "red" not in advice("\t\tWhen the light is red, stop.", ADVICE)["play"]


def test_another_field_gets_a_remark() -> None:
    asked = "Respond with the corresponding output fields, starting with the field `[[ ## summary ## ]]`."
    text = reply(f"[[ ## observations ## ]]\nx\n\n{asked}", FIELDS.format(field="summary"))
    assert re.fullmatch(r"\[\[ ## summary ## \]\]\n.+\n\n\[\[ ## completed ## \]\]", text)


ASKED = ["Provide the new instructions within ``` blocks.", ONE, ADVICE, AS_JSON]
MARKS = [
    "```",
    "\n",
    "[[ ## x ## ]]\n",
    '["play"]',
    "{",
    "<trajectory",
    "</trajectory>",
    "\\",
    "- When the light is red, stop.",
]
PARTS = [*ASKED, *MARKS, TRAJECTORY, json.dumps(TRAJECTORY)]


@given(st.lists(st.sampled_from(PARTS), max_size=8), st.sampled_from(["", FIELDS.format(field="x")]))
def test_whatever_stands_in_the_prompt_there_is_a_reply(parts: list[str], system: str) -> None:
    assert reply("\n".join(["Please:", *parts]), system)
