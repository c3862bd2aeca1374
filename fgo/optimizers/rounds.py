"""What the optimizers beside FGO share: they try challengers against the best so far, by validation, and journal what they do.

One acceptance rule for every method, so that comparisons are of how candidates are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fgo.concurrency import together
from fgo.optimizers.acceptance import Ties
from fgo.optimizers.base import Lab, Piece
from fgo.optimizers.improve import Candidate, accept
from fgo.rendering import render_trajectory
from fgo.types import Modules, Trajectory


async def contest(best: Candidate, challengers: Sequence[Modules], lab: Lab, ties: Ties) -> Candidate:
    """The best of the incumbent and the challengers, each validated once and decided upon in their order.

    Challengers that the allowance can't validate are left out, the last first.
    """
    distinct = {modules.digest: modules for modules in challengers if modules.digest != best.modules.digest}
    entrants = list(distinct.values())
    while entrants and not lab.affords(len(entrants) * lab.validation_size):
        entrants.pop()
    validations = await together(lab.validate(modules) for modules in entrants)
    for modules, validation in zip(entrants, validations, strict=True):
        candidate = Candidate(modules, validation)
        best = candidate if accept(candidate, best, lab, ties) else best
    return best


def record_proposal(
    lab: Lab,
    parent: Modules,
    proposal: Modules | None,
    problem: str,
    shown: Mapping[str, Trajectory],
    evidence: Mapping[str, Sequence[str]],
) -> Modules | None:
    """Journal a proposal, or why there is none; None also where it changes nothing.

    shown: label -> the trajectory that the model saw under it. evidence: line of a module -> labels it was drawn from.
    """
    if proposal is not None and proposal.digest == parent.digest:
        proposal, problem = None, "the optimizer changed nothing"
    lab.record(
        "proposal",
        parent=parent.digest,
        modules=None if proposal is None else proposal.to_json(),
        problem=problem,
        shown={label: trajectory.episode for label, trajectory in shown.items()},
        evidence={line: list(labels) for line, labels in evidence.items()},
    )
    return proposal


def labelled(trajectories: Iterable[Trajectory], start: int = 1) -> dict[str, Trajectory]:
    """Trajectories under the labels T1, T2, ... (from `start` on) by which prompts name them."""
    return {f"T{number}": trajectory for number, trajectory in enumerate(trajectories, start)}


def as_pieces(shown: Mapping[str, Trajectory], critiques: Mapping[str, str] | None = None) -> list[Piece]:
    """Each trajectory as a part of a prompt that may be left out; critiques by label."""
    return [
        Piece(render_trajectory(trajectory, label, (critiques or {}).get(label, "")), label)
        for label, trajectory in shown.items()
    ]


def seen(shown: Mapping[str, Trajectory], labels: Iterable[str]) -> dict[str, Trajectory]:
    """Those of the trajectories whose labels a model was shown."""
    return {label: shown[label] for label in labels if label in shown}
