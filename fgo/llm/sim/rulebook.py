"""What there is to learn in the benchmarks at hand, which of it a text states and which a trajectory lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from fgo.types import Lesson, SimulatedBenchmark

CARELESS = "!careless"
"""Ends the name of a lesson's careless version. A misconception of that name says where it shows to hurt."""


class Rulebook:
    """The lessons and misconceptions of some benchmarks, patterns compiled. Raises ValueError for names used twice."""

    def __init__(self, benchmarks: Sequence[SimulatedBenchmark]) -> None:
        self.lessons: dict[str, Lesson] = {}
        self.misconceptions: dict[str, Lesson] = {}
        for benchmark in benchmarks:
            self._add(self.lessons, benchmark.lessons)
            self._add(self.misconceptions, benchmark.misconceptions)
        self.inventions = tuple(name for name in self.misconceptions if not name.endswith(CARELESS))
        """Misconceptions that a model may make up from nothing."""
        rules = {**self.lessons, **self.misconceptions}
        proper = {name: rule for name, rule in rules.items() if not name.endswith(CARELESS)}
        self._cues = {name: re.compile(rule.cue, re.IGNORECASE) for name, rule in proper.items()}
        self._careless = {
            name + CARELESS: re.compile(rule.careless_cue, re.IGNORECASE)
            for name, rule in proper.items()
            if rule.careless
        }
        self._evidence = {name: re.compile(rule.evidence, re.MULTILINE) for name, rule in rules.items()}
        self.stated_in_line = lru_cache(maxsize=65536)(self._stated_in_line)
        self.stated = lru_cache(maxsize=4096)(self._stated)
        self.shown = lru_cache(maxsize=1024)(self._shown)

    def _add(self, rules: dict[str, Lesson], more: Sequence[Lesson]) -> None:
        for rule in more:
            if rule.name in self.lessons or rule.name in self.misconceptions:
                raise ValueError(f"two lessons or misconceptions are called {rule.name!r}; rename one")
            rules[rule.name] = rule

    def statement(self, name: str) -> str:
        """How the rule of this name is written; a careless name gives the careless version."""
        if name.endswith(CARELESS):
            return self.lessons[name.removesuffix(CARELESS)].careless
        return (self.lessons.get(name) or self.misconceptions[name]).statement

    def has_careless(self, name: str) -> bool:
        return name + CARELESS in self._careless

    def _stated_in_line(self, line: str) -> tuple[str, ...]:
        """Names of the rules that a line states, sorted. A careless version counts as that alone."""
        careless = {name for name, cue in self._careless.items() if cue.search(line)}
        proper = {name for name, cue in self._cues.items() if name + CARELESS not in careless and cue.search(line)}
        return tuple(sorted(careless | proper))

    def _stated(self, text: str) -> frozenset[str]:
        """Names of the rules that any line of a text states."""
        return frozenset().union(*(self.stated_in_line(line.strip()) for line in text.splitlines()))

    def _shown(self, trajectory: str) -> dict[str, tuple[int, ...]]:
        """For each rule whose evidence a rendered trajectory shows: the offsets at which its matches end."""
        found = {name: tuple(m.end() for m in pattern.finditer(trajectory)) for name, pattern in self._evidence.items()}
        return {name: ends for name, ends in found.items() if ends}
