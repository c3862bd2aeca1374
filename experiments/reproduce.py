"""`fgo reproduce STUDY`: run the points of a study's grid (those that are done are not done again), then write its tables.

With --plan, say what that would come to and run nothing; with --check, compare with the committed results; with --save, replace
these. A study whose results hold a recording of its models' answers is replayed from it, unless --live is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.composition import config_folder, settings_of, sweep
from experiments.errors import UsageError
from experiments.run import run

_FLAGS = ("--plan", "--check", "--save")
_RECORDING = "recording.jsonl.zst"


def reproduce(arguments: Sequence[str]) -> int:
    """The exit status of `fgo reproduce ARGUMENTS`."""
    flags = [argument for argument in arguments if argument.startswith("--")]
    words = [argument for argument in arguments if not argument.startswith("--")]
    results = next((flag.partition("=")[2] for flag in flags if flag.startswith("--results=")), None)
    live = "--live" in flags
    flags = [flag for flag in flags if not flag.startswith("--results=") and flag != "--live"]
    if len(flags) > 1 or any(flag not in _FLAGS for flag in flags):
        raise UsageError(
            f"{' '.join(flags)}: expected one of {', '.join(_FLAGS)}, or none; and --live, --results=FOLDER"
        )
    studies = sorted(path.stem for path in Path(config_folder(), "study").glob("*.yaml") if path.stem != "none")
    if not words or words[0] not in studies:
        raise UsageError(f"name a study: {', '.join(studies)} (they are files in conf/study/)")
    name, *overrides = words
    committed = committed_folder(name, results)
    if not live:
        overrides = [*overrides, *_replayed(committed, overrides)]
    asked = grid_of(name, overrides)
    if "--plan" in flags:
        return run(["-m", "--plan", *asked])
    if "--check" in flags:
        from experiments.check import check

        return check(name, asked, committed)
    status = run(["-m", *asked])
    if "--save" in flags and status == 0:
        from experiments.check import save

        save(Path(sweep(asked)[0].plain.runs) / name, committed)
    return status


def grid_of(name: str, overrides: Sequence[str]) -> list[str]:
    """The overrides of a study's sweep: its grid, but for keys that are given otherwise."""
    study = settings_of([f"study={name}"]).plain.study
    given = {override.partition("=")[0] for override in overrides}
    grid = [
        f"{key}={','.join(_text(value) for value in values)}" for key, values in study.grid.items() if key not in given
    ]
    return [f"study={name}", *grid, *overrides]


def _replayed(committed: Path, overrides: Sequence[str]) -> list[str]:
    """The override that replays a study's recording, where there is one and nothing else was said."""
    recording = committed / _RECORDING
    said = any(override.partition("=")[0] in ("replay", "record", "model", "model.path") for override in overrides)
    return [] if said or not recording.exists() else [f"replay={_quoted(recording)}"]


def committed_folder(study: str, results: str | None) -> Path:
    """Where a study's committed results stand: in `results`, by default the checkout's own."""
    return (Path(results) if results else Path(config_folder()).parent / "results") / study


def _text(value: object) -> str:
    """A value as Hydra's override grammar reads it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(path: Path) -> str:
    """A path as Hydra's override grammar reads it, whatever is in it."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
