"""Reading functions, and edits of them, out of model output: strictly, by their syntax, without running anything."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from fgo.optimizers.base import Unusable

_EDIT = re.compile(r"<edit\b([^>\n]*)>(.*?)</edit>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"\n]*)"')
_FENCE = re.compile(r"\A```\w*\n(.*?)\n?```\Z", re.DOTALL)
_LONGEST = 20_000  # characters of a function
_FORM = 'Write one edit: <edit action="ACTION" name="NAME">, the function, </edit>.'


@dataclass(frozen=True, slots=True)
class Edit:
    action: str
    name: str = ""
    source: str = ""
    labels: tuple[str, ...] = ()

    def applied(self, functions: Mapping[str, str]) -> dict[str, str]:
        if self.action == "remove":
            return {name: source for name, source in functions.items() if name != self.name}
        return {**functions, self.name: self.source}


def check_source(source: str) -> dict[str, str]:
    """The functions of a module's text by name, each with its source. Raises Unusable for anything else at its top level."""
    try:
        with warnings.catch_warnings():  # of the model's escapes, say: no affair of the user's
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unusable(f"This is no valid Python: {error}. Write plain Python functions.") from error
    functions = {}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            raise Unusable(
                f"Line {node.lineno} is no plain function. Write only `def`, with imports inside the functions."
            )
        if not (ast.get_docstring(node) or "").strip():
            raise Unusable(f"The function {node.name} has no docstring: say what it does, takes and returns.")
        arguments = node.args
        if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
            raise Unusable(f"The function {node.name} must have plain named parameters, without * or /.")
        if not all(
            default is None or _is_constant(default) for default in (*arguments.defaults, *arguments.kw_defaults)
        ):
            raise Unusable(f"The defaults of the function {node.name} must be constants.")
        annotations = (node.returns, *(argument.annotation for argument in (*arguments.args, *arguments.kwonlyargs)))
        if any(isinstance(part, ast.Call) for note in annotations if note for part in ast.walk(note)):
            raise Unusable(f"The annotations of the function {node.name} must be types.")
        if node.name in functions:
            raise Unusable(f"The function {node.name} stands there twice; write it once.")
        functions[node.name] = ast.get_source_segment(source, node) or ""
    return functions


def _is_constant(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def parse_edit(reply: str, functions: Mapping[str, str]) -> Edit:
    """The one edit of a reply. Raises Unusable, saying what to write."""
    found = _EDIT.findall(reply)
    if len(found) != 1:
        raise Unusable(f"There are {len(found)} edits. {_FORM}")
    attributes, body = dict(_ATTRIBUTE.findall(found[0][0])), found[0][1].strip()
    action, name = attributes.get("action", ""), attributes.get("name", "")
    if action == "terminate":
        return Edit(action)
    if action not in ("add", "revise", "remove"):
        raise Unusable(f"The action {action!r} is none of add, revise, remove, terminate. {_FORM}")
    if action == "add" and name in functions:
        raise Unusable(f"There is a function {name!r} already: revise it, or add one of another name.")
    if action != "add" and name not in functions:
        raise Unusable(f"There is no function {name!r} to {action}; there are: {', '.join(functions) or 'none'}.")
    labels = tuple(re.findall(r"T\d+", attributes.get("cites", "")))
    if action == "remove":
        return Edit(action, name, "", labels)
    if len(body) > _LONGEST:
        raise Unusable(f"The function has {len(body)} characters; write at most {_LONGEST}.")
    fenced = _FENCE.match(body)
    written = check_source(fenced.group(1) if fenced else body)
    if list(written) != [name]:
        raise Unusable(f"The edit must hold the one function {name!r}; it holds {', '.join(written) or 'none'}.")
    return Edit(action, name, written[name], labels)
