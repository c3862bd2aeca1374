"""`fgo reproduce STUDY --check` and `--save`: a study made again beside its committed results, and how these are written."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.compare import Comparison, Manifest, compare_folders, compare_points
from experiments.composition import sweep
from experiments.manifest import SUMS, read_sums
from experiments.run import run

CHECK_RUNS = "runs/check"  # apart from the user's own runs, and so without their cache


def check(study: str, overrides: Sequence[str], committed: Path) -> int:
    """0 where everything agrees with the committed results, else 1, each difference named.

    overrides: the sweep's, grid included. Points whose journals lie in the folder of runs are read, others run; nothing is run
    where the study is not the committed one. Raises UsageError where there are no committed results.
    """
    manifest = Manifest.read(committed)
    overrides = [*_defaults(overrides), *overrides]
    points = sweep(overrides)
    differing = compare_points(manifest, points)
    if differing:
        _tell(study, committed, Comparison(tuple(differing), ()))
        print("nothing was run: other points can't come to the same results", file=sys.stderr)
        return 1
    begun = sum((point.folder / "journal.jsonl").exists() for point in points)
    print(f"{len(points)} points: {begun} with a journal in {points[0].folder.parent}, the others are run", flush=True)
    status = run(["-m", *overrides])
    comparison = compare_folders(committed, Path(points[0].plain.runs) / study)
    _tell(study, committed, comparison)
    return 1 if comparison.problems or status else 0


def _defaults(overrides: Sequence[str]) -> list[str]:
    given = {override.partition("=")[0] for override in overrides}
    return [f"{key}={value}" for key, value in (("runs", CHECK_RUNS), ("tracker", "none")) if key not in given]


def _tell(study: str, committed: Path, comparison: Comparison) -> None:
    for note in comparison.notes:
        print(f"other than where the committed results were made, and no difference by itself: {note}")
    for problem in comparison.problems:
        print(f"differs: {problem}", file=sys.stderr)
    if comparison.problems:
        print(f"{study}: {len(comparison.problems)} differences from {committed}", file=sys.stderr)
    else:
        print(f"{study}: every file, cell and journal agrees with {committed}")


def save(made: Path, committed: Path) -> None:
    """Replace the committed results by the files that `made`, a study's folder, lists in its SHA256SUMS."""
    names = read_sums(made)
    committed.mkdir(parents=True, exist_ok=True)
    for name in read_sums(committed) if (committed / SUMS).exists() else {}:
        if name not in names:
            (committed / name).unlink(missing_ok=True)
    for name in (*names, SUMS):
        shutil.copyfile(made / name, committed / name)
    print(f"saved to {committed}: {', '.join(names)}, {SUMS}")
