"""A model that learns the words of failed trajectories: enough of an optimizer to see the methods work, with no chance in it."""

from __future__ import annotations

import re

from fgo.llm.types import Caller, Request
from tests.fakes import obey

_WORD = re.compile(r"the word was (\w+)\.")


def teach(request: Request, caller: Caller) -> str:
    if caller.role == "agent":
        return obey(request, caller)
    shown = str(request.messages[1]["content"])
    if caller.role == "evaluator":
        return f"<critique>\n- the word was {_WORD.findall(shown)}\n</critique>"
    rules = [line for line in shown.splitlines() if line.startswith("- word:")]
    if caller.role == "optimizer":
        for block in shown.split("<trajectory ")[1:]:
            label = block.split('"')[1]
            rules += [f"- word: {word} [{label}]" for word in dict.fromkeys(_WORD.findall(block))]
    seen: dict[str, str] = {}
    for rule in rules:
        seen.setdefault(rule.split(" [")[0], rule)
    return '<module name="instructions">\n' + "\n".join(("Be brief.", *seen.values())) + "\n</module>"
