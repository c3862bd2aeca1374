"""OPRO (arXiv 2309.03409): a model that is shown scored instructions, best last, writes better ones.

As in the paper: the prompt holds the best 20 instructions so far in ascending order of their score on a fixed sample of the
training tasks, and 3 exemplars; each step asks for 8 new ones. Unlike the paper, an exemplar is a trajectory of the best agent
so far, where a question and its answer stand there, and the result is chosen among the best scored by validation, as for
every method here. The paper samples at temperature 1: here temperature belongs to the model's settings, and the 8 differ by
their seed. With a model that ignores seeds at temperature 0 they may all be the same: raise its temperature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.concurrency import together
from fgo.optimizers.acceptance import Ties
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.checks import require_modules, require_positive
from fgo.optimizers.improve import Candidate
from fgo.optimizers.module_text import asking_for, modules_reply, render_modules
from fgo.optimizers.rounds import as_pieces, contest, labelled, record_proposal, seen
from fgo.types import Modules, Task, Trajectory


@dataclass(frozen=True, slots=True)
class Scored:
    """Modules, and the trajectories that they were scored by."""

    modules: Modules
    played: Sequence[Trajectory]

    @property
    def score(self) -> float:
        return sum(trajectory.score.value for trajectory in self.played) / len(self.played)


@dataclass(frozen=True, slots=True)
class OPRO:
    """candidates: new instructions a step. sample: training tasks by which they are scored, the same throughout. history: scored
    ones in the prompt. exemplars: trajectories in it. finalists: how many of the best scored are validated at the end.
    epochs, patience: steps, and those in a row without a better score. ties, modules: as for all-at-once."""

    candidates: int = 8
    sample: int = 12
    history: int = 20
    exemplars: int = 3
    finalists: int = 3
    epochs: int = 2
    patience: int = 2
    ties: Ties = "candidate"
    modules: tuple[str, ...] = ("instructions",)

    def __post_init__(self) -> None:
        require_positive(
            candidates=self.candidates, sample=self.sample, history=self.history, finalists=self.finalists,
            epochs=self.epochs, patience=self.patience, modules=len(self.modules),
        )  # fmt: skip

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.modules", self.modules, seed)
        start = Candidate(seed, await lab.validate(seed))
        sample = lab.rng("sample").sample(list(tasks), min(self.sample, len(tasks)))
        aside = self.finalists * lab.validation_size
        if not lab.affords(2 * len(sample) + aside):
            return seed
        known = {seed.digest: Scored(seed, await lab.explore(seed, sample))}
        idle = 0
        for epoch in range(self.epochs):
            step = lab.within(epoch=epoch)
            width = self.candidates
            while width and not step.affords(width * len(sample) + aside):
                width -= 1
            if idle >= self.patience or not width:
                break
            ranked = ascending(known)
            written = await together(self._write(ranked, step.within(candidate=n), step) for n in range(width))
            new = {m.digest: m for m in written if m is not None and m.digest not in known}
            scored = await together(self._score(modules, sample, step) for modules in new.values())
            known |= {each.modules.digest: each for each in scored}
            idle = 0 if ascending(known)[-1].score > ranked[-1].score else idle + 1
        finalists = [each.modules for each in reversed(ascending(known)) if each.modules.digest != seed.digest]
        return (await contest(start, finalists[: self.finalists], lab, self.ties)).modules

    async def _score(self, modules: Modules, sample: Sequence[Task], lab: Lab) -> Scored:
        return Scored(modules, await lab.explore(modules, sample))

    async def _write(self, ranked: Sequence[Scored], lab: Lab, step: Lab) -> Modules | None:
        """One new candidate. The exemplars are the same for all of a step."""
        best = ranked[-1]
        played = list(best.played)
        shown = labelled(step.rng("exemplars").sample(played, min(self.exemplars, len(played))))
        *others, last = ranked[-self.history :]
        history = [Piece(self._shown(each), f"I{number}") for number, each in enumerate(others, start=1)]
        pieces = [*history, Piece(self._shown(last)), *as_pieces(shown)]
        system = asking_for("opro", self.modules)
        asked = await lab.ask("optimizer", "optimize", system, pieces, *modules_reply(self.modules))
        child = None if asked.answer is None else best.modules.child(asked.answer.texts, "proposal")
        evidence = {} if asked.answer is None else asked.answer.evidence
        return record_proposal(lab, best.modules, child, asked.problem, seen(shown, asked.shown), evidence)

    def _shown(self, each: Scored) -> str:
        modules = Modules({name: each.modules[name] for name in self.modules})
        return f'<scored score="{round(100 * each.score)}">\n{render_modules(modules)}\n</scored>'

    def episodes(self, tasks: int, validation_size: int) -> int:
        scored = 1 + self.epochs * self.candidates
        finalists = min(self.finalists, self.epochs * self.candidates)
        return validation_size + scored * min(self.sample, tasks) + finalists * validation_size


def ascending(known: Mapping[str, Scored]) -> list[Scored]:
    """By score, the best last; of equals the newer one last."""
    return sorted(known.values(), key=lambda each: each.score)
