"""Verdicts as Markdown for a person (verdicts.md) and JSON for programs (verdicts.json)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson

from experiments.claims import Claim, Claims
from experiments.formatting import NONE, SIMULATED_NOTE
from experiments.verdicts.base import Verdict

_KNOWN = {
    "stated": "Stated by the authors",
    "reviewed": "Reported by a third party that had the full text",
    "open": "OPEN: nobody here has read that the paper claims it",
}


def write_verdicts(claims: Claims, verdicts: Sequence[Verdict], study: str, footer: str, folder: Path) -> list[Path]:
    """verdicts.md and verdicts.json in `folder` (made if need be); their paths. Nothing for a study that feeds no claim."""
    if not claims.of(study):
        return []
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"md": markdown(claims, verdicts, study, footer).encode(), "json": as_json(verdicts)}
    written = []
    for suffix, text in texts.items():
        path = folder / f"verdicts.{suffix}"
        path.write_bytes(text)
        written.append(path)
    return written


def as_json(verdicts: Sequence[Verdict]) -> bytes:
    """A list, numbers to nine digits; `read_json` reads it."""
    return orjson.dumps(
        [verdict.to_json() for verdict in verdicts], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def read_json(text: bytes) -> tuple[Verdict, ...]:
    """The verdicts that `as_json` wrote."""
    return tuple(Verdict.from_json(data) for data in orjson.loads(text))


def lines(verdicts: Sequence[Verdict]) -> list[str]:
    """The verdicts in a line each, for a terminal, below each section and what limits it."""
    told = []
    for section in dict.fromkeys(verdict.section for verdict in verdicts):
        here = [verdict for verdict in verdicts if verdict.section == section]
        told.append(f"Verdicts, {section}:{f' {here[0].note}' if here[0].note else ''}")
        told += [f"  {verdict.line}" for verdict in here]
    return told


def markdown(claims: Claims, verdicts: Sequence[Verdict], study: str, footer: str) -> str:
    """Every claim that the study feeds: what, from where, how measured, its verdicts and their parts; then what is open."""
    simulated = any(verdict.simulated for verdict in verdicts)
    text = [f"# Verdicts of study {study}{' (SIMULATED)' if simulated else ''}", ""]
    if simulated:
        text += [SIMULATED_NOTE, ""]
    for claim in claims.of(study):
        text += _claim(claim, [verdict for verdict in verdicts if verdict.claim == claim.id])
    text += ["## Open about the paper", ""]
    text += ["Nobody here has read these; a difference from the paper may come from them.", ""]
    text += _left([["Part", "Here"], *([point.part, point.ours] for point in claims.open)])
    text += ["", "How to read this: docs/verdicts.md.", "", footer, ""]
    return "\n".join(text)


def _claim(claim: Claim, verdicts: Sequence[Verdict]) -> list[str]:
    keys = ", ".join(f"{key} = {value}" for key, value in claim.rule_keys.items())
    text = [
        f"## {claim.what}",
        "",
        f"{_KNOWN[claim.known]} ({claim.where}): {claim.quote}",
        "",
        f"Measured: {claim.measured.strip()}",
        "",
        f"Rule ({claim.id}): {keys}.",
        "",
    ]
    for section in dict.fromkeys(verdict.section for verdict in verdicts):
        here = [verdict for verdict in verdicts if verdict.section == section]
        heads = [["Reading", "Verdict", "Why"]]
        heads += [[verdict.reading or NONE, verdict.word, verdict.reason] for verdict in here]
        text += [f"### {section}", "", *([here[0].note, ""] if here[0].note else []), *_left(heads), ""]
        parts = [["Reading", "Where", "Verdict", "Why"]]
        for verdict in here:
            if len(verdict.parts) > 1:
                parts += [[part.reading or NONE, part.where, part.word, part.reason] for part in verdict.parts]
        if len(parts) > 1:
            text += [*_left(parts), ""]
    return text


def _left(cells: Sequence[Sequence[str]]) -> list[str]:
    """A table of texts: unpadded, since they are long."""
    safe = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in cells]
    return [f"| {' | '.join(row)} |" for row in [safe[0], ["---"] * len(safe[0]), *safe[1:]]]
