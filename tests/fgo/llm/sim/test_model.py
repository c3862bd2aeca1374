import subprocess
import sys

import pytest

from fgo.agents.react import MALFORMED
from fgo.constrained import in_lines
from fgo.llm.context import drop_oldest_steps
from fgo.llm.sim.model import WindowExceeded
from fgo.llm.tokens import count_messages, count_text
from fgo.optimizers.base import Unusable
from fgo.optimizers.improve import parse_critique
from fgo.optimizers.module_text import asking_for, parse_modules, prompt
from tests.fgo.llm.sim.toy import LOOK, STOP, SYSTEM, chat, current, model, trajectory, version

EVALUATE = prompt("evaluate")
REWRITE = asking_for("optimize", ["instructions"])
MERGE = asking_for("merge", ["instructions"])
ACT = chat(SYSTEM.replace("{instructions}", ""), "Observation: A road.")


def rules(reply: str) -> dict[str, tuple[str, ...]]:
    """The instructions' lines of a reply that has the required form, with what they cite."""
    written = parse_modules(reply, ["instructions"])
    return {line: written.evidence.get(line, ()) for line in written.texts["instructions"].splitlines()}


def test_it_tells_from_the_prompt_alone_which_of_the_four_things_it_is_asked():
    seen = f"{current()}\n{trajectory('T1', 'ran a red light')}"
    assert model().complete(ACT).text.endswith("Action: drive")
    assert parse_critique(model().complete(chat(EVALUATE, seen)).text) == f"- Step 1: {STOP.statement}"
    assert rules(model().complete(chat(REWRITE, seen)).text) == {"Drive.": (), f"- {STOP.statement}": ("T1",)}
    merged = chat(MERGE, version("A", 0.5, f"- {STOP.statement}") + version("B", 0.6, f"- {LOOK.statement}"))
    assert set(rules(model().complete(merged).text)) == {f"- {STOP.statement}", f"- {LOOK.statement}"}
    assert "form of the reply" in model().complete(chat("Hello.", "How are you?")).text


def test_the_same_request_gets_the_same_reply_in_another_process():
    here = [model(competence=0.5).complete(ACT, seed=seed).text for seed in range(20)]
    code = (
        "from tests.fgo.llm.sim.toy import *\n"
        "ACT = chat(SYSTEM.replace('{instructions}', ''), 'Observation: A road.')\n"
        "print([model(competence=0.5).complete(ACT, seed=seed).text for seed in range(20)])"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert there.strip() == str(here)
    assert len(set(here)) > 1, "the seed must matter"


def test_tokens_are_real_and_a_prompt_over_the_window_is_refused():
    completion = model().complete(ACT)
    assert completion.prompt_tokens == count_messages(ACT)
    assert completion.completion_tokens == count_text(completion.text)
    with pytest.raises(WindowExceeded, match="maximum context length is 20 tokens"):
        model(window=20).complete(ACT)


def test_a_reply_over_the_limit_is_cut_and_says_so():
    seen = chat(REWRITE, f"{current()}\n{trajectory('T1', 'ran a red light')}")
    cut = model().complete(seen, max_tokens=12)
    assert (cut.finish, cut.completion_tokens) == ("length", 12)
    with pytest.raises(Unusable):
        parse_modules(cut.text, ["instructions"])
    assert model().complete(ACT, stop=("\nAction:",)).text == "Thought: I go by nothing."


def test_an_agent_heeds_what_it_is_taught_and_else_what_it_happens_to_know():
    def heeded(instructions: str, **changes: float) -> str:
        messages = chat(SYSTEM.replace("{instructions}", instructions), "Observation: A road.")
        return model(**changes).complete(messages).text.split("\n")[0]

    assert heeded("- Please stop at red lights.") == "Thought: I go by stop."
    assert heeded("Nothing.", competence=1.0) == "Thought: I go by stop look."
    assert heeded("- Look both ways.\n- Use the horn.", follow=0.0, competence=1.0) == "Thought: I go by stop."
    assert heeded("- Use the horn.") == "Thought: I go by horn."
    assert heeded("- Always halt at lights.") == "Thought: I go by stop stop!careless."
    assert heeded("- Always halt at lights.\n- When it is red, stop.") == "Thought: I go by stop."


def test_teaching_never_undoes_what_an_agent_did_right_without_it():
    for seed in range(50):
        replies = [
            model(competence=0.4, follow=0.8)
            .complete(chat(SYSTEM.replace("{instructions}", text), "Observation: A road."), seed=seed)
            .text
            for text in ("", f"- {LOOK.statement}")
        ]
        assert "look" in replies[1] or "look" not in replies[0]


def test_what_an_agent_knows_stays_the_same_when_the_oldest_steps_are_left_out():
    steps = [{"role": role, "content": text} for role, text in (("assistant", "Action: drive"), ("user", "You go."))]
    conversation = [*ACT, *steps * 5]
    for seed in range(20):
        agent = model(competence=0.5)
        whole = agent.complete(conversation, seed=seed).text
        for limit in range(count_messages([*ACT, *steps]) + 30, count_messages(conversation)):
            shortened, left_out = drop_oldest_steps(conversation, limit, count_messages)
            assert left_out > 0
            assert agent.complete(shortened, seed=seed).text == whole


def test_malformed_replies_come_at_their_rate_and_a_repair_is_drawn_anew():
    assert "Action:" not in model(malformed_rate=1.0).complete(ACT).text
    half = model(malformed_rate=0.5)
    broken = next(seed for seed in range(50) if "Action:" not in half.complete(ACT, seed=seed).text)
    reply = {"role": "assistant", "content": half.complete(ACT, seed=broken).text}
    repairs = [*ACT, reply, {"role": "user", "content": MALFORMED}]
    again = [*repairs, reply, {"role": "user", "content": MALFORMED}]
    assert any("Action:" in half.complete(turns, seed=broken).text for turns in (repairs, again, [*again, *again[2:]]))
    with pytest.raises(Unusable):
        parse_critique(model(malformed_rate=1.0).complete(chat(EVALUATE, trajectory("T1", "did not look"))).text)


def test_held_to_a_schema_an_agent_says_the_same_as_an_object_and_never_slips():
    lines = model(malformed_rate=0.0).complete(ACT).text
    held = model(malformed_rate=1.0).complete(ACT, as_object=True).text
    assert in_lines(held) == lines
    so_far = [*ACT, {"role": "assistant", "content": held}, {"role": "user", "content": "Observation: A corner."}]
    assert in_lines(model().complete(so_far, as_object=True).text) == lines
