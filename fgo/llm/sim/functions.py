"""Helper functions as the simulated model writes them: a rule a function, which its docstring states.

Reading and merging of functions is that of rules: a source is taken as the list of its docstrings, and written back with
the functions that are still there unchanged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from fgo.types import digest

_RULE = re.compile(r"^- (.+)$", re.MULTILINE)
_CITATION = re.compile(r"\s*\[T\d+(?:\s*,\s*T\d+)*\]\s*$")
NONE_YET = "# No helper functions yet."  # a module written empty could not be told from one forgotten


def on_rules(source: str, rewrite: Callable[[str], str]) -> str:
    """A source whose docstrings, as rules one a line, were rewritten by `rewrite`."""
    functions = functions_of(source)
    rules = "\n".join(f"- {docstring}" for docstring in functions)
    written = [_CITATION.sub("", rule).strip() for rule in _RULE.findall(rewrite(rules))]
    return "\n\n".join(functions.get(rule) or function_of(rule) for rule in dict.fromkeys(written)) or NONE_YET


def functions_of(source: str) -> dict[str, str]:
    """The source of each function by its docstring in one line; none where the source is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            docstring = " ".join((ast.get_docstring(node) or node.name).split())
            found[docstring] = ast.get_source_segment(source, node) or ""
    return found


def function_of(rule: str) -> str:
    """A function that hands out a rule, which its docstring states."""
    name = "_".join([*re.findall(r"[a-z]+", rule.lower())[:6], digest(rule)[:4]])  # rules may begin alike
    return f"def rule_{name}() -> str:\n    {_quoted(rule)}\n    return {rule!r}"


def _quoted(rule: str) -> str:
    return '"""' + rule.replace("\\", "\\\\").replace('"', "'") + '"""'
