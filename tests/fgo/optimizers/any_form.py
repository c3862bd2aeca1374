"""The teaching model for optimizers with prompts of their own: it learns what is shown, in the form asked for.

Its agent says the words that it was taught and reads the right one off an observation if it was taught to, else by chance.
"""

from __future__ import annotations

import json
import re

from fgo.llm.types import Caller, Request
from tests.fakes import obey, say

_WORD = re.compile(r"the word was (\w+)\.")
_RULE = re.compile(r"- word: (\w+)")
_SUCCESS = re.compile(r'outcome=\\*"success')
_AT_MOST = re.compile(r"at most (\d+) operations")
_FIELD = re.compile(r"`\[\[ ## (\w+) ## \]\]`(?: \(must be formatted as a valid Python (\w+))?")


def teach_any(request: Request, caller: Caller) -> str:
    if caller.role == "agent":
        return read_or_obey(request, caller)
    return reply_to("\n".join(str(message["content"]) for message in request.messages))


def read_or_obey(request: Request, caller: Caller) -> str:
    seen = _WORD.search(str(request.messages[-1]["content"]))
    taught = "- read" in str(request.messages[0]["content"])
    if seen and (taught or request.sample % 6 == 0):
        return say(seen.group(1))
    return obey(request, caller)


def reply_to(prompt: str) -> str:
    """New instructions within fences or as fields: each word that stands in the prompt; to read, if that was seen to help."""
    words = dict.fromkeys([*_RULE.findall(prompt), *_WORD.findall(prompt)])
    rules = [f"- word: {word}" for word in words] + ["- read the word"] * bool(_SUCCESS.search(prompt))
    text = "\n".join(["Be brief.", *rules])
    asked = [line for line in prompt.splitlines() if line.startswith("Respond with")]
    if "<operations>" in prompt:
        known = {line.split(") ", 1)[1] for line in prompt.splitlines() if re.match(r"\[\d+\] \(", line)}
        adds = [f"ADD: {rule[2:]}" for rule in reversed(rules) if rule[2:] not in known]
        most = int(_AT_MOST.findall(prompt)[0])
        return "\n".join(["<operations>", *(adds[:most] or ["NONE"]), "</operations>"])
    if '<module name="NAME">' in prompt:
        return f'<module name="instructions">\n{text}\n</module>'
    if not asked:
        return f"Here you are:\n```\n{text}\n```"
    parts = []
    for name, type_ in _FIELD.findall(asked[-1]):
        if name != "completed":
            parts.append(f"[[ ## {name} ## ]]\n{json.dumps({'play': text}) if type_ == 'dict' else text}")
    return "\n\n".join([*parts, "[[ ## completed ## ]]"])
