"""SIMBA by the package `dspy`, run as it is, for rules alone (no demonstrations): advice from better and worse samples.

It plays each task of a minibatch several times, has the model contrast the best with the worst play, appends the advice to
the instructions and chooses by training tasks: it never validates. See docs/rivals-reference.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fgo.optimizers.base import Lab, Misconfigured
from fgo.optimizers.foreign.bridge import Bridge, Halt
from fgo.optimizers.foreign.desk import Desk, run_engine, seed_number
from fgo.optimizers.foreign.dspy_program import CARRIER, AgentProgram
from fgo.optimizers.foreign.packages import required
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class SIMBA:
    """steps: minibatches. minibatch: training tasks of one (all, where there are fewer). candidates: plays of each task in
    a step, and one less than the new programs of a step.
    """

    package: ClassVar[str] = "dspy"

    steps: int = 2
    minibatch: int = 8
    candidates: int = 6

    def __post_init__(self) -> None:
        for key, least in (("steps", 1), ("minibatch", 1), ("candidates", 1)):
            if getattr(self, key) < least:
                raise ValueError(f"optimizer.{key}={getattr(self, key)}: expected at least {least}")

    def episodes(self, tasks: int, validation_size: int) -> int:
        programs = self.candidates + 1
        step = min(self.minibatch, tasks) * (self.candidates + programs)
        return self.steps * step + min(programs, self.steps + 1) * tasks

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        if CARRIER not in seed.texts:
            raise Misconfigured(f"dspy rewrites the module {CARRIER!r}; this agent's are {', '.join(seed.texts)}")
        dspy = required("dspy")
        number, size = seed_number(lab, "simba"), min(self.minibatch, len(tasks))
        found: list[Modules] = []

        def engine(bridge: Bridge, desk: Desk) -> None:
            program = AgentProgram(bridge, desk, seed, tasks)
            try:
                with program.speaking():
                    optimizer = dspy.SIMBA(
                        metric=program.metric,
                        bsize=size,
                        num_candidates=self.candidates,
                        max_steps=self.steps,
                        max_demos=0,
                        num_threads=1,
                    )
                    found.append(
                        program.modules_of(optimizer.compile(program.student, trainset=program.examples, seed=number))
                    )
            except Halt:
                found.append(_best_so_far(program, seed, size))
                raise

        await run_engine(lab, seed, engine)
        return found[0]


def _best_so_far(program: AgentProgram, seed: Modules, enough: int) -> Modules:
    """By the mean over training episodes, of those programs that played a minibatch; the earliest of equals."""
    means = {digest: sum(scores) / len(scores) for digest, scores in program.scores.items() if len(scores) >= enough}
    return program.known(max(means, key=means.__getitem__)) if means else seed
