"""SkillOpt (arXiv 2605.23904) in our own words: instructions trained by bounded edits, in steps with a shrinking learning rate.

Our own, since the released package (skillopt 0.2.0) lacks its prompt files and fails at the first reflection. Its loop: play a
batch; reflect on failures and successes apart, minibatch by minibatch, as edits; merge these; apply no more of them than
the step's learning rate allows; keep the result if it validates strictly better, else remember its edits as rejected for
the rest of the pass. Ours: the prompts; edits name lines by number instead of quoting them; edits that are equal are
merged without a model, and what is left over the rate is cut by the merging model's order instead of a ranking call's.
Left out: its slow update (a block of guidance from comparing passes) and the notes that the optimizer keeps for itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fgo.concurrency import together
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.checks import require_modules, require_positive
from fgo.optimizers.gepa_like import minibatches
from fgo.optimizers.improve import Candidate, accept, current_modules
from fgo.optimizers.module_text import prompt
from fgo.optimizers.operations import Operation, Takes, parse_operations
from fgo.optimizers.rounds import as_pieces, labelled, record_proposal
from fgo.types import Modules, Task, Trajectory

VERBS: Mapping[str, Takes] = {"ADD": "text", "EDIT": "both", "REMOVE": "target"}


@dataclass(frozen=True, slots=True)
class SkillOptLike:
    """passes: over the training tasks. batch: tasks played a step. minibatch: trajectories a reflection sees. edits: of the
    first step at most; last_edits: of the last, with a cosine between them. module: what is edited."""

    passes: int = 2
    batch: int = 12
    minibatch: int = 4
    edits: int = 4
    last_edits: int = 2
    module: str = "instructions"

    def __post_init__(self) -> None:
        require_positive(passes=self.passes, batch=self.batch, minibatch=self.minibatch, last_edits=self.last_edits)
        if self.edits < self.last_edits:
            raise ValueError(f"optimizer.edits={self.edits}: expected at least last_edits={self.last_edits}")

    def episodes(self, tasks: int, validation_size: int) -> int:
        batch = min(self.batch, tasks)
        return validation_size + self.passes * math.ceil(tasks / batch) * (batch + validation_size)

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.module", [self.module], seed)
        if not lab.affords(lab.validation_size):
            return seed
        best, rejected = Candidate(seed, await lab.validate(seed)), list[str]()
        batches = minibatches(tasks, self.batch, self.passes, lab.rng("batches"))
        for number, batch in enumerate(batches):
            step = lab.within(step=number)
            if not step.affords(len(batch) + step.validation_size):
                break
            if number % (len(batches) // self.passes) == 0:  # what failed on an earlier text may help now
                rejected = []
            shown = labelled(await step.explore(best.modules, batch, repeat=number))
            edits = await self._edits(best.modules, shown, rejected, rate(number, len(batches), self), step)
            text = edited(best.modules[self.module], edits)
            made = best.modules.child({self.module: text}, "proposal") if edits else None
            cited = {f"- {edit.text}": edit.labels for edit in edits if edit.labels}
            proposal = record_proposal(step, best.modules, made, "" if edits else "no edit was proposed", shown, cited)
            if proposal is None or not step.affords(step.validation_size):
                continue
            candidate = Candidate(proposal, await step.validate(proposal))
            if accept(candidate, best, step, "incumbent"):
                best = candidate
            else:
                rejected += [_told(edit) for edit in edits]
        return best.modules

    async def _edits(
        self, modules: Modules, shown: Mapping[str, Trajectory], rejected: Sequence[str], most: int, lab: Lab
    ) -> list[Operation]:
        """At most so many edits, those drawn from failures first."""
        groups = [
            dict(group[start : start + self.minibatch])
            for group in (
                [item for item in shown.items() if not item[1].success],
                [item for item in shown.items() if item[1].success],
            )
            for start in range(0, len(group), self.minibatch)
        ]
        patches = await together(
            self._reflect(modules, group, rejected, most, lab.within(group=index)) for index, group in enumerate(groups)
        )
        changes: dict[str, Operation] = {}
        added: dict[str, Operation] = {}
        for edit in (edit for patch in patches for edit in patch):
            if edit.verb == "ADD":
                added.setdefault(edit.text, edit)
            else:
                changes.setdefault(edit.target, edit)
        distinct = [*changes.values(), *added.values()]
        if len(distinct) > most and len(changes) < most and len(added) > 1:
            merged = await self._merge(modules, groups, patches, most - len(changes), lab)
            distinct = [*changes.values(), *(merged or added.values())]
        return distinct[:most]

    async def _reflect(
        self, modules: Modules, shown: Mapping[str, Trajectory], rejected: Sequence[str], most: int, lab: Lab
    ) -> list[Operation]:
        """One minibatch's edits; none where the model gave no usable ones or nothing is left to ask it."""
        if not lab.affords():
            return []
        tried = [Piece("Edits that did not help:\n" + "\n".join(rejected))] if rejected else []
        pieces = [*self._state(modules), *tried, *as_pieces(shown)]
        return await self._ask("skillopt_reflect", pieces, VERBS, modules, most, lab)

    async def _merge(
        self,
        modules: Modules,
        groups: Sequence[Mapping[str, Trajectory]],
        patches: Sequence[Sequence[Operation]],
        most: int,
        lab: Lab,
    ) -> list[Operation]:
        if not lab.affords():
            return []
        proposals = []
        for group, patch in zip(groups, patches, strict=True):
            lines = [
                f"- {edit.text} [{', '.join(edit.labels) or ', '.join(group)}]" for edit in patch if edit.verb == "ADD"
            ]
            if lines:
                proposals.append(Piece("\n".join([f'<critique about="{", ".join(group)}">', *lines, "</critique>"])))
        return await self._ask(
            "skillopt_merge", [*self._state(modules), *proposals], {"ADD": "text"}, modules, most, lab
        )

    async def _ask(
        self, name: str, pieces: Sequence[Piece], verbs: Mapping[str, Takes], modules: Modules, most: int, lab: Lab
    ) -> list[Operation]:
        targets = list(numbered(modules[self.module]))
        system = prompt(name).replace("{most}", str(most))
        asked = await lab.ask(
            "optimizer", "optimize", system, pieces, lambda text: parse_operations(text, verbs, targets, most)
        )
        if asked.answer is None:
            lab.record("proposal", parent=modules.digest, modules=None, problem=asked.problem, shown={}, evidence={})
        return asked.answer or []

    def _state(self, modules: Modules) -> list[Piece]:
        lines = [f"[{id}] (line) {line.removeprefix('- ')}" for id, line in numbered(modules[self.module]).items()]
        return [Piece(current_modules(modules)), Piece("\n".join([f"The lines of {self.module}:", *lines]))]


def numbered(text: str) -> dict[str, str]:
    """The lines that are not blank, by their number from 1."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return {str(number): line for number, line in enumerate(lines, start=1)}


def edited(text: str, edits: Sequence[Operation]) -> str:
    """A text after some edits, which name its lines by their numbers; new lines at its end."""
    lines = numbered(text)
    for edit in edits:
        match edit.verb:
            case "REMOVE":
                lines.pop(edit.target, None)
            case "EDIT" if edit.target in lines:
                lines[edit.target] = f"- {edit.text}"
            case "ADD":
                lines[f"new {len(lines)}"] = f"- {edit.text}"
    return "\n".join(lines.values()) if edits else text


def rate(step: int, steps: int, config: SkillOptLike) -> int:
    """How many edits a step may apply: from `edits` to `last_edits` along half a cosine."""
    share = (1 + math.cos(math.pi * step / max(1, steps - 1))) / 2
    return round(config.last_edits + (config.edits - config.last_edits) * share)


def _told(edit: Operation) -> str:
    return f"{edit.verb} {edit.target}: {edit.text}".replace(" :", ":")
