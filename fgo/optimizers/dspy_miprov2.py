"""MIPROv2 (arXiv 2406.11695) by the package `dspy`, run as it is, for instructions alone: proposals, then Bayesian search.

It plays training tasks to have successes to show to its proposer, asks for all its proposals at once and spends the rest on
validating them. See docs/rivals-reference.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fgo.optimizers.base import Lab, Misconfigured
from fgo.optimizers.foreign.bridge import Bridge
from fgo.optimizers.foreign.desk import Desk, run_engine, seed_number
from fgo.optimizers.foreign.dspy_program import CARRIER, AgentProgram
from fgo.optimizers.foreign.packages import required
from fgo.types import Modules, Task


@dataclass(frozen=True, slots=True)
class MIPROv2:
    """candidates: instructions to choose among, the seed's included. trials: steps of the search, each a validation of one
    (known ones cost nothing again). tips: whether each proposal is asked for with a random piece of advice to the writer.
    """

    package: ClassVar[str] = "dspy"

    candidates: int = 6
    trials: int = 9
    tips: bool = True

    def __post_init__(self) -> None:
        for key, least in (("candidates", 2), ("trials", 1)):
            if getattr(self, key) < least:
                raise ValueError(f"optimizer.{key}={getattr(self, key)}: expected at least {least}")

    def episodes(self, tasks: int, validation_size: int) -> int:
        return tasks + validation_size * min(self.candidates, 1 + self.trials)

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        if CARRIER not in seed.texts:
            raise Misconfigured(f"dspy rewrites the module {CARRIER!r}; this agent's are {', '.join(seed.texts)}")
        dspy, optuna = required("dspy"), required("optuna")
        number = seed_number(lab, "miprov2")

        def engine(bridge: Bridge, desk: Desk) -> None:
            program = AgentProgram(bridge, desk, seed, tasks, lab.validation_size)
            with program.speaking(), warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                optimizer = dspy.MIPROv2(
                    metric=program.metric,
                    max_bootstrapped_demos=0,
                    max_labeled_demos=0,
                    auto=None,
                    num_candidates=self.candidates,
                    num_threads=1,
                    seed=number,
                    track_stats=False,
                )
                try:
                    optimizer.compile(
                        program.student,
                        trainset=program.examples,
                        valset=program.held,
                        num_trials=self.trials,
                        minibatch=False,
                        program_aware_proposer=False,  # the program's source is a carrier, it explains nothing
                        tip_aware_proposer=self.tips,
                    )
                except program.failures() as error:  # it has no other way to deal with a useless reply
                    desk.record_proposal(seed, None, f"MIPROv2 gave up: {error}"[:500])

        return await run_engine(lab, seed, engine)
