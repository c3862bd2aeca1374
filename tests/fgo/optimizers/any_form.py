"""The teaching model for optimizers with prompts of their own: it learns the words that are shown, in the form asked for."""

from __future__ import annotations

import json
import re

from fgo.llm.types import Caller, Request
from tests.fakes import obey

_WORD = re.compile(r"the word was (\w+)\.")
_RULE = re.compile(r"- word: (\w+)")
_FIELD = re.compile(r"`\[\[ ## (\w+) ## \]\]`(?: \(must be formatted as a valid Python (\w+))?")


def teach_any(request: Request, caller: Caller) -> str:
    if caller.role == "agent":
        return obey(request, caller)
    return reply_to("\n".join(str(message["content"]) for message in request.messages))


def reply_to(prompt: str) -> str:
    """New instructions within fences or as fields; each rule that stands in the prompt and each word it shows."""
    words = dict.fromkeys([*_RULE.findall(prompt), *_WORD.findall(prompt)])
    text = "\n".join(["Be brief.", *(f"- word: {word}" for word in words)])
    asked = [line for line in prompt.splitlines() if line.startswith("Respond with")]
    if not asked:
        return f"Here you are:\n```\n{text}\n```"
    parts = []
    for name, type_ in _FIELD.findall(asked[-1]):
        if name != "completed":
            parts.append(f"[[ ## {name} ## ]]\n{json.dumps({'play': text}) if type_ == 'dict' else text}")
    return "\n\n".join([*parts, "[[ ## completed ## ]]"])
