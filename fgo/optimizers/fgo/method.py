"""FGO, Fine-Grained Optimization (arXiv 2505.03973): divide, optimize each subset side by side, merge progressively."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from fgo.concurrency import together
from fgo.optimizers.base import Lab, Misconfigured
from fgo.optimizers.fgo import halving
from fgo.optimizers.fgo.divide.at_random import Random
from fgo.optimizers.fgo.divide.base import Splitter
from fgo.optimizers.fgo.divide.by_category import Category
from fgo.optimizers.fgo.divide.by_cluster import Cluster
from fgo.optimizers.fgo.divide.by_difficulty import Difficulty
from fgo.optimizers.fgo.merge import MergeConfig, merge
from fgo.optimizers.fgo.sizing import subsets_of
from fgo.optimizers.improve import Candidate, ImproveConfig, improve
from fgo.types import Modules, Task

Split = Literal["random", "category", "cluster", "difficulty"]
SPLITTERS: Mapping[Split, Splitter] = {
    "random": Random(),
    "category": Category(),
    "cluster": Cluster(),
    "difficulty": Difficulty(),
}


@dataclass(frozen=True, slots=True)
class FGO:
    """split: how tasks are divided. subsets: into how many; or subset_size: about how many tasks each; or subset_tokens: of how
    many tokens a subset's trajectories may be (set one of the three, the others null). halving: whether only the better half
    of the subsets goes on after each epoch. The paper's own choices are not known to us; these defaults are this project's.
    """

    split: Split = "random"
    subsets: int | None = 4
    subset_size: int | None = None
    subset_tokens: int | None = None
    halving: bool = False
    improve: ImproveConfig = field(default_factory=ImproveConfig)
    merge: MergeConfig = field(default_factory=MergeConfig)

    def __post_init__(self) -> None:
        sizes = {key: getattr(self, key) for key in ("subsets", "subset_size", "subset_tokens")}
        if sum(value is not None for value in sizes.values()) != 1:
            given = ", ".join(f"optimizer.{key}={value}" for key, value in sizes.items())
            raise ValueError(f"{given}: set one of them, the others null")
        for key, value in sizes.items():
            if value is not None and value < 1:
                raise ValueError(f"optimizer.{key}={value}: expected a whole number of at least 1")

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        self.improve.check(seed)
        parts = self._parts(len(tasks))
        if self.subset_tokens is not None:
            parts = await subsets_of(self.subset_tokens, tasks, seed, lab)
        subsets = await SPLITTERS[self.split].divide(tasks, parts, seed, lab)
        lab.record("division", splitter=self.split, subsets=[[task.id for task in subset] for subset in subsets])

        aside = self.merge.merges(len(subsets)) * lab.validation_size  # kept for validating merges
        _refuse_too_little(subsets, aside, lab)
        start = Candidate(seed, await lab.validate(seed))
        if self.halving:
            improved = await halving.halve(start, subsets, lab, self.improve, aside)
        else:
            work = sum(self.improve.episodes(len(subset), lab.validation_size) for subset in subsets)
            share = lab.share(work, aside)
            improved = await together(
                improve(start, subset, lab.within(share * len(subset) / len(tasks), subset=number), self.improve)
                for number, subset in enumerate(subsets)
            )
        return (await merge(improved, self.improve.modules, lab, self.merge)).modules

    def episodes(self, tasks: int, validation_size: int) -> int:
        parts = self._parts(tasks)
        look = tasks * ((self.split == "difficulty") + (self.subset_tokens is not None))
        optimizing = self.improve.episodes(tasks, parts * validation_size)
        return look + validation_size + optimizing + self.merge.merges(parts) * validation_size

    def _parts(self, tasks: int) -> int:
        """How many subsets; where that follows from tokens, at most."""
        if self.subset_tokens is not None:
            return tasks
        n = self.subsets or max(1, round(tasks / (self.subset_size or tasks)))
        if n > tasks:
            raise Misconfigured(f"optimizer.subsets={n}: expected at most train_size={tasks}")
        return n


def _refuse_too_little(subsets: Sequence[Sequence[Task]], aside: int, lab: Lab) -> None:
    """Raises Misconfigured where no subset's share of the allowance pays for one round: nothing but the seed could come of it."""
    tasks, largest = sum(map(len, subsets)), max(map(len, subsets))
    least = lab.validation_size + aside + ceil((largest + lab.validation_size) * tasks / largest)
    if not lab.affords(least):
        raise Misconfigured(
            f"the allowance pays for no round of any of the {len(subsets)} subsets: with {tasks} training tasks, "
            f"validation_size={lab.validation_size} and {aside} episodes for validating merges it takes at least {least} "
            "episodes; raise allowance.amount, or lower validation_size or optimizer.subsets"
        )
