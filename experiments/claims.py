"""The paper's claims (claims.yaml) and what a study says of each: a function of its results and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from experiments.components import build, structure
from experiments.errors import UsageError
from experiments.grouping import Group
from experiments.verdicts.base import Part, Rule, Verdict, whole

Known = Literal["stated", "reviewed", "open"]


@dataclass(frozen=True, slots=True)
class _Text:
    """The keys of a claim in claims.yaml, but for its rule."""

    id: str
    what: str
    known: Known
    where: str
    quote: str
    studies: list[str]
    measured: str


@dataclass(frozen=True, slots=True)
class Claim:
    """known: from whom; where: in which text; quote: its substance there. studies: that feed it. rule_keys: as written."""

    id: str
    what: str
    known: Known
    where: str
    quote: str
    studies: tuple[str, ...]
    measured: str
    rule: Rule
    rule_keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """What of the paper nobody here has read, and which keys of the configuration hold this project's own choice."""

    part: str
    ours: str


@dataclass(frozen=True, slots=True)
class Claims:
    """All claims, and what is open about the paper."""

    claims: tuple[Claim, ...]
    open: tuple[OpenPoint, ...]

    def of(self, study: str) -> tuple[Claim, ...]:
        """The claims that a study feeds."""
        return tuple(claim for claim in self.claims if study in claim.studies)


@cache
def paper_claims() -> Claims:
    """The claims that come with the harness."""
    return read_claims(files("experiments").joinpath("claims.yaml").read_text(encoding="utf-8"))


def read_claims(yaml: str) -> Claims:
    """Claims from their YAML text. Raises UsageError naming key, value and what is allowed."""
    from omegaconf import OmegaConf

    data = OmegaConf.to_container(OmegaConf.create(yaml))
    if not isinstance(data, dict) or set(data) != {"claims", "open"}:
        raise UsageError("claims.yaml: expected the keys claims and open")
    claims = tuple(_claim(f"claims.{i}", node) for i, node in enumerate(data["claims"]))
    ids = [claim.id for claim in claims]
    if len(set(ids)) < len(ids):
        raise UsageError(f"claims.yaml: ids must differ, got {', '.join(ids)}")
    return Claims(claims, tuple(structure(f"open.{i}", node, OpenPoint) for i, node in enumerate(data["open"])))


def _claim(key: str, node: Mapping[str, Any]) -> Claim:
    text = structure(key, {name: value for name, value in node.items() if name != "rule"}, _Text)
    rule = node.get("rule")
    if not isinstance(rule, Mapping):
        raise UsageError(f"{key}.rule: is missing; it names what judges {text.id} (experiments/verdicts/)")
    return Claim(
        text.id, text.what, text.known, text.where, text.quote, tuple(text.studies), text.measured,
        build(f"{key}.rule", rule), {name: value for name, value in rule.items() if name != "_target_"},
    )  # fmt: skip


def judge(claims: Sequence[Claim], groups: Sequence[Group], study: str) -> tuple[Verdict, ...]:
    """The verdict on each reading of each claim, in each group of a study's results."""
    return tuple(verdict for claim in claims for group in groups for verdict in _verdicts(claim, group, study))


def _verdicts(claim: Claim, group: Group, study: str) -> list[Verdict]:
    readings: dict[str, list[Part]] = {}
    for part in claim.rule.judge(group):
        readings.setdefault(part.reading, []).append(part)
    found = []
    for reading, parts in (readings or {"": []}).items():
        simulated = any(part.simulated for part in parts) or (not parts and group.simulated)
        word, reason = whole(parts, simulated)
        found.append(
            Verdict(claim.id, study, group.title, reading, word, simulated, reason, _note(group), tuple(parts))
        )
    return found


def _note(group: Group) -> str:
    """What limits every verdict on a group: tasks that are not the benchmark's own, methods that played unequally much."""
    own = ("", "official", "released")
    others = sorted({point.data for points in group.points.values() for point in points} - set(own))
    notes = [f"On {' and '.join(others)} tasks, not the benchmark's own."] if others else []
    if group.unequal:
        notes.append("Methods differ in training episodes by more than a quarter.")
    return " ".join(notes)
