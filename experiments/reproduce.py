"""`fgo reproduce STUDY`: run the points of a study's grid (those that are done are not done again), then write its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.composition import config_folder, settings_of
from experiments.errors import UsageError
from experiments.run import run


def reproduce(arguments: Sequence[str]) -> int:
    """The exit status of `fgo reproduce ARGUMENTS`."""
    studies = sorted(path.stem for path in Path(config_folder(), "study").glob("*.yaml") if path.stem != "none")
    if not arguments or arguments[0] not in studies:
        raise UsageError(f"name a study: {', '.join(studies)} (they are files in conf/study/)")
    name, *overrides = arguments
    study = settings_of([f"study={name}"]).plain.study
    given = {override.partition("=")[0] for override in overrides}
    grid = [
        f"{key}={','.join(_text(value) for value in values)}" for key, values in study.grid.items() if key not in given
    ]
    return run(["-m", f"study={name}", *grid, *overrides])


def _text(value: object) -> str:
    """A value as Hydra's override grammar reads it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
