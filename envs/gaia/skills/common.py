"""What all skills share. A skill is a generator: it yields moves, is sent observations, and ends with `final_answer`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from envs.gaia.conversation import Case, Lost, last_number, results
from fgo.types import Json

Move = tuple[str, str]
"""A thought and an action."""

T = TypeVar("T")
Work = Generator[Move, str, T]
Skill = Callable[[Case], Work[None]]

HEAD = "I add these up in my head."


def call(tool: str, **arguments: Json) -> str:
    return f"{tool} {json.dumps(arguments, ensure_ascii=False)}"


def read(case: Case, thought: str = "I read the attached file.") -> Work[str]:
    return (yield thought, call("read_file", path=case.file))


def visit(url: str, thought: str) -> Work[str]:
    return (yield thought, call("visit", url=url))


def python(thought: str, *lines: str) -> Work[str]:
    return (yield thought, call("python", code="\n".join(lines)))


def search(case: Case, query: str, title: str) -> Work[str]:
    """The address of the page of this title, or of the likest one among what a search finds. Raises Lost where there is none."""
    seen = yield f"I search the web for {query}.", call("web_search", query=query)
    found = results(seen)
    wanted = title.lower()
    for fits in (lambda t: t.lower() == wanted, lambda t: wanted in t.lower()):
        for name, url in sorted(found):
            if fits(name):
                return url
    if not found:
        raise Lost
    return found[0][1]


def finish(case: Case, answer: str, thought: str = "That answers the question.", unit: str = "") -> Work[None]:
    """Give the answer, in the form that the player thinks right. unit: what it would put behind, if it did."""
    if case.heeds("full_sentence", ""):
        answer = f"It is {answer}."
    elif unit and case.heeds("keep_unit", ""):
        answer = f"{answer} {unit}"
    elif (" " in answer or "," in answer) and case.heeds("bare_answer!careless", ""):
        thought, answer = "One word has to do.", answer.split(",")[0].split(" ")[-1]
    elif "Round to" in case.question and "decimal" in case.question and case.heeds("round_as_asked!careless", ""):
        answer = f"{float(answer):.0f}"
    yield thought, call("final_answer", answer=answer)


def wordy(case: Case, answer: str) -> str:
    """The answer, with words around it where the player does not know better."""
    return answer if case.heeds("bare_answer", "") else f"The answer is {answer}."


def total(
    case: Case, figures: Sequence[float], code: Sequence[str], thought: str = "I let Python calculate."
) -> Work[Move]:
    """(thought, number) of a long calculation: exact by Python, with a slip in the head. `figures` are what it adds up."""
    if case.heeds("estimate", ""):
        return "An estimate will do.", f"{float(f'{sum(figures):.1e}'):.0f}"
    if not case.heeds("python_sums", ""):
        return HEAD, slip(sum(figures), case.question)
    seen = yield from python("I let Python calculate.", *code)
    return "Python has the result.", last_number(seen)


def slip(value: float, key: str) -> str:
    """A number near the right one, as arithmetic in the head gives; the same for the same key."""
    off = 1 + zlib.crc32(key.encode()) % 9
    return str(round(value) + 10 * off) if value == round(value) else str(round(value + off / 10, 2))
