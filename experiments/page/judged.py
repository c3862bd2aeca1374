"""What is judged by a study, for its page: the paper's claims with their verdicts, and the differences that were tested."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.claims import Claim
from experiments.comparison_formats import effect_cells
from experiments.comparisons import Comparison, StudyComparisons
from experiments.formatting import detectable_points, probability
from experiments.verdicts.base import Verdict
from fgo.types import Json

_KNOWN = {"stated": "Stated by the authors", "reviewed": "Reported by a reader of the full text", "open": "OPEN"}


def cards(claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> list[dict[str, Json]]:
    """A card for each claim that was judged: its readings down, the study's sections across, a verdict in each cell."""
    found = []
    for claim in claims:
        here = [verdict for verdict in verdicts if verdict.claim == claim.id]
        if here:
            found.append(_card(claim, here))
    return found


def _card(claim: Claim, verdicts: Sequence[Verdict]) -> dict[str, Json]:
    sections = list(dict.fromkeys(verdict.section for verdict in verdicts))
    by_place = {(verdict.reading, verdict.section): verdict for verdict in verdicts}
    readings = dict.fromkeys(verdict.reading for verdict in verdicts)
    return {
        "claim": claim.what,
        "stated": f"{_KNOWN[claim.known]} ({claim.where}): {claim.quote.strip()}",
        "measured": claim.measured.strip(),
        "sections": sections,
        "notes": [next(verdict.note for verdict in verdicts if verdict.section == section) for section in sections],
        "readings": [
            {"reading": reading, "cells": [_cell(by_place.get((reading, section))) for section in sections]}
            for reading in readings
        ],
    }


def _cell(verdict: Verdict | None) -> dict[str, Json] | None:
    if verdict is None:
        return None
    parts = [{"where": part.where, "verdict": part.word, "why": part.reason} for part in verdict.parts]
    return {"verdict": verdict.word, "why": verdict.reason, "parts": parts if len(parts) > 1 else []}


def differences(found: StudyComparisons) -> dict[str, list[list[str]]]:
    """Section -> a row of cells a comparison: optimizer, training tasks, baseline, difference (points), relative (%), effect,
    won : lost, adjusted p, detectable difference (points)."""
    return {section.title: [_compared(row) for row in section.rows] for section in found.sections if section.rows}


def _compared(row: Comparison) -> list[str]:
    return [*effect_cells(row), probability(row.p), detectable_points(row.detectable)]
