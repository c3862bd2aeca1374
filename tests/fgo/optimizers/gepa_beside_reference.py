"""Our GEPA beside the authors' package on a problem without prompts: words to be learnt one at a time, four at most.

`python -m tests.fgo.optimizers.gepa_beside_reference` prints the table of docs/rivals-reference.md. A text knows at most four of
eight words, so no text is best everywhere and whom a mutation starts from matters. Nothing but the algorithms differs: the model
is a script that adds one word shown and forgets the oldest of five.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev

from fgo.journal import read_events
from fgo.llm.types import Caller, Request
from fgo.optimizers.allowance import AllowanceConfig
from fgo.optimizers.base import Optimizer
from fgo.optimizers.gepa import GEPA
from fgo.optimizers.gepa_like import GEPALike
from tests.fakes import SEED, make_lab, obey, word_tasks

BUDGETS = (30, 45, 60, 90, 150)
ENDLESS = 100  # passes: the allowance ends it
METHODS: Mapping[str, Optimizer] = {"gepa": GEPA(passes=ENDLESS), "gepa_like": GEPALike(passes=ENDLESS)}
_WORD = re.compile(r"the word was (\w+)\.")
_RULE = re.compile(r"- word: (\w+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """validation: of the result. accepted: mutations that joined the pool, of `mutations`."""

    validation: float
    episodes: int
    mutations: int
    accepted: int


def one_word_more(request: Request, caller: Caller) -> str:
    if caller.role == "agent":
        return obey(request, caller)
    prompt = "\n".join(str(message["content"]) for message in request.messages)
    known = list(dict.fromkeys(_RULE.findall(prompt)))
    new = [word for word in _WORD.findall(prompt) if word not in known][:1]
    text = "\n".join(["Be brief.", *(f"- word: {word}" for word in (known + new)[-4:])])
    asks_for_modules = '<module name="NAME">' in prompt
    return f'<module name="instructions">\n{text}\n</module>' if asks_for_modules else f"```\n{text}\n```"


def outcome(folder: Path, method: Optimizer, seed: int, budget: int) -> Outcome:
    allowance = AllowanceConfig("episodes", budget)
    lab, _ = make_lab(folder, one_word_more, validation=word_tasks(8, start=100), allowance=allowance)
    with lab.journal:
        best = asyncio.run(method.optimize(SEED, word_tasks(8), replace(lab, seed=seed)))
    events = list(read_events(folder / "journal.jsonl"))
    means = {event["modules"]: event["mean"] for event in events if event["kind"] == "validation"}
    decided = [event["accepted"] for event in events if event["kind"] == "decision"]
    episodes = sum(event["kind"] == "episode" for event in events)
    return Outcome(means[best.digest], episodes, len(decided), sum(decided))


def outcomes(folder: Path, name: str, budget: int, seeds: int) -> list[Outcome]:
    return [outcome(folder / name / f"{budget}-{seed}", METHODS[name], seed, budget) for seed in range(seeds)]


def _row(name: str, budget: int, found: Sequence[Outcome]) -> str:
    columns = (
        [each.validation for each in found],
        [each.episodes for each in found],
        [each.mutations for each in found],
        [each.accepted for each in found],
    )
    numbers = [f"{mean(column):.2f} ± {stdev(column):.2f}" for column in columns]
    return " | ".join(["", str(budget), name, *numbers, ""]).strip()


def main(seeds: int = 20) -> None:
    print("| allowance | method | validation | episodes | mutations | accepted |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for budget in BUDGETS:
            for name in METHODS:
                print(_row(name, budget, outcomes(Path(place), name, budget, seeds)))


if __name__ == "__main__":
    main()
