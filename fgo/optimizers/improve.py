"""Epochs of explore -> evaluate -> optimize on one set of tasks, keeping the best by validation.

This is both FGO's work on a subset and, with all training tasks as the one set, the all-at-once baseline: the comparison is
of the method alone. Phases as reviewed from the paper; number of epochs, acceptance, roll-back and early stop are not known
to us and are choices of this project, each a key of `ImproveConfig`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fgo.compression import compressed
from fgo.concurrency import together
from fgo.optimizers.acceptance import Ties, decide
from fgo.optimizers.base import Lab, Piece, Unusable, Validation
from fgo.optimizers.checks import require_modules, require_named, require_positive
from fgo.optimizers.module_text import asking_for, modules_reply, prompt, render_modules
from fgo.optimizers.shapes import critique_shape
from fgo.rendering import render_trajectory
from fgo.types import Modules, Task, Trajectory

Evidence = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ImproveConfig:
    """epochs: at most so many rounds. patience: rounds in a row without an accepted proposal after which to stop.
    evaluator: whether a reviewer critiques each trajectory first (the textual gradient). gate: whether a proposal must pass
    validation; without it each replaces its parent. ties: who stays when validation can't tell them apart.
    modules: which modules are rewritten. compress: whether models see shortened trajectories (fgo/compression.py). order: what
    stands first in prompts, the modules or the trajectories (docs/ablations.md says what prompt caches make of it).
    """

    epochs: int = 2
    patience: int = 2
    evaluator: bool = True
    gate: bool = True
    ties: Ties = "candidate"
    modules: tuple[str, ...] = ("instructions",)
    compress: bool = False
    order: Literal["modules_first", "trajectories_first"] = "modules_first"

    def __post_init__(self) -> None:
        require_positive(**{f"improve.{key}": getattr(self, key) for key in ("epochs", "patience")})
        require_named("optimizer.improve.modules", self.modules)

    def check(self, modules: Modules) -> None:
        """Raises Misconfigured where a module to rewrite is none of the agent's."""
        require_modules("optimizer.improve.modules", self.modules, modules)

    def episodes(self, tasks: int, validation_size: int) -> int:
        """At most so many on a set of `tasks`, the validation of the start not included."""
        return self.epochs * (tasks + validation_size * self.gate) + validation_size * (not self.gate)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Modules and how they validated. evidence: for each rule that cites any, the ids of the episodes that show its need."""

    modules: Modules
    validation: Validation
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rewritten modules with the evidence that they cite."""

    modules: Modules
    evidence: Evidence


async def improve(
    start: Candidate, tasks: Sequence[Task], lab: Lab, config: ImproveConfig, first_epoch: int = 0
) -> Candidate:
    """The best modules that the epochs found, `start` at worst. Stops early when out of patience or allowance.

    first_epoch: the number of the first epoch, where earlier calls had others.
    """
    best = start
    idle = 0
    for epoch in range(first_epoch, first_epoch + config.epochs):
        step = lab.within(epoch=epoch)
        if idle >= config.patience or not step.affords(len(tasks) + step.validation_size):
            break
        trajectories = await step.explore(best.modules, tasks, repeat=epoch)
        if config.compress:
            trajectories = [compressed(trajectory) for trajectory in trajectories]
        critiques = await evaluate(best.modules, trajectories, step, config) if config.evaluator else {}
        proposal = await propose(best.modules, trajectories, critiques, step, config)
        if proposal is None:
            idle += 1
            continue
        evidence = {**best.evidence, **proposal.evidence}
        if not config.gate:  # validated once, after the last epoch
            best = Candidate(proposal.modules, best.validation, evidence)
            continue
        candidate = Candidate(proposal.modules, await step.validate(proposal.modules), evidence)
        accepted = accept(candidate, best, step, config.ties)
        idle = 0 if accepted else idle + 1
        best = candidate if accepted else best
    if best.modules.digest != best.validation.modules:
        best = Candidate(best.modules, await lab.validate(best.modules), best.evidence)
    return best


async def evaluate(
    modules: Modules, trajectories: Sequence[Trajectory], lab: Lab, config: ImproveConfig
) -> Mapping[str, str]:
    """The textual gradient: a reviewer's critique of each trajectory, by episode. None where the reviewer failed to."""

    async def critique(trajectory: Trajectory) -> str | None:
        pieces = _ordered(Piece(current_modules(modules)), [Piece(render_trajectory(trajectory, "T1"))], config)
        asked = await lab.ask("evaluator", "optimize", prompt("evaluate"), pieces, parse_critique, critique_shape())
        if asked.answer is None:
            lab.record("uncritiqued", episode=trajectory.episode, problem=asked.problem)
        return asked.answer

    critiques = await together(critique(trajectory) for trajectory in trajectories)
    return {t.episode: text for t, text in zip(trajectories, critiques, strict=True) if text is not None}


def parse_critique(text: str) -> str:
    """What stands between the critique tags. Raises Unusable where there is nothing."""
    start, end = text.find("<critique>"), text.find("</critique>")
    body = text[start + len("<critique>") : end].strip() if 0 <= start < end else ""
    if not body:
        raise Unusable("Write your findings, one a line, between <critique> and </critique>.")
    return body


async def propose(
    modules: Modules,
    trajectories: Sequence[Trajectory],
    critiques: Mapping[str, str],
    lab: Lab,
    config: ImproveConfig,
) -> Proposal | None:
    """Ask the optimizer model for rewritten modules; None, and a journalled reason, where it gave no usable ones."""
    labels = {f"T{number}": trajectory for number, trajectory in enumerate(trajectories, start=1)}
    system = asking_for("optimize", config.modules)
    shown = [
        Piece(render_trajectory(trajectory, label, critiques.get(trajectory.episode, "")), label)
        for label, trajectory in labels.items()
    ]
    current: Modules | None = None
    found: dict[str, tuple[str, ...]] = {}
    for pieces in lab.groups("optimizer", system, [Piece(current_modules(modules)), *shown]):
        parent = current or modules
        prompt_pieces = _ordered(Piece(current_modules(parent)), [piece for piece in pieces if piece.label], config)
        asked = await lab.ask("optimizer", "optimize", system, prompt_pieces, *modules_reply(config.modules))
        proposal = None if asked.answer is None else parent.child(asked.answer.texts, "proposal")
        unchanged = proposal is not None and proposal.digest == parent.digest
        evidence = {} if asked.answer is None else asked.answer.evidence
        if proposal is not None and not unchanged:
            current = proposal
            for rule, cited in evidence.items():
                episodes = (labels[label].episode for label in cited if label in asked.shown)
                found[rule] = tuple(dict.fromkeys((*found.get(rule, ()), *episodes)))
        lab.record(
            "proposal",
            parent=parent.digest,
            modules=None if proposal is None or unchanged else proposal.to_json(),
            problem="the optimizer changed nothing" if unchanged else asked.problem,
            shown={label: labels[label].episode for label in asked.shown},
            evidence={rule: list(cited) for rule, cited in evidence.items()},
        )
    return None if current is None else Proposal(current, found)


def _ordered(modules: Piece, trajectories: Sequence[Piece], config: ImproveConfig) -> list[Piece]:
    return [modules, *trajectories] if config.order == "modules_first" else [*trajectories, modules]


def current_modules(modules: Modules) -> str:
    """The modules as a prompt shows those that an agent worked with."""
    return f"<current_modules>\n{render_modules(modules)}\n</current_modules>"


def accept(candidate: Candidate, best: Candidate, lab: Lab, ties: Ties) -> bool:
    """Whether the candidate takes the place of the best so far; the decision is journalled."""
    decision = decide(candidate.validation, [best.validation], ties)
    lab.record(
        "decision",
        candidate=candidate.modules.digest,
        incumbent=best.modules.digest,
        candidate_mean=candidate.validation.mean,
        incumbent_mean=best.validation.mean,
        accepted=decision.accepted,
        why=decision.why,
    )
    return decision.accepted
