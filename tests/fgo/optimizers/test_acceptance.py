from __future__ import annotations

import pytest

from fgo.optimizers.acceptance import decide
from fgo.optimizers.base import Validation


def validation(*scores: float) -> Validation:
    return Validation("m", {str(index): score for index, score in enumerate(scores)})


@pytest.mark.parametrize(
    ("candidate", "incumbents", "ties", "accepted"),
    [
        (validation(1, 1), [validation(1, 0)], "incumbent", True),
        (validation(1, 0), [validation(1, 0)], "candidate", True),
        (validation(1, 0), [validation(0, 1)], "incumbent", False),
        (validation(0, 0), [validation(0, 1)], "candidate", False),
        (validation(1, 0), [validation(0, 0), validation(1, 1)], "candidate", False),
        (validation(0, 0), [validation(0, 0)], "candidate", True),  # a score of 0 is a score
    ],
)
def test_a_candidate_must_hold_its_own_against_the_best(candidate, incumbents, ties, accepted) -> None:  # type: ignore[no-untyped-def]
    decision = decide(candidate, incumbents, ties)
    assert decision.accepted is accepted
    assert f"{candidate.mean:.3f}" in decision.why


def test_validations_on_different_tasks_are_never_compared() -> None:
    with pytest.raises(ValueError, match="different tasks"):
        decide(validation(1, 1), [validation(1)], "candidate")
