from __future__ import annotations

from fgo.agents.prompting import tools_as_functions, tools_in_words
from fgo.types import Tool

FIND = Tool(
    "find",
    "Finds text.",
    {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "pages": {"type": "array", "items": {"type": "integer"}},
            "how": {"enum": ["exact", "loose"]},
            "any": {},
        },
        "required": ["text"],
    },
)


def test_tools_are_told_in_words_with_their_arguments() -> None:
    words = tools_in_words([FIND])

    assert (
        '- find {"text": string, "pages"?: [integer, ...], "how"?: "exact" | "loose", "any"?: any}: Finds text.'
        in words
    )
    assert tools_in_words([]) == ""


def test_tools_are_functions_for_providers() -> None:
    (function,) = tools_as_functions([FIND])

    assert function["type"] == "function"
    assert function["function"]["parameters"] == FIND.parameters
