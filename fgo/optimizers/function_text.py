"""Reading functions, and edits of them, out of model output: strictly, by their syntax, without running anything."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from fgo.helpers import BadHelpers, parse_helpers
from fgo.optimizers.base import Unusable

_EDIT = re.compile(r"<edit\b([^>\n]*)>(.*?)</edit>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"\n]*)"')
_FENCE = re.compile(r"\A```\w*\n(.*?)\n?```\Z", re.DOTALL)
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
    """The functions of a source by name, each with its text. Raises Unusable for what can't be offered to an agent, and for
    anything at the top level that does more than define a function: these are taken apart and put together again."""
    try:
        with warnings.catch_warnings():  # of the model's escapes, say: no affair of the user's
            warnings.simplefilter("ignore")
            parse_helpers(source)
            tree = ast.parse(source)
    except BadHelpers as error:
        raise Unusable(str(error)) from error
    functions = {}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.decorator_list or node.name.startswith("_"):
            raise Unusable(
                f"Line {node.lineno} is no plain function. Write only `def`, with imports inside the functions."
            )
        arguments = node.args
        if not all(
            default is None or _is_constant(default) for default in (*arguments.defaults, *arguments.kw_defaults)
        ):
            raise Unusable(f"The defaults of the function {node.name} must be constants.")
        annotations = (node.returns, *(argument.annotation for argument in (*arguments.args, *arguments.kwonlyargs)))
        if any(isinstance(part, ast.Call) for note in annotations if note for part in ast.walk(note)):
            raise Unusable(f"The annotations of the function {node.name} must be types.")
        functions[node.name] = ast.get_source_segment(source, node) or ""
    return functions


def joined(functions: Mapping[str, str]) -> str:
    """A source of these functions."""
    return "\n\n\n".join(functions.values())


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
    fenced = _FENCE.match(body)
    written = check_source(fenced.group(1) if fenced else body)
    if list(written) != [name]:
        raise Unusable(f"The edit must hold the one function {name!r}; it holds {', '.join(written) or 'none'}.")
    edit = Edit(action, name, written[name], labels)
    check_source(joined(edit.applied(functions)))  # all of them must fit together
    return edit
