"""Bootstrap few-shot: the agent's own successful trajectories become its demonstrations; random search finds which.

After DSPy's BootstrapFewShot and BootstrapFewShotWithRandomSearch (arXiv 2310.03714). As there, the agent plays the training
tasks, what succeeds is a possible demonstration, and random subsets of random size are tried by validation. Unlike there, tasks
that failed may be played again, the first set tried is chosen by `choose`, and later rounds gather with the best agent so far.
No model is asked for anything but actions. No labelled demonstrations: agent tasks have none.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fgo.optimizers.acceptance import Ties
from fgo.optimizers.base import Lab
from fgo.optimizers.checks import require_modules, require_positive
from fgo.optimizers.improve import Candidate
from fgo.optimizers.rounds import contest, labelled, record_proposal
from fgo.rendering import render_trajectory
from fgo.types import Modules, Task, Trajectory


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """demonstrations: how many at most. choose: which make the first set of a round, the shortest or random ones.
    candidates: sets that are tried a round. attempts: how often a task is played a round until it succeeds.
    longest: characters that a demonstration may have. epochs, patience: rounds, and those in a row without gain.
    ties: as for all-at-once. module: where demonstrations stand."""

    demonstrations: int = 2
    choose: Literal["shortest", "random"] = "shortest"
    candidates: int = 4
    attempts: int = 1
    longest: int = 8000
    epochs: int = 2
    patience: int = 2
    ties: Ties = "candidate"
    module: str = "demonstrations"

    def __post_init__(self) -> None:
        require_positive(
            demonstrations=self.demonstrations, candidates=self.candidates, attempts=self.attempts, longest=self.longest,
            epochs=self.epochs, patience=self.patience,
        )  # fmt: skip

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.module", [self.module], seed)
        best = Candidate(seed, await lab.validate(seed))
        pool: dict[str, Trajectory] = {}
        tried = {seed.digest}
        idle = 0
        for epoch in range(self.epochs):
            step = lab.within(epoch=epoch)
            if idle >= self.patience or not step.affords(len(tasks) + step.validation_size):
                break
            await self._gather(pool, best.modules, tasks, step, epoch)
            shown = labelled(pool.values())
            if not shown:
                record_proposal(step, best.modules, None, "no task was solved", {}, {})
            sets = [{label: shown[label] for label in labels} for labels in self._sets(shown, step.rng("sets"))]
            proposed = [self._with(best.modules, chosen, step) for chosen in sets]
            challengers = [each for each in proposed if each is not None and each.digest not in tried]
            tried |= {each.digest for each in challengers}
            before, best = best, await contest(best, challengers, step, self.ties)
            idle = idle + 1 if best is before else 0
        return best.modules

    async def _gather(
        self, pool: dict[str, Trajectory], modules: Modules, tasks: Sequence[Task], lab: Lab, epoch: int
    ) -> None:
        """Add this round's successes to the pool; of two of a task, the shorter one stays."""
        missing = list(tasks)
        for attempt in range(self.attempts):
            if attempt and not lab.affords(len(missing) + lab.validation_size):
                break
            played = await lab.explore(modules, missing, repeat=epoch * self.attempts + attempt)
            for trajectory in played:
                known = pool.get(trajectory.task_id)
                better = known is None or len(trajectory.steps) < len(known.steps)
                if trajectory.success and better and len(demonstration(trajectory)) <= self.longest:
                    pool[trajectory.task_id] = trajectory
            missing = [task for task, trajectory in zip(missing, played, strict=True) if not trajectory.success]
            if not missing:
                break

    def _sets(self, shown: Mapping[str, Trajectory], rng: random.Random) -> list[list[str]]:
        """Labels of each set of demonstrations to try: the chosen one first, then random ones of random size."""
        labels = sorted(shown, key=lambda label: (len(shown[label].steps), int(label[1:])))
        if not labels:
            return []
        most = min(self.demonstrations, len(labels))
        first = labels[:most] if self.choose == "shortest" else rng.sample(labels, most)
        return [first, *(rng.sample(labels, rng.randint(1, most)) for _ in range(self.candidates - 1))]

    def _with(self, parent: Modules, chosen: Mapping[str, Trajectory], lab: Lab) -> Modules | None:
        texts = {label: demonstration(trajectory) for label, trajectory in chosen.items()}
        evidence: dict[str, list[str]] = {}
        for label, text in texts.items():  # two may begin alike
            evidence.setdefault(text.splitlines()[0].strip(), []).append(label)
        child = parent.child({self.module: "\n\n".join(texts.values())}, "proposal")
        return record_proposal(lab, parent, child, "", chosen, evidence)

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self.epochs * (self.attempts * tasks + self.candidates * validation_size)


def demonstration(trajectory: Trajectory) -> str:
    """A trajectory as agents see it among their demonstrations: the form of every prompt, without the tag around it."""
    _, *body, _ = render_trajectory(trajectory, "").splitlines()
    return "\n".join(body)
