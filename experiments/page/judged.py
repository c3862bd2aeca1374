"""What is judged by a study, for its page: the paper's claims with their verdicts, and the differences that were tested."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.claims import Claim
from experiments.comparisons import Comparison, StudyComparisons
from experiments.formatting import fixed, percent, probability
from experiments.verdicts.base import Verdict
from fgo.types import Json

_KNOWN = {"stated": "Stated by the authors", "reviewed": "Reported by a reader of the full text", "open": "OPEN"}


def cards(claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> list[dict[str, Json]]:
    """One card a claim and section, as `studies.study_data` has them."""
    found = []
    for claim in claims:
        for section in dict.fromkeys(verdict.section for verdict in verdicts if verdict.claim == claim.id):
            here = [verdict for verdict in verdicts if verdict.claim == claim.id and verdict.section == section]
            found.append(_card(claim, section, here))
    return found


def _card(claim: Claim, section: str, verdicts: Sequence[Verdict]) -> dict[str, Json]:
    return {
        "claim": claim.what,
        "stated": f"{_KNOWN[claim.known]} ({claim.where}): {claim.quote.strip()}",
        "measured": claim.measured.strip(),
        "section": section,
        "note": verdicts[0].note,
        "readings": [
            {
                "reading": verdict.reading,
                "verdict": verdict.word,
                "why": verdict.reason,
                "parts": [{"where": part.where, "verdict": part.word, "why": part.reason} for part in verdict.parts],
            }
            for verdict in verdicts
        ],
    }


def differences(found: StudyComparisons) -> dict[str, list[list[str]]]:
    """Section -> a row of cells a comparison: optimizer, training tasks, baseline, difference (points), relative (%), effect,
    won : lost, adjusted p, detectable difference (points)."""
    return {section.title: [_cells(row) for row in section.rows] for section in found.sections if section.rows}


def _cells(row: Comparison) -> list[str]:
    return [
        row.optimizer,
        str(row.train_size),
        row.baseline,
        percent(row.difference, "+"),
        percent(row.relative, "+"),
        fixed(row.effect.h, "+.2f").replace("-", "−"),
        f"{row.effect.won} : {row.effect.lost}",
        probability(row.p),
        "–" if row.detectable is None else "over 100" if row.detectable > 1 else fixed(100 * row.detectable, ".1f"),
    ]
