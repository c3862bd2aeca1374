"""ACE, Agentic Context Engineering (arXiv 2510.04618): a playbook of bullets that grows by small deltas, sample by sample.

As in the paper: the agent plays a sample with the playbook so far; a reflector says what went right or wrong and which bullets
helped or harmed, which counts at the bullet; a curator writes deltas instead of rewriting the whole; over its token budget
the playbook is pruned; passes over the training set are repeated and the best playbook by validation is kept. Unlike the
paper, the curator may UPDATE and REMOVE too (the paper's code can only ADD), there are no sections, duplicates are found by
wording instead of embeddings, and the agent sees the bullets' texts as lines of its instructions, without ids and counters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.concurrency import together
from fgo.optimizers.acceptance import Ties
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.checks import require_modules, require_positive
from fgo.optimizers.improve import Candidate, current_modules, parse_critique
from fgo.optimizers.module_text import prompt
from fgo.optimizers.operations import citing, parse_operations
from fgo.optimizers.playbook import VERBS, Playbook
from fgo.optimizers.rounds import as_pieces, contest, labelled, record_proposal, seen
from fgo.optimizers.shapes import critique_shape
from fgo.types import Modules, Task, Trajectory


@dataclass(frozen=True, slots=True)
class ACE:
    """batch: samples played with the same playbook. tokens: of the playbook. operations: a delta at most. epochs, patience:
    passes over the training set, and those in a row without gain. ties, module: as for all-at-once."""

    batch: int = 1
    tokens: int = 4000
    operations: int = 10
    epochs: int = 2
    patience: int = 2
    ties: Ties = "candidate"
    module: str = "instructions"

    def __post_init__(self) -> None:
        require_positive(
            batch=self.batch, tokens=self.tokens, operations=self.operations, epochs=self.epochs, patience=self.patience
        )

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.module", [self.module], seed)
        best, playbook, idle = Candidate(seed, await lab.validate(seed)), Playbook({}), 0
        known: dict[str, Trajectory] = {}  # by labels that mean the same throughout, since bullets outlive their pass
        for epoch in range(self.epochs):
            step = lab.within(epoch=epoch)
            if idle >= self.patience or not step.affords(min(self.batch, len(tasks)) + step.validation_size):
                break
            playbook, shown = await self._pass(seed, playbook, tasks, len(known) + 1, step, epoch)
            known |= shown
            lines = {f"- {bullet.text}": bullet.labels for bullet in playbook.bullets.values()}
            evidence = {line: labels for line, labels in lines.items() if labels}
            shown |= seen(known, [label for labels in evidence.values() for label in labels])
            proposal = record_proposal(step, best.modules, self._agent(seed, playbook), "", shown, evidence)
            before, best = best, await contest(best, [] if proposal is None else [proposal], step, self.ties)
            idle = idle + 1 if best is before else 0
        return best.modules

    async def _pass(
        self, seed: Modules, playbook: Playbook, tasks: Sequence[Task], first: int, lab: Lab, epoch: int
    ) -> tuple[Playbook, dict[str, Trajectory]]:
        """The playbook after all samples (or those that the allowance lets it see), and the samples by label, from `first` on."""
        shown: dict[str, Trajectory] = {}
        for start in range(0, len(tasks), self.batch):
            samples = tasks[start : start + self.batch]
            if not lab.affords(len(samples) + lab.validation_size):
                break
            here = lab.within(sample=start)
            agent = self._agent(seed, playbook)
            played = labelled(await here.explore(agent, samples, repeat=epoch), first + start)
            shown |= played
            said = await together(
                self._reflect(playbook, agent, {label: t}, here.within(sample=start + n))
                for n, (label, t) in enumerate(played.items())
            )
            for n, ((label, trajectory), reflection) in enumerate(zip(played.items(), said, strict=True)):
                if reflection:
                    curator = lab.within(sample=start + n)
                    playbook = await self._curate(
                        playbook.counted(reflection), agent, label, trajectory, reflection, curator
                    )
        return playbook, shown

    async def _reflect(self, playbook: Playbook, agent: Modules, shown: Mapping[str, Trajectory], lab: Lab) -> str:
        """The reflection on one sample, or "" where the model gave no usable one."""
        pieces = [Piece(current_modules(agent)), Piece(str(playbook)), *as_pieces(shown)]
        asked = await lab.ask("evaluator", "optimize", prompt("ace_reflect"), pieces, parse_critique, critique_shape())
        if asked.answer is None:
            for trajectory in shown.values():
                lab.record("uncritiqued", episode=trajectory.episode, problem=asked.problem)
        return asked.answer or ""

    async def _curate(
        self, playbook: Playbook, agent: Modules, label: str, trajectory: Trajectory, reflection: str, lab: Lab
    ) -> Playbook:
        outcome = "success" if trajectory.success else "failure"
        said = f'The sample {label} ended in {outcome}.\n<critique about="{label}">\n{reflection}\n</critique>'
        asked = await lab.ask(
            "optimizer", "optimize", prompt("ace_curate").replace("{most}", str(self.operations)),
            [Piece(current_modules(agent)), Piece(str(playbook)), Piece(said)],
            lambda text: parse_operations(text, VERBS, playbook.bullets.keys(), self.operations),
        )  # fmt: skip
        return playbook.edited(citing(asked.answer or (), [label])).within(self.tokens)

    def _agent(self, seed: Modules, playbook: Playbook) -> Modules:
        lines = [f"- {bullet.text}" for bullet in playbook.bullets.values()]
        if not lines:
            return seed
        return seed.child({self.module: "\n".join([seed[self.module].rstrip(), *lines])}, "proposal")

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self.epochs * (tasks + validation_size)
