"""A study's results beside the committed ones: whether the same points, made of the same things, came to the same files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from experiments.errors import UsageError
from experiments.file_differences import file_differences
from experiments.manifest import IDENTITY, MACHINE, MANIFEST, SUMS, altered, read_sums
from experiments.settings import Settings, changed_keys, telling
from experiments.summary import Point
from fgo.types import Json

_POINT = ("env", "optimizer", "model", "train_size", "seed", "study", "varied")


@dataclass(frozen=True, slots=True)
class Comparison:
    """problems: what differs, a line each. notes: what may differ where the results are the same: versions, git state."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A study's manifest, what its points have in common told of each again. points: by what names them."""

    data: Mapping[str, Any]
    points: Mapping[str, Mapping[str, Any]]

    @staticmethod
    def read(folder: Path) -> Manifest:
        """Raises UsageError where there is none, or one of an earlier form."""
        path = folder / MANIFEST
        try:
            data = orjson.loads(path.read_bytes())
            shared = {key: data[key] for key in ("simulated", *MACHINE, *IDENTITY) if key in data}
            points = {
                str(Point.from_json({key: point[key] for key in _POINT})): {
                    **shared,
                    **point,
                    "config": {**data["config"], **point["config"]},
                    "tasks": data["test_tasks"][point["test_tasks"]],
                }
                for point in data["points"]
            }
        except FileNotFoundError:
            raise UsageError(f"{path}: there is none, so there is nothing to compare with; {_AGAIN}") from None
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise UsageError(f"{path}: can't be read ({type(error).__name__}: {error}); {_AGAIN}") from error
        return Manifest(data, points)


_AGAIN = "write results with `fgo reproduce STUDY --save`"


def compare_points(committed: Manifest, points: Sequence[Settings]) -> list[str]:
    """Whether a study as it is configured now has the committed points with their configurations. Nothing need have run."""
    now = {str(settings.point): telling(settings.resolved) for settings in points}
    problems = [
        f"missing point: {name}: the committed results have it, the study as configured has not"
        for name in committed.points
        if name not in now
    ]
    problems += [f"point without committed results: {name}" for name in now if name not in committed.points]
    problems += _gathered(
        [
            (name, f"configuration: {line}")
            for name, point in committed.points.items()
            if name in now
            for line in changed_keys(point["config"], now[name])
        ],
        len(now),
    )
    return problems


def _gathered(found: Sequence[tuple[str, str]], of: int) -> list[str]:
    """(point, what of it) pairs as lines, those that say the same of several points in one."""
    by_line: dict[str, list[str]] = {}
    for name, line in found:
        by_line.setdefault(line, []).append(name)
    return [
        f"{line} ({names[0] if len(names) == 1 else f'{len(names)} of {of} points, first: {names[0]}'})"
        for line, names in by_line.items()
    ]


def compare_folders(committed: Path, found: Path) -> Comparison:
    """The committed folder of a study beside one that `report` wrote. Raises UsageError where one can't be read."""
    try:
        names, written = read_sums(committed), read_sums(found)
        problems = altered(committed)
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(f"{error}; {_AGAIN}") from error
    old, new = Manifest.read(committed), Manifest.read(found)
    problems += [f"missing point: {name}: has no journal" for name in old.points if name not in new.points]
    both = [(name, old.points[name], new.points[name]) for name in old.points if name in new.points]
    problems += _gathered([(name, line) for name, a, b in both for line in _identity(a, b)], len(both))
    for name, a, b in both:
        problems += [f"{name}: {line}" for line in _outcome(a, b)]
    for name in names:
        if name != MANIFEST and (committed / name).is_file():
            problems += file_differences(name, committed / name, found / name)
    problems += [f"{name}: was written, and {committed / SUMS} lacks it" for name in written if name not in names]
    notes = _gathered([(name, line) for name, a, b in both for line in _drift(a, b)], len(both))
    return Comparison(tuple(problems), tuple(notes))


def _identity(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for line in changed_keys(old["config"], new["config"]):
        yield f"configuration: {line}"
    if old["fingerprint"] != new["fingerprint"] and old["config"] == new["config"]:
        yield "the fingerprint is none of the configuration beside it"
    for key in IDENTITY:
        for line in changed_keys(_flat(key, old.get(key)), _flat(key, new.get(key))):
            yield f"drifted: {line}"


def _drift(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in MACHINE:
        yield from changed_keys(_flat(key, old.get(key)), _flat(key, new.get(key)))


def _flat(key: str, value: Any) -> dict[str, Json]:
    if not isinstance(value, Mapping):
        return {key: value}
    return {name: leaf for part, inner in value.items() for name, leaf in _flat(f"{key}.{part}", inner).items()}


def _outcome(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What came of a point, from the coarse to the fine; the digests catch what nothing else shows."""
    if old["state"] != new["state"]:
        yield f"expected {old['state']}, found {new['state']}"
    if old["tasks"] != new["tasks"]:
        yield "played on other test tasks"
    else:
        for task, one, other in zip(old["tasks"], old["solved"], new["solved"], strict=True):
            if one != other:
                yield f"test task {task}: expected {_SOLVED[one]}, found {_SOLVED[other]}"
    for part in ("episodes", "ledger"):
        yield from changed_keys(_flat(part, old[part]), _flat(part, new[part]))
    for kind in sorted(old["digests"].keys() | new["digests"].keys()):
        if old["digests"].get(kind) != new["digests"].get(kind):
            yield f"the journal's {kind} events are not those of the committed run"


_SOLVED = {"1": "solved", "0": "not solved", "-": "no result"}
