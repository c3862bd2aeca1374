"""A whole optimizer: it shows the model failed trajectories alone. docs/extending.md explains it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.module_text import asking_for, modules_reply, render_modules
from fgo.rendering import render_trajectory
from fgo.types import Modules, Task

NAMES = ("instructions",)


@dataclass(frozen=True, slots=True)
class FailuresOnly:  # the fields are the YAML's keys
    rounds: int = 2

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        best, score = seed, (await lab.validate(seed)).mean
        for number in range(self.rounds):
            here = lab.within(round=number)  # names this part of the work in the journal
            if not here.affords(len(tasks) + here.validation_size):
                break
            played = await here.explore(best, tasks, repeat=number)
            failed = [t for t in played if not t.success]
            pieces = [Piece(render_modules(best))] + [Piece(render_trajectory(t, f"T{i}"), f"T{i}") for i, t in enumerate(failed)]
            system = asking_for("optimize", NAMES)
            asked = await here.ask("optimizer", "optimize", system, pieces, *modules_reply(NAMES))
            if asked.answer is None:
                continue  # no usable reply, however often asked; asked.problem says why
            proposal = best.child(asked.answer.texts, "proposal")
            here.record("proposal", parent=best.digest, modules=proposal.to_json(), problem="", shown={}, evidence={})
            if (mean := (await here.validate(proposal)).mean) > score:
                best, score = proposal, mean
        return best

    def episodes(self, tasks: int, validation_size: int) -> int:  # at most, for progress
        return validation_size + self.rounds * (tasks + validation_size)
