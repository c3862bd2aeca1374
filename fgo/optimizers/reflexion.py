"""Reflexion (arXiv 2303.11366), its transferable part: reflections on failed training tasks, distilled into instructions.

As in the paper, an agent that failed a task reflects on its trajectory in words and tries the same task again with its
reflections in its prompt, over some trials. Unlike the paper, that is done on training tasks only: retrying a test task needs
the test's own feedback, which this harness allows to nobody. What was learnt therefore has to leave its task: one call rewrites
the instructions from all reflections, each marked with whether the next trial succeeded. That distillation is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.concurrency import together
from fgo.optimizers.acceptance import Ties
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.checks import require_modules, require_positive
from fgo.optimizers.improve import Candidate, current_modules, parse_critique
from fgo.optimizers.module_text import asking_for, modules_reply, prompt
from fgo.optimizers.rounds import as_pieces, contest, labelled, record_proposal, seen
from fgo.optimizers.shapes import critique_shape
from fgo.rendering import render_trajectory
from fgo.types import Modules, Task, Trajectory


@dataclass(frozen=True, slots=True)
class Reflection:
    """What the agent said of a failed trajectory, and how the next trial went."""

    trajectory: Trajectory
    text: str
    helped: bool

    def __str__(self) -> str:
        return f"{self.text}\n(Tried again with this, the agent {'succeeded' if self.helped else 'failed again'}.)"


@dataclass(frozen=True, slots=True)
class Reflexion:
    """trials: how often a task is tried at most, with the reflections so far. epochs, patience: rounds of all that, and those
    in a row without gain. ties, module: as for all-at-once."""

    trials: int = 3
    epochs: int = 2
    patience: int = 2
    ties: Ties = "candidate"
    module: str = "instructions"

    def __post_init__(self) -> None:
        require_positive(trials=self.trials, epochs=self.epochs, patience=self.patience)

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.module", [self.module], seed)
        best = Candidate(seed, await lab.validate(seed))
        idle = 0
        for epoch in range(self.epochs):
            step = lab.within(epoch=epoch)
            if idle >= self.patience or not step.affords(len(tasks) + step.validation_size):
                break
            reflections = await self._trials(best.modules, tasks, step, epoch)
            proposal = await self._distil(best.modules, reflections, step)
            before, best = best, await contest(best, [] if proposal is None else [proposal], step, self.ties)
            idle = idle + 1 if best is before else 0
        return best.modules

    async def _trials(self, modules: Modules, tasks: Sequence[Task], lab: Lab, epoch: int) -> list[Reflection]:
        """All tasks, then the failed ones again and again, each with what was said of its own failures."""
        memory: dict[str, list[str]] = {task.id: [] for task in tasks}
        reflections = []
        first = epoch * self.trials
        played = await lab.explore(modules, tasks, repeat=first)
        failed = [(task, t) for task, t in zip(tasks, played, strict=True) if not t.success]
        for trial in range(1, self.trials):
            if not failed or not lab.affords(len(failed) + lab.validation_size):
                break
            here = lab.within(trial=trial)
            said = await together(
                self._reflect(self._recalling(modules, memory[t.task_id]), t, here) for _, t in failed
            )
            for (task, _), text in zip(failed, said, strict=True):
                memory[task.id] += [text] if text else []
            again = await together(
                here.explore(self._recalling(modules, memory[task.id]), [task], repeat=first + trial)
                for task, _ in failed
            )
            reflections += [
                Reflection(before, text, after.success)
                for (_, before), text, (after,) in zip(failed, said, again, strict=True)
                if text
            ]
            failed = [(task, after) for (task, _), (after,) in zip(failed, again, strict=True) if not after.success]
        return reflections

    async def _reflect(self, modules: Modules, trajectory: Trajectory, lab: Lab) -> str:
        """The reflection, or "" where the model gave no usable one."""
        pieces = [Piece(current_modules(modules)), Piece(render_trajectory(trajectory, "T1"))]
        asked = await lab.ask(
            "evaluator", "optimize", prompt("reflexion_reflect"), pieces, parse_critique, critique_shape()
        )
        if asked.answer is None:
            lab.record("uncritiqued", episode=trajectory.episode, problem=asked.problem)
        return asked.answer or ""

    def _recalling(self, modules: Modules, memory: Sequence[str]) -> Modules:
        """The agent with its reflections on one task in mind."""
        if not memory:
            return modules
        recalled = prompt("reflexion_memory").replace("{reflections}", "\n".join(memory))
        return modules.child({self.module: f"{modules[self.module].rstrip()}\n\n{recalled}"}, "proposal")

    async def _distil(self, modules: Modules, reflections: Sequence[Reflection], lab: Lab) -> Modules | None:
        if not reflections:
            return record_proposal(lab, modules, None, "there is no reflection to learn from", {}, {})
        shown = labelled(reflection.trajectory for reflection in reflections)
        texts = {label: str(reflection) for label, reflection in zip(shown, reflections, strict=True)}
        pieces = [Piece(current_modules(modules)), *as_pieces(shown, texts)]
        system = asking_for("reflexion_distil", [self.module])
        asked = await lab.ask("optimizer", "optimize", system, pieces, *modules_reply([self.module]))
        child = None if asked.answer is None else modules.child(asked.answer.texts, "proposal")
        evidence = {} if asked.answer is None else asked.answer.evidence
        return record_proposal(lab, modules, child, asked.problem, seen(shown, asked.shown), evidence)

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self.epochs * (self.trials * tasks + validation_size)
