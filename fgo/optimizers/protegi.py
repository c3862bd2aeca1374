"""ProTeGi (arXiv 2305.03495): prompt optimization with textual gradients and beam search.

As in the paper: each prompt of the beam is run on a minibatch; from groups of its errors come gradients (what is wrong), from
each gradient edited prompts, from each of these paraphrases; a bandit over training samples picks the next beam. Unlike the
paper, an error is a failed trajectory, so that minibatch and bandit samples are small (the paper's: 64 and 32 labelled texts),
and the result is the beam's best by validation, as for every method here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fgo.concurrency import together
from fgo.optimizers.acceptance import Ties
from fgo.optimizers.bandit import Bandit, successive_rejects, ucb
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.checks import require_modules, require_positive
from fgo.optimizers.improve import Candidate, current_modules, parse_critique
from fgo.optimizers.module_text import asking_for, modules_reply, prompt
from fgo.optimizers.rounds import as_pieces, contest, labelled, record_proposal, seen
from fgo.optimizers.shapes import critique_shape
from fgo.types import Modules, Task, Trajectory

_ATTEMPTS = 1000  # numbers for the independent attempts of one round, more than a bandit ever makes


@dataclass(frozen=True, slots=True)
class ProTeGi:
    """beam: prompts kept. minibatch: tasks for gradients. gradients: how many a prompt, each from `errors` failures. edits: new
    prompts a gradient. paraphrases: of each of these. successors: of a prompt, at most (drawn at random). bandit: ucb |
    successive_rejects; pulls x beam x pull_size is what it may play. exploration: c of ucb. epochs, patience: rounds, and those
    in a row that leave the beam as it was. ties, modules: as for all-at-once."""

    beam: int = 4
    minibatch: int = 8
    gradients: int = 4
    errors: int = 4
    edits: int = 1
    paraphrases: int = 2
    successors: int = 8
    bandit: Bandit = "ucb"
    pulls: int = 6
    pull_size: int = 4
    exploration: float = 1.0
    epochs: int = 2
    patience: int = 2
    ties: Ties = "candidate"
    modules: tuple[str, ...] = ("instructions",)

    def __post_init__(self) -> None:
        require_positive(
            beam=self.beam, minibatch=self.minibatch, gradients=self.gradients, errors=self.errors, edits=self.edits,
            successors=self.successors, pulls=self.pulls, pull_size=self.pull_size, epochs=self.epochs,
            patience=self.patience, modules=len(self.modules),
        )  # fmt: skip

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.modules", self.modules, seed)
        best = Candidate(seed, await lab.validate(seed))
        aside = self.beam * lab.validation_size
        beam, idle = [seed], 0
        for epoch in range(self.epochs):
            step = lab.within(epoch=epoch)
            batch = step.rng("minibatch").sample(list(tasks), min(self.minibatch, len(tasks)))
            cost = len(beam) * len(batch) + self.beam * self.pull_size + aside
            if idle >= self.patience or not step.affords(cost):
                break
            grown = await together(
                self._expand(prompt, batch, step.within(member=n), epoch * _ATTEMPTS) for n, prompt in enumerate(beam)
            )
            arms = list({m.digest: m for m in (*beam, *(m for each in grown for m in each))}.values())
            before, beam = beam, await self._select(arms, tasks, step, epoch, aside)
            idle = idle + 1 if {m.digest for m in beam} == {m.digest for m in before} else 0
        return (await contest(best, beam, lab, self.ties)).modules

    async def _expand(self, modules: Modules, batch: Sequence[Task], lab: Lab, repeat: int) -> list[Modules]:
        """Successors of one prompt: edits along its gradients, and paraphrases of these."""
        failures = [t for t in await lab.explore(modules, batch, repeat=repeat) if not t.success]
        if not failures:
            return []
        rng = lab.rng("errors")
        groups = [rng.sample(failures, min(self.errors, len(failures))) for _ in range(self.gradients)]
        found = await together(self._along(modules, group, lab.within(gradient=n)) for n, group in enumerate(groups))
        distinct = list({m.digest: m for each in found for m in each}.values())
        return lab.rng("successors").sample(distinct, min(self.successors, len(distinct)))

    async def _along(self, modules: Modules, errors: Sequence[Trajectory], lab: Lab) -> list[Modules]:
        """One gradient and the prompts that come of it."""
        shown = labelled(errors)
        pieces = [Piece(current_modules(modules)), *as_pieces(shown)]
        asked = await lab.ask(
            "evaluator", "optimize", prompt("protegi_gradient"), pieces, parse_critique, critique_shape()
        )
        if asked.answer is None:
            for trajectory in errors:
                lab.record("uncritiqued", episode=trajectory.episode, problem=asked.problem)
            return []
        gradient = Piece(f'<critique about="{", ".join(shown)}">\n{asked.answer}\n</critique>')
        edited = await together(
            self._rewrite("protegi_edit", modules, [*pieces, gradient], shown, lab.within(edit=n))
            for n in range(self.edits)
        )
        new = [(n, child) for n, child in enumerate(edited) if child is not None]
        varied = await together(
            self._rewrite(
                "protegi_paraphrase", child, [Piece(current_modules(child))], {}, lab.within(edit=n, paraphrase=k)
            )
            for n, child in new
            for k in range(self.paraphrases)
        )
        return [*(child for _, child in new), *(child for child in varied if child is not None)]

    async def _rewrite(
        self, name: str, parent: Modules, pieces: Sequence[Piece], shown: dict[str, Trajectory], lab: Lab
    ) -> Modules | None:
        system = asking_for(name, self.modules)
        asked = await lab.ask("optimizer", "optimize", system, pieces, *modules_reply(self.modules))
        child = None if asked.answer is None else parent.child(asked.answer.texts, "proposal")
        evidence = {} if asked.answer is None else asked.answer.evidence
        return record_proposal(lab, parent, child, asked.problem, seen(shown, asked.shown), evidence)

    async def _select(
        self, arms: Sequence[Modules], tasks: Sequence[Task], lab: Lab, epoch: int, aside: int
    ) -> list[Modules]:
        """The bandit's choice of the next beam, the best first."""

        async def evaluate(chosen: Sequence[int], size: int, call: int) -> list[float] | None:
            sample = lab.rng(f"pull {call}").sample(list(tasks), min(size, len(tasks)))
            if not lab.affords(len(chosen) * len(sample) + aside):
                return None
            here, repeat = lab.within(pull=call), epoch * _ATTEMPTS + call + 1
            played = await together(here.explore(arms[arm], sample, repeat=repeat) for arm in chosen)
            return [sum(t.score.value for t in each) / len(each) for each in played]

        if len(arms) <= self.beam:
            return list(arms)
        if self.bandit == "ucb":
            order = await ucb(len(arms), self.beam, self.pulls, self.pull_size, self.exploration, evaluate)
        else:
            order = await successive_rejects(len(arms), self.beam, self.pulls, self.pull_size, evaluate)
        return [arms[arm] for arm in order[: self.beam]]

    def episodes(self, tasks: int, validation_size: int) -> int:
        members = 1 + (self.epochs - 1) * self.beam  # the first round expands the seed alone
        pulled = self.epochs * self.pulls * self.beam * min(self.pull_size, tasks)
        if (
            self.bandit == "successive_rejects"
        ):  # its phases play more than a pull's tasks where there are enough of them
            pulled = self.epochs * self.pulls * self.beam * self.pull_size
        return (1 + self.beam) * validation_size + members * min(self.minibatch, tasks) + pulled
