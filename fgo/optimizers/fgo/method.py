"""FGO, Fine-Grained Optimization (arXiv 2505.03973): divide, optimize each subset side by side, merge progressively."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fgo.concurrency import together
from fgo.optimizers.base import Lab, Misconfigured
from fgo.optimizers.fgo.divide.at_random import Random
from fgo.optimizers.fgo.divide.base import Splitter
from fgo.optimizers.fgo.divide.by_category import Category
from fgo.optimizers.fgo.divide.by_cluster import Cluster
from fgo.optimizers.fgo.divide.by_difficulty import Difficulty
from fgo.optimizers.fgo.merge import MergeConfig, merge
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
    """split: how tasks are divided. subsets: into how many; or subset_size: about how many tasks each (set one of the two,
    the other null). The paper's own choices are not known to us; these defaults are this project's."""

    split: Split = "random"
    subsets: int | None = 4
    subset_size: int | None = None
    improve: ImproveConfig = field(default_factory=ImproveConfig)
    merge: MergeConfig = field(default_factory=MergeConfig)

    def __post_init__(self) -> None:
        if (self.subsets is None) == (self.subset_size is None):
            raise ValueError(
                f"optimizer.subsets={self.subsets}, optimizer.subset_size={self.subset_size}: set one of them, the other null"
            )
        for key in ("subsets", "subset_size"):
            value = getattr(self, key)
            if value is not None and value < 1:
                raise ValueError(f"optimizer.{key}={value}: expected a whole number of at least 1")

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        self.improve.check(seed)
        subsets = await SPLITTERS[self.split].divide(tasks, self._parts(len(tasks)), seed, lab)
        lab.record("division", splitter=self.split, subsets=[[task.id for task in subset] for subset in subsets])

        start = Candidate(seed, await lab.validate(seed))
        work = sum(self.improve.episodes(len(subset), lab.validation_size) for subset in subsets)
        aside = self.merge.merges(len(subsets)) * lab.validation_size  # kept for validating merges
        share = lab.share(work, aside)
        improved = await together(
            improve(start, subset, lab.within(share * len(subset) / len(tasks), subset=number), self.improve)
            for number, subset in enumerate(subsets)
        )
        return (await merge(improved, self.improve.modules, lab, self.merge)).modules

    def episodes(self, tasks: int, validation_size: int) -> int:
        parts = self._parts(tasks)
        look = tasks if self.split == "difficulty" else 0
        optimizing = self.improve.episodes(tasks, parts * validation_size)
        return look + validation_size + optimizing + self.merge.merges(parts) * validation_size

    def _parts(self, tasks: int) -> int:
        n = self.subsets or max(1, round(tasks / (self.subset_size or tasks)))
        if n > tasks:
            raise Misconfigured(f"optimizer.subsets={n}: expected at most train_size={tasks}")
        return n
