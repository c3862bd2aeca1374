"""What a reply noticed, and what it made up; and shares with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from experiments.stats import Interval
from fgo.llm.sim.rulebook import CARELESS, Rulebook
from fgo.llm.types import Reply
from fgo.optimizers.base import Unusable
from fgo.optimizers.module_text import parse_modules

_Z = 1.959963984540054  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Judged:
    """noticed: planted lessons that a new line states, whether or not with their condition. conditional: those of them that
    have a condition to lose; careless: those that lost it. unplanted: lessons stated that nothing in the prompt showed.
    false: known misconceptions stated. other: new rules that state nothing known. problem: why the reply could not be read,
    "" where it could."""

    noticed: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    careless: tuple[str, ...] = ()
    unplanted: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    other: int = 0
    problem: str = ""


def judge(reply: Reply, planted: Iterable[str], before: str, book: Rulebook, module: str) -> Judged:
    """before: the module's text as the prompt showed it; its lines are no news."""
    if reply.finish == "length":
        return Judged(problem="cut off")
    try:
        text = parse_modules(reply.text, [module]).texts[module]
    except Unusable as error:
        return Judged(problem=str(error))
    old = {line.strip() for line in before.splitlines()}
    new = [line.strip() for line in text.splitlines() if line.strip() and line.strip() not in old]
    stated = [set(book.stated_in_line(line)) for line in new]
    rules = set().union(*stated)
    careless = {name.removesuffix(CARELESS) for name in rules if name.endswith(CARELESS)}
    lessons = {name for name in rules if name in book.lessons} | careless
    return Judged(
        noticed=tuple(sorted(lessons & set(planted))),
        conditional=tuple(sorted(name for name in lessons & set(planted) if book.has_careless(name))),
        careless=tuple(sorted(careless & set(planted) - rules)),
        unplanted=tuple(sorted(lessons - set(planted))),
        false=tuple(sorted(name for name in rules if name in book.misconceptions and not name.endswith(CARELESS))),
        other=sum(not names for names in stated),
    )


def wilson(successes: int, n: int) -> Interval:
    """A share with its 95 % interval (Wilson 1927). All of it is open where n is 0."""
    if n == 0:
        return Interval(math.nan, 0.0, 1.0)
    share = successes / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    # Rounding must not put the share itself outside.
    return Interval(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))
