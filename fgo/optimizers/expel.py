"""ExpeL (arXiv 2308.10144): experiences are gathered by trial and error, insights extracted from them into one list of rules.

As in the paper: a failed and a successful trajectory of the same task are compared, pair by pair; then successes are read in
chunks of 8; each call edits the one list by ADD (importance 2), EDIT and AGREE (+1) and REMOVE (-1, or -3 while the list is
full); a rule at 0 is dropped, at most 20 are kept, the most important first. Unlike the paper, retries are independent attempts
instead of Reflexion's, the rules become lines of the agent's instructions, successes are not retrieved as examples at test
time (bootstrap few-shot is the arm for these), and the list must pass validation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fgo.optimizers.acceptance import Ties
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.checks import require_modules, require_positive
from fgo.optimizers.improve import Candidate, current_modules
from fgo.optimizers.module_text import prompt
from fgo.optimizers.operations import Operation, Takes, citing, parse_operations
from fgo.optimizers.rounds import as_pieces, contest, labelled, record_proposal, seen
from fgo.types import Modules, Task, Trajectory

VERBS: Mapping[str, Takes] = {"ADD": "text", "EDIT": "both", "AGREE": "target", "REMOVE": "target"}
_ORDER = ("REMOVE", "AGREE", "EDIT", "ADD")  # in which the paper's code carries them out
_NEW, _OBJECTION, _OBJECTION_WHEN_FULL = 2, 1, 3


@dataclass(frozen=True, slots=True)
class Rule:
    text: str
    importance: int = _NEW
    labels: tuple[str, ...] = ()


Rules = tuple[Rule, ...]


def edited(rules: Rules, operations: Sequence[Operation], most: int) -> Rules:
    """The list after some operations, which name rules by their number from 1; the most important first."""
    kept: list[Rule] = list(rules)
    objection = _OBJECTION_WHEN_FULL if len(rules) >= most else _OBJECTION
    for operation in sorted(operations, key=lambda operation: _ORDER.index(operation.verb)):
        if operation.verb == "ADD":
            if operation.text not in (rule.text for rule in kept):
                kept.append(Rule(operation.text, labels=operation.labels))
            continue
        index = int(operation.target) - 1
        rule = kept[index]
        match operation.verb:
            case "REMOVE":
                kept[index] = replace(rule, importance=rule.importance - objection)
            case "AGREE":
                kept[index] = replace(rule, importance=rule.importance + 1)
            case "EDIT":
                kept[index] = Rule(operation.text, rule.importance + 1, operation.labels or rule.labels)
    ranked = sorted((rule for rule in kept if rule.importance > 0), key=lambda rule: -rule.importance)
    return tuple(ranked[:most])


@dataclass(frozen=True, slots=True)
class ExpeL:
    """attempts: how often a task is played a round until it succeeds: a pair needs a failure and a success. chunk: successes a
    call. rules: kept at most. operations: a call at most. epochs, patience: rounds of all that, and those in a row without
    gain. ties, module: as for all-at-once."""

    attempts: int = 2
    chunk: int = 8
    rules: int = 20
    operations: int = 4
    epochs: int = 2
    patience: int = 2
    ties: Ties = "candidate"
    module: str = "instructions"

    def __post_init__(self) -> None:
        require_positive(
            attempts=self.attempts, chunk=self.chunk, rules=self.rules, operations=self.operations, epochs=self.epochs,
            patience=self.patience,
        )  # fmt: skip

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules:
        require_modules("optimizer.module", [self.module], seed)
        best, rules, idle = Candidate(seed, await lab.validate(seed)), Rules(), 0
        known: dict[str, Trajectory] = {}  # by labels that mean the same throughout, since rules outlive their round
        for epoch in range(self.epochs):
            step = lab.within(epoch=epoch)
            if idle >= self.patience or not step.affords(len(tasks) + step.validation_size):
                break
            pairs, successes = await self._gather(best.modules, tasks, step, epoch)
            proposal, found = await self._extract(seed, best.modules, rules, pairs, successes, known, step)
            before, best = best, await contest(best, [] if proposal is None else [proposal], step, self.ties)
            if best is before:
                idle += 1
            else:  # a list that was not accepted is forgotten
                idle, rules = 0, found
        return best.modules

    async def _gather(
        self, modules: Modules, tasks: Sequence[Task], lab: Lab, epoch: int
    ) -> tuple[list[tuple[Trajectory, Trajectory]], list[Trajectory]]:
        """(failure, success) of the same task for every failure that was made good, and all successes."""
        failures: dict[str, list[Trajectory]] = {}
        pairs, successes = list[tuple[Trajectory, Trajectory]](), list[Trajectory]()
        missing = list(tasks)
        for attempt in range(self.attempts):
            if attempt and not (missing and lab.affords(len(missing) + lab.validation_size)):
                break
            played = await lab.explore(modules, missing, repeat=epoch * self.attempts + attempt)
            for trajectory in played:
                if trajectory.success:
                    successes.append(trajectory)
                    pairs += [(failure, trajectory) for failure in failures.get(trajectory.task_id, ())]
                else:
                    failures.setdefault(trajectory.task_id, []).append(trajectory)
            missing = [task for task, trajectory in zip(missing, played, strict=True) if not trajectory.success]
        return pairs, successes

    async def _extract(
        self,
        seed: Modules,
        parent: Modules,
        rules: Rules,
        pairs: Sequence[tuple[Trajectory, Trajectory]],
        successes: Sequence[Trajectory],
        known: dict[str, Trajectory],
        lab: Lab,
    ) -> tuple[Modules | None, Rules]:
        """The list as all calls, one after another, edited it, and the agent with it. `known` gains what they were shown."""
        chunks = [successes[start : start + self.chunk] for start in range(0, len(successes), self.chunk)]
        work = [("expel_pair", pair) for pair in pairs] + [("expel_successes", tuple(chunk)) for chunk in chunks]
        shown: dict[str, Trajectory] = {}
        problem = "there is nothing to compare"
        for number, (name, trajectories) in enumerate(work):
            if not lab.affords():
                break
            here = labelled(trajectories, len(known) + 1)
            known |= here
            ids = [str(index) for index in range(1, len(rules) + 1)]
            pieces = [Piece(current_modules(seed)), Piece(self._shown(rules)), *as_pieces(here)]
            system = prompt(name).replace("{most}", str(self.operations))
            asked = await lab.within(insight=number).ask(
                "optimizer", "optimize", system, pieces,
                lambda text, ids=ids: parse_operations(text, VERBS, ids, self.operations),  # type: ignore[misc]
            )  # fmt: skip
            problem = asked.problem or "no rule was added"
            rules = edited(rules, citing(asked.answer or (), asked.shown), self.rules)
            shown |= seen(here, asked.shown)
        if not rules:
            return record_proposal(lab, parent, None, problem, shown, {}), rules
        lines = [f"- {rule.text}" for rule in rules]
        child = parent.child({self.module: "\n".join([seed[self.module].rstrip(), *lines])}, "proposal")
        evidence = {f"- {rule.text}": rule.labels for rule in rules if rule.labels}
        shown |= seen(known, [label for labels in evidence.values() for label in labels])
        return record_proposal(lab, parent, child, "", shown, evidence), rules

    def _shown(self, rules: Rules) -> str:
        full = (
            "\nThe list is full: agree with, edit or remove rules rather than add any."
            if len(rules) >= self.rules
            else ""
        )
        lines = [f"[{number}] (importance {rule.importance}) {rule.text}" for number, rule in enumerate(rules, start=1)]
        return "\n".join(["<rules>", *lines, "</rules>"]) + full

    def episodes(self, tasks: int, validation_size: int) -> int:
        return validation_size + self.epochs * (self.attempts * tasks + validation_size)
