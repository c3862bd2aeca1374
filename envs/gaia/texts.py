"""What an agent in GAIA is always told, and the modules that optimization starts from.

How answers must be written is part of the instructions, as it is in GAIA's own prompt, so an optimizer may say it better.
"""

from __future__ import annotations

from fgo.types import Tool

DESCRIPTION = """\
The environment is GAIA, a benchmark of questions for general assistants. The first observation is a question and names \
the files that are attached to it, if any. Find the answer with the tools, one call at a time, and give it with \
`final_answer`, once: that ends the task. A question has exactly one right answer, short, and compared by its characters. A \
call that can't be carried out is answered with what was wrong."""

INSTRUCTIONS = """\
You are a general assistant. Work the question out with your tools, then answer.
The final answer is a number, or as few words as possible, or a list of numbers or words separated by commas.
- A number: digits without thousands separators, and without a unit, currency or percent sign unless the question asks for it.
- Words: no articles, no abbreviations (cities too), and digits written in plain text unless the question asks otherwise.
- A list: each element by the rule for its kind."""

SEED_MODULES = {"instructions": INSTRUCTIONS, "demonstrations": "", "tools": ""}

FINAL_ANSWER = Tool(
    "final_answer",
    "Give the final answer and end the task. Only the answer itself, without any explanation.",
    {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
)

NO_ANSWER = 'There is no answer in this. Write the answer itself, as in final_answer {"answer": "42"}.'
OVER = "The task is over: an answer has been given."
RECORDED = "The answer is recorded."


def opening(question: str, files: list[str]) -> str:
    """The first observation."""
    if not files:
        return f"Question: {question}"
    return f"Question: {question}\nAttached file{'s' if len(files) > 1 else ''}: {', '.join(files)}"


def feedback(right: bool, truth: str | None) -> str:
    """The last observation of a training task. truth: what would have been right, where that may be said."""
    if right:
        return f"{RECORDED} It is right."
    return f"{RECORDED} It is wrong." + ("" if truth is None else f" The right answer is: {truth}")
