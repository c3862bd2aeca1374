"""`fgo run`: one point, or with -m all points of a sweep through Hydra's launchers, then their table."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from experiments import failures
from experiments.composition import config_folder, read_config, settings_of, sweep
from experiments.errors import UsageError
from experiments.settings import Settings
from fgo.llm.types import BudgetExceeded, ModelError
from fgo.optimizers.base import Misconfigured
from fgo.rollout import EpisodesFailed
from fgo.sandbox import Refused

DONE, FAILED, USAGE, BUDGET, INTERRUPTED = 0, 1, 2, 3, 130


def run(arguments: Sequence[str]) -> int:
    """The exit status of `fgo run ARGUMENTS`."""
    flags = [argument for argument in arguments if argument.startswith("-")]
    overrides = [argument for argument in arguments if not argument.startswith("-")]
    planning = "--plan" in flags
    flags = [flag for flag in flags if flag != "--plan"]
    many = flags in (["-m"], ["--multirun"])
    if flags and not many:
        return _hydra_main(list(arguments))  # --cfg, --info, --help and the like are Hydra's own
    points = sweep(overrides) if many else [settings_of(overrides)]
    if planning:
        from experiments.plan import plan_of
        from experiments.plan_format import plan_markdown

        print(plan_markdown(plan_of(points)))
        return DONE
    return _run_sweep(points, overrides) if many else run_settings(points[0])


def _run_sweep(points: Sequence[Settings], overrides: Sequence[str]) -> int:
    from experiments.plan import confirm
    from experiments.report import report

    _refuse_shared_folders(points)
    confirm(points)
    for settings in points:
        failures.forget(settings)
    with _sigterm_as_ctrl_c():
        status = _hydra_main(["-m", *overrides])
    status = max(status, report(points))
    failed = [line for settings in points if (line := failures.told(settings))]
    if failed:
        print(f"{len(failed)} of {len(points)} points failed; the same command goes on with them:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in failed), file=sys.stderr, flush=True)
    return status


def run_settings(settings: Settings, alone: bool = True) -> int:
    """Run one point; what went wrong is printed with the point's folder. Returns an exit status. alone: see `run_point`."""
    from experiments.point import run_point

    try:
        result = asyncio.run(run_point(settings, command=["fgo", *sys.argv[1:]], alone=alone))
    except KeyboardInterrupt:
        _complain(settings, "interrupted; the same command goes on where it stopped")
        raise
    except (UsageError, Misconfigured, Refused) as error:
        return _failed(settings, str(error), USAGE, alone)
    except (EpisodesFailed, ModelError, FileNotFoundError) as error:
        return _failed(settings, _told(settings, error, str(error)), FAILED, alone)
    except BudgetExceeded as error:
        return _failed(settings, str(error), BUDGET, alone)
    except Exception as error:  # a bug: shown whole, and the other points of a sweep go on
        return _failed(settings, _told(settings, error, traceback.format_exc()), FAILED, alone)
    mark = "SIMULATED: " if result.simulated else ""
    solved = f"{mark}{sum(o.success for o in result.outcomes.values())} of {len(result.outcomes)} test tasks solved"
    print(f"{settings.folder}: {solved} ({result.success:.1%}); fgo show {settings.folder}", flush=True)
    return DONE


def _told(settings: Settings, error: Exception, message: str) -> str:
    """The message, or where it may quote tasks which may not be passed on (providers do), as much of it as can't."""
    from experiments.report import header_of
    from experiments.summary import is_restricted

    journal = settings.folder / "journal.jsonl"
    if not is_restricted(header_of(journal) or {}):
        return message
    episodes = (
        f" of {len(error.failures)} episode(s), first: task {error.failures[0].task_id}"
        if isinstance(error, EpisodesFailed)
        else ""
    )
    places = (
        "" if isinstance(error, (EpisodesFailed, ModelError)) else "".join(traceback.format_tb(error.__traceback__))
    )
    return f"{places}{type(error).__name__}{episodes}; the message may quote restricted tasks: {journal} has it"


def _failed(settings: Settings, message: str, status: int, alone: bool) -> int:
    """Say at once that a point failed and, in a sweep, keep it for the last words; the exit status."""
    _complain(settings, message)
    if not alone:
        failures.note(settings, message)
    return status


def _complain(settings: Settings, message: str) -> None:
    print(f"{settings.folder}: {message}", file=sys.stderr, flush=True)


def _refuse_shared_folders(points: Sequence[Settings]) -> None:
    records = [settings.recording for settings in points if settings.recording is not None]
    if len(set(records)) < len(records):
        raise UsageError("record names one file for all points of this sweep; name a folder: record=FOLDER/")
    seen: dict[str, Settings] = {}
    for settings in points:
        other = seen.setdefault(str(settings.folder), settings)
        if other is not settings:
            raise UsageError(
                f"two points of this sweep would share {settings.folder}: leave run_dir out, or vary it too"
            )


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """A polite kill of the process that waits for a launcher's others ends the sweep as Ctrl-C does: they end with it."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _hydra_main(arguments: list[str]) -> int:
    """Hand over to Hydra: launchers, --cfg and so on."""
    import hydra

    before = sys.argv
    sys.argv = ["fgo run", *arguments]
    try:
        hydra.main(config_path=config_folder(), config_name="config", version_base="1.3")(hydra_task)()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else FAILED
    finally:
        sys.argv = before
    return DONE


def hydra_task(config: object) -> int:
    """One job of a sweep, in whatever process the launcher chose. Errors are printed, never raised, so others go on."""
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import DictConfig

    assert isinstance(config, DictConfig)
    _end_with_the_launcher()
    return run_settings(read_config(config, HydraConfig.get().runtime.choices), alone=False)


def _end_with_the_launcher() -> None:
    """In a launcher's child process: end when the launcher does, even by SIGKILL, so that no orphan holds a run's folder."""
    if multiprocessing.parent_process() is None or "orphan watch" in {thread.name for thread in threading.enumerate()}:
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(FAILED)

    threading.Thread(target=watch, name="orphan watch", daemon=True).start()
