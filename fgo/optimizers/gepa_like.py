"""GEPA's core (arXiv 2507.19457) in our own words: reflective mutation, selection from a Pareto front, no merge.

Beside it `gepa` runs the authors' package; docs/rivals-reference.md compares the two. The loop is theirs: a parent is drawn
from the front, plays a minibatch, is rewritten in view of it, and the child is validated and joins the pool if it does
strictly better on the same minibatch. The prompt is ours, the one of all-at-once, so that methods differ in the method alone.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from fgo.optimizers.base import Lab
from fgo.optimizers.checks import require_named, require_positive
from fgo.optimizers.improve import Candidate, ImproveConfig, propose
from fgo.types import Modules, Task, Trajectory


@dataclass(frozen=True, slots=True)
class GEPALike:
    """passes, minibatch, skip_perfect: as for `gepa`. modules: which are rewritten, all at once."""

    passes: int = 2
    minibatch: int = 3
    skip_perfect: bool = True
    modules: tuple[str, ...] = ("instructions",)

    def __post_init__(self) -> None:
        require_positive(passes=self.passes, minibatch=self.minibatch)
        require_named("optimizer.modules", self.modules)

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self.passes * ceil(tasks / self.minibatch) * (2 * self.minibatch + validation_size)

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        config = ImproveConfig(modules=self.modules)
        config.check(seed)
        if not lab.affords(lab.validation_size):
            return seed
        pool = [Candidate(seed, await lab.validate(seed))]
        rng = lab.rng("gepa_like")
        for number, batch in enumerate(minibatches(tasks, self.minibatch, self.passes, rng)):
            step = lab.within(iteration=number)
            if not step.affords(2 * len(batch) + step.validation_size):
                break
            child = await self._mutate(pool[pick(pool, rng)].modules, batch, step, config, number)
            if child is not None and all(child.digest != known.modules.digest for known in pool):
                pool.append(Candidate(child, await step.validate(child)))
        return max(pool, key=lambda candidate: candidate.validation.mean).modules

    async def _mutate(
        self, parent: Modules, batch: Sequence[Task], lab: Lab, config: ImproveConfig, number: int
    ) -> Modules | None:
        """A child that did better than its parent on the minibatch, if there is one. Both meet the same chances."""
        before = await lab.explore(parent, batch, repeat=number)
        if self.skip_perfect and all(trajectory.score.value >= 1 for trajectory in before):
            return None
        proposal = await propose(parent, before, {}, lab, config)
        if proposal is None:
            return None
        child = proposal.modules
        after = await lab.explore(child, batch, repeat=number)
        better = _mean(after) > _mean(before)
        lab.record(
            "decision",
            candidate=child.digest,
            incumbent=parent.digest,
            candidate_mean=_mean(after),
            incumbent_mean=_mean(before),
            accepted=better,
            why="better on its minibatch" if better else "no better on its minibatch",
        )
        return child if better else None


def _mean(trajectories: Sequence[Trajectory]) -> float:
    return sum(trajectory.score.value for trajectory in trajectories) / len(trajectories)


def minibatches(tasks: Sequence[Task], size: int, passes: int, rng: random.Random) -> list[list[Task]]:
    """All tasks in a new order each pass, cut into minibatches; the last one is filled up with others of the pass."""
    size = min(size, len(tasks))
    batches = []
    for _ in range(passes):
        order = list(tasks)
        rng.shuffle(order)
        order += order[: -len(order) % size]
        batches += [order[start : start + size] for start in range(0, len(order), size)]
    return batches


def pick(pool: Sequence[Candidate], rng: random.Random) -> int:
    """A candidate of the Pareto front, with a chance in proportion to the validation tasks that it leads on."""
    fronts = front([candidate.validation.scores for candidate in pool])
    return rng.choice([index for leaders in fronts.values() for index in sorted(leaders)])


def front(scores: Sequence[Mapping[str, float]]) -> dict[str, set[int]]:
    """For each task, who is best on it; without those that others cover: whatever they lead on, another one kept leads on, too.

    Of those that cover one another, the one with the lower mean goes first, of equals the earlier.
    """
    leaders = {
        task: {i for i, own in enumerate(scores) if own[task] == max(s[task] for s in scores)} for task in scores[0]
    }
    means = [sum(own.values()) for own in scores]
    kept = set().union(*leaders.values())
    for index in sorted(kept, key=lambda i: (means[i], i)):
        if all(here & kept - {index} for here in leaders.values() if index in here):
            kept.discard(index)
    return {task: here & kept for task, here in leaders.items()}
