"""What a study's tables were made of, and their sums: enough to tell, later and elsewhere, whether the same came out.

`manifest.json` holds, for each begun point, its configuration (the keys that matter), data, prompts and code of the simulated
model, versions and git state, and what came of it: test tasks solved, episodes, calls and tokens by role and phase, and
a digest of its journal by kind of event. What all points have in common stands once. `SHA256SUMS` holds the sums of the study's
files, which must be the same byte for byte, and the manifest's own (`sha256sum -c SHA256SUMS`). Wall times are in neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from experiments.price_list import price_list
from experiments.settings import Settings, telling
from experiments.summary import PointResult
from fgo.types import Json, digest

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"

IDENTITY = ("environment", "prompts", "simulation")  # other ones, other results
MACHINE = ("versions", "git")  # may differ where the results are the same
_MADE_WITH = ("simulated", *MACHINE, *IDENTITY)


def write_manifest(
    points: Sequence[Settings],
    results: Sequence[PointResult],
    headers: Sequence[Mapping[str, Any] | None],
    path: Path,
) -> Path:
    """headers: the first event of each point's journal, None where it has not begun; such points are left out."""
    begun = [
        (settings, result, header)
        for settings, result, header in zip(points, results, headers, strict=True)
        if header is not None
    ]
    configs = [telling(header["config"]) for _, _, header in begun]
    shared = _common(configs)
    made_with = [{key: header.get(key) for key in _MADE_WITH} for _, _, header in begun]
    same = _common(made_with)
    tasks = {_tasks_digest(result): list(result.test_tasks) for _, result, _ in begun}
    head = {
        "study": points[0].plain.study.name,
        "prices": {"list": price_list().name, "price_as": points[0].plain.price_as},
        **same,
        "config": shared,
        "test_tasks": tasks,
    }
    lines = [
        {
            **header["point"],
            "fingerprint": header["fingerprint"],
            "config": {key: value for key, value in config.items() if key not in shared},
            **{key: value for key, value in made.items() if key not in same},
            **outcome(result),
        }
        for (_, result, header), config, made in zip(begun, configs, made_with, strict=True)
    ]
    path.write_bytes(_dumped(head, lines))
    return path


def _common(mappings: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """What all of them hold alike; nothing where there is none."""
    if not mappings:
        return {}
    first, *rest = mappings
    return {key: value for key, value in first.items() if all(key in m and m[key] == value for m in rest)}


def _tasks_digest(result: PointResult) -> str:
    return digest(*result.test_tasks)[:8]


def outcome(result: PointResult) -> dict[str, Json]:
    """What came of a point. solved: a character a test task, in the order of the manifest's list: 1, 0 or - (no result)."""
    found = [result.outcomes.get(task) for task in result.test_tasks]
    return {
        "state": result.state,
        "test_tasks": _tasks_digest(result),
        "solved": "".join("-" if one is None else str(int(one.success)) for one in found),
        "episodes": {phase: sum(counts.values()) for phase, counts in result.episodes.items()},
        "ledger": {
            f"{role}/{phase}": {
                "calls": line.calls,
                "prompt_tokens": line.usage.prompt_tokens,
                "cached_tokens": line.usage.cached_tokens,
                "completion_tokens": line.usage.completion_tokens,
            }
            for (role, phase), line in result.ledger.items()
        },
        "digests": dict(result.digests),
    }


def _dumped(head: Mapping[str, Json], lines: Sequence[Mapping[str, Json]]) -> bytes:
    """JSON with a point a line: short, and a changed point is a changed line."""
    opening = orjson.dumps({**head, "points": []}, option=orjson.OPT_INDENT_2).decode()
    cut = opening.rindex('"points": []')
    points = ",\n    ".join(orjson.dumps(line).decode() for line in lines)
    listed = f'"points": [\n    {points}\n  ]' if lines else '"points": []'
    return f"{opening[:cut]}{listed}\n}}\n".encode()


def write_sums(folder: Path, files: Iterable[Path]) -> Path:
    """SHA256SUMS of the files, which lie in the folder, in the format of sha256sum."""
    lines = sorted(f"{_sum(path)}  {path.relative_to(folder).as_posix()}" for path in files)
    path = folder / SUMS
    path.write_text("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line[66:])), encoding="utf-8")
    return path


def read_sums(folder: Path) -> dict[str, str]:
    """File -> its sum. Raises FileNotFoundError, and ValueError for a line that is none."""
    sums = {}
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        sum_, blank, name = line.partition("  ")
        if len(sum_) != 64 or not blank or not name:
            raise ValueError(f"{folder / SUMS}: {line!r} is no line of sha256sum's")
        sums[name] = sum_
    return sums


def altered(folder: Path) -> list[str]:
    """Files that are not what the folder's SHA256SUMS says, a line each."""
    problems = []
    for name, sum_ in read_sums(folder).items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{path}: is missing, and {SUMS} names it")
        elif _sum(path) != sum_:
            problems.append(f"{path}: was changed after {SUMS} was written")
    return problems


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
