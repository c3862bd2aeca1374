"""Says what went wrong in a model's code, in its own lines only: no frames of the harness or of libraries."""

from __future__ import annotations

MOST_FRAMES = 6
MOST_CHARS = 2000


def describe(error: BaseException, sources: dict[str, list[str]]) -> str:
    """A short traceback. `sources`: file name given to `compile` -> lines of what the model wrote under it."""
    if isinstance(error, SyntaxError) and error.filename in sources:
        return _syntax(error)
    lines = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename in sources:
            lines.append(_line(trace.tb_lineno, code.co_qualname, sources[code.co_filename]))
        trace = trace.tb_next
    if len(lines) > MOST_FRAMES:
        left_out = len(lines) - MOST_FRAMES
        lines[MOST_FRAMES // 2 : -(MOST_FRAMES // 2)] = [f"  ... {left_out} more lines"]
    head = ["Traceback (most recent call last):", *lines] if lines else []
    return "\n".join([*head, _last_line(error), *_causes(error)])


def _line(number: int, where: str, source: list[str]) -> str:
    text = source[number - 1].strip() if 0 < number <= len(source) else ""
    place = "" if where == "<module>" else f", in {where}"
    return f"  line {number}{place}: {text[:200]}"


def _syntax(error: SyntaxError) -> str:
    text = (error.text or "").rstrip()
    shown = f"\n    {text[:200]}" if text.strip() else ""
    if shown and error.offset and error.offset <= 200:
        shown += "\n    " + " " * (error.offset - 1) + "^"
    return f"  line {error.lineno}{shown}\n{type(error).__name__}: {error.msg}"


def _last_line(error: BaseException) -> str:
    kind = type(error)
    name = (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )
    try:
        text = str(error)
        if kind is KeyError and error.args:
            text = repr(error.args[0])
        notes = [str(note) for note in getattr(error, "__notes__", ())]
    except BaseException as failure:  # the model's own __str__ may do anything
        text, notes = f"(its text can't be had: {type(failure).__name__})", []
    shown = "\n".join([f"{name}: {text}" if text else name, *notes])
    if len(shown) > MOST_CHARS:
        shown = f"{shown[: MOST_CHARS // 2]} [...] {shown[-MOST_CHARS // 2 :]}"
    return shown


def _causes(error: BaseException) -> list[str]:
    """What it came from, one line each, at most three."""
    found: list[str] = []
    while len(found) < 3:
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None or cause is error:
            break
        found.append(f"(after {_last_line(cause)[:300]})")
        error = cause
    return found
