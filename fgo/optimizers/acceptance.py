"""The question "does this candidate replace what we have?" as a pure function; the callers own the side effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fgo.optimizers.base import Validation

Ties = Literal["candidate", "incumbent"]


@dataclass(frozen=True, slots=True)
class Decision:
    accepted: bool
    why: str


def decide(candidate: Validation, incumbents: Sequence[Validation], ties: Ties) -> Decision:
    """Accept a candidate that is at least as good (`ties="candidate"`) or better than the best incumbent.

    All must have been validated on the same tasks. The paper's own rule is not known to us; this one is our choice.
    """
    for incumbent in incumbents:
        if incumbent.scores.keys() != candidate.scores.keys():
            raise ValueError("validations on different tasks can't be compared")
    best = max(incumbent.mean for incumbent in incumbents)
    if candidate.mean > best:
        return Decision(True, f"validated at {candidate.mean:.3f}, above {best:.3f}")
    if candidate.mean == best and ties == "candidate":
        return Decision(True, f"validated at {candidate.mean:.3f}, as before; ties go to the candidate")
    return Decision(False, f"validated at {candidate.mean:.3f}, not above {best:.3f}")
