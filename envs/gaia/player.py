"""How the simulated model works on GAIA: from its conversation alone, erring wherever it does not heed a lesson.

It knows the kind of a question by its words and works on it with the skill for that kind (`skills/`). A skill runs from its
start at each reply: what it yields is looked up among what was done already, and the first move that was not is the next one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from envs.gaia.conversation import Case, Heeds, Lost, read_case
from envs.gaia.skills import files, web
from envs.gaia.skills.common import Move, Skill, Work, call, finish, read
from fgo.types import Json


def _anything(case: Case) -> Work[None]:
    """A question of no known kind: read what is attached, search for its words, answer with the first name or number seen."""
    seen = ""
    if case.files:
        seen = yield from read(case)
    words = re.findall(r"\b[A-Z]\w{3,}|\b\d{2,}", case.question.replace("Question", "")) or ["question"]
    seen += yield "I search for what the question names.", call("web_search", query=" ".join(words[:6]))
    found = re.findall(r"\b\d{2,}\b|\b[A-Z]\w{4,}\b", seen) or ["unknown"]
    yield from finish(case, found[0], "I take what I saw first.")


SKILLS: tuple[tuple[str, Skill], ...] = (
    (r"carry on the route", files.route_total),
    (r"who seconded the motion", files.seconder),
    (r"notice of fares", files.fares),
    (r"ingredients of the filling", files.recipe),
    (r"attached Python program", files.program),
    (r"insured value of all its objects", files.insured),
    (r"engraved the oldest map", files.engraver),
    (r"How many nests", files.nests),
    (r"plots whose cells", files.plots),
    (r"weekly average rise", files.average_rise),
    (r"roof fund", files.gifts),
    (r"longest glacier", files.glaciers),
    (r"orders of the paper mill", files.orders),
    (r"CA atoms", files.atoms),
    (r"How long is the \w+ Canal", web.canal),
    (r"edition of its register", web.inhabitants),
    (r"tallest lighthouse", web.tallest),
    (r"on its membership page", web.fee),
    (r"In which year was the \w+ Bridge", web.opened),
    (r"name plate of a ship", web.yard),
    (r"lists the observatories", web.founded),
    (r"harbour dues", web.dues),
    (r"the botanical society", web.growth),
    (r"bulletin of landing prices", web.catch),
)
"""Words that tell a kind of question, and the skill for it."""


def play(turns: Sequence[Mapping[str, Json]], heeds: Heeds) -> str:
    """The next reply: a line `Thought: ...` and a line `Action: ...`."""
    case = read_case(turns, heeds)
    skill = next((skill for words, skill in SKILLS if re.search(words, case.question)), _anything)
    thought, action = _next(skill(case), case.steps)
    return f"Thought: {thought}\nAction: {action}"


def _next(work: Work[None], steps: Sequence[tuple[str, str]]) -> Move:
    """The first move of a skill's work that has not been made."""
    at = 0
    try:
        move = next(work)
        while True:
            done = next((n for n in range(at, len(steps)) if steps[n][0] == move[1]), None)
            if done is None:
                return move
            at = done + 1
            move = work.send(steps[done][1])
    except (Lost, StopIteration):
        return "I cannot find out more.", call("final_answer", answer="unknown")
