"""AgentOptimizer (arXiv 2402.11359): an agent's tools as learnable functions, edited one at a time.

As in the paper: each call sees the histories of the best tools so far with their outcomes, the tools as edited so far in this
step, and the failed sets of tools with their scores in ascending order; it adds, revises or removes one function, or ends the
step; a set that does worse is rolled back, and the optimization stops early after some steps in a row without gain. Unlike the
paper, validation decides what is worse, as for every method here (there: the training tasks), so histories are played anew only
when the best changes; functions are Python text, checked by their syntax, and use no packages to be installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.helpers import MODULE
from fgo.optimizers.acceptance import Ties
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.checks import require_positive
from fgo.optimizers.function_text import check_source, joined, parse_edit
from fgo.optimizers.improve import Candidate, accept, current_modules
from fgo.optimizers.module_text import prompt
from fgo.optimizers.rounds import as_pieces, labelled, record_proposal, seen
from fgo.types import Modules, Task, Trajectory


@dataclass(frozen=True, slots=True)
class AgentOptimizer:
    """edits: a step at most. epochs, patience: steps, and those in a row without gain. ties: as for all-at-once."""

    edits: int = 3
    epochs: int = 2
    patience: int = 2
    ties: Ties = "candidate"

    def __post_init__(self) -> None:
        require_positive(edits=self.edits, epochs=self.epochs, patience=self.patience)

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        best = Candidate(seed, await lab.validate(seed))
        histories: dict[str, Trajectory] = {}
        failed: list[Candidate] = []
        idle = 0
        for epoch in range(self.epochs):
            step = lab.within(epoch=epoch)
            cost = step.validation_size + (0 if histories else len(tasks))
            if idle >= self.patience or not step.affords(cost):
                break
            histories = histories or labelled(await step.explore(best.modules, tasks, repeat=epoch))
            proposal = await self._edited(best, histories, failed, step)
            if proposal is None:
                idle += 1
                continue
            candidate = Candidate(proposal, await step.validate(proposal))
            if accept(candidate, best, step, self.ties):
                best, histories, failed, idle = candidate, {}, [], 0
            else:  # back to the best; what failed is told, the worst first
                failed, idle = sorted([*failed, candidate], key=lambda each: each.validation.mean), idle + 1
        return best.modules

    async def _edited(
        self, best: Candidate, histories: Mapping[str, Trajectory], failed: Sequence[Candidate], lab: Lab
    ) -> Modules | None:
        """The best agent with its functions edited, call by call."""
        before = functions = check_source(best.modules.texts.get(MODULE, ""))  # any agent can get functions
        cited, read, problem = dict[str, tuple[str, ...]](), dict[str, Trajectory](), ""
        for number in range(self.edits):
            now = best.modules.child({MODULE: joined(functions)}, "proposal")
            pieces = [Piece(current_modules(now)), *self._shown(failed), *as_pieces(histories)]
            asked = await lab.within(edit=number).ask(
                "optimizer", "optimize", prompt("agent_optimizer"), pieces,
                lambda text, functions=functions: parse_edit(text, functions),  # type: ignore[misc]
            )  # fmt: skip
            edit, problem = asked.answer, asked.problem or problem
            read |= seen(histories, asked.shown)
            if edit is None:
                continue
            if edit.action == "terminate":
                break
            functions = edit.applied(functions)
            cited[edit.name] = edit.labels
        evidence = {
            functions[name].splitlines()[0]: labels for name, labels in cited.items() if name in functions and labels
        }
        if functions == before:
            return record_proposal(lab, best.modules, None, problem or "the optimizer changed nothing", read, {})
        child = best.modules.child({MODULE: joined(functions)}, "proposal")
        return record_proposal(lab, best.modules, child, "", read, evidence)

    def _shown(self, failed: Sequence[Candidate]) -> list[Piece]:
        return [
            Piece(f'<failed score="{each.validation.mean:.2f}">\n{each.modules[MODULE]}\n</failed>', f"F{number}")
            for number, each in enumerate(failed, start=1)
        ]

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self.epochs * (tasks + validation_size)
