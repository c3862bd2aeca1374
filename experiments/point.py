"""One point of an experiment, from settings to a finished journal: optimize on the training tasks, score on the test split."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from envs.base import Environment
from experiments.doors import open_models
from experiments.errors import UsageError
from experiments.progress import Progress
from experiments.provenance import describe_run
from experiments.runfolder import RunFolder
from experiments.settings import Settings
from experiments.summary import PointResult, summarize
from fgo.helpers import MODULE as HELPERS
from fgo.journal import Journal
from fgo.lab import LiveLab
from fgo.llm.provider import Provider
from fgo.optimizers.allowance import Allowance
from fgo.rollout import EpisodesFailed, Rollouts
from fgo.sandbox import isolation
from fgo.types import Json, Modules, Task

_log = logging.getLogger(__name__)

_WHY = 300  # characters of the reason for which a session ended


@dataclass(frozen=True, slots=True)
class Splits:
    """The tasks of a point. Optimizers get `train`; `validation` is behind the lab; `test` is the runner's alone."""

    train: Sequence[Task]
    validation: Sequence[Task]
    test: Sequence[Task]


async def run_point(
    settings: Settings, command: Sequence[str], provider: Provider | None = None, alone: bool = True
) -> PointResult:
    """Run a point, or go on with it, or return at once if it is finished. `provider`: see `open_models`. alone: whether
    the terminal is this point's own, or others write there too.

    Raises UsageError (data, folder), EpisodesFailed, ModelError, BudgetExceeded, KeyboardInterrupt: after each the same
    command goes on where this one stopped.
    """
    folder = RunFolder(settings.folder)
    try:
        await settings.env.prepare()
    except ValueError as error:  # data or a tool, in the environment's words
        raise UsageError(str(error)) from error
    try:
        about = describe_run(settings, command)
        if folder.finished(about):
            return folder.results()
        splits = draw_splits(settings.env, settings)  # what can't be run leaves no folder behind
        async with folder.lock():
            with Journal(folder.journal) as journal, ExitStack() as stack:
                folder.open(journal, about)
                stack.enter_context(_watching(settings, folder, journal, splits, alone))
                stack.enter_context(_saying_why_it_stopped(journal))
                with _stopping_on_sigterm():
                    await _optimize_and_test(settings, splits, journal, provider)
            return folder.results()
    finally:
        await settings.env.close()


def draw_splits(env: Environment, settings: Settings) -> Splits:
    """Training and validation tasks by the point's seed; test tasks the same for every seed, so that methods are paired."""
    plain = settings.plain
    try:
        splits = Splits(
            train=env.tasks("train", plain.train_size, plain.seed),
            validation=env.tasks("validation", plain.validation_size, plain.seed),
            test=env.tasks(env.test_split, plain.test_size, 0),
        )
        settings.optimizer.episodes(len(splits.train), len(splits.validation))  # impossible sizes are refused here
    except ValueError as error:
        raise UsageError(str(error)) from error
    allowance = settings.plain.allowance
    if allowance.unit == "episodes" and allowance.amount < len(splits.validation):
        raise UsageError(
            f"allowance.amount={allowance.amount:g}: expected at least validation_size={len(splits.validation)} episodes"
        )
    ids = [{task.id for task in tasks} for tasks in (splits.train, splits.validation, splits.test)]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        if ids[first] & ids[second]:
            raise UsageError(
                f"the environment's splits overlap: {sorted(ids[first] & ids[second])[:3]} stand in two of them"
            )
    return splits


async def _optimize_and_test(settings: Settings, splits: Splits, journal: Journal, provider: Provider | None) -> None:
    plain = settings.plain
    if HELPERS in settings.env.seed_modules().texts and not isolation().guarded:
        _log.warning("%s", isolation().statement)
    for use, tasks in (("train", splits.train), ("validation", splits.validation), ("test", splits.test)):
        journal.append_once("tasks", use, use=use, tasks=[task.id for task in tasks])
    async with open_models(settings, journal, provider) as models:
        rollouts = Rollouts(
            world=settings.env,
            agent=settings.agent,
            model=models.agent,
            journal=journal,
            seed=plain.seed,
            slots=asyncio.Semaphore(plain.executor.episodes),
            concurrency=plain.executor.episodes,
            tries=plain.executor.tries,
            sandbox=plain.sandbox,
        )
        lab = LiveLab(
            rollouts=rollouts,
            model=models.optimizer,
            journal=journal,
            asking=plain.asking,
            validation_tasks=splits.validation,
            seed=plain.seed,
            allowance=Allowance.of(plain.allowance),
        )
        known = journal.find("modules", "result")
        if known is None:
            best = await settings.optimizer.optimize(settings.env.seed_modules(), splits.train, lab)
            journal.append("modules", id="result", modules=best.to_json())
        else:
            best = Modules.from_json(known["modules"])
        tested = await rollouts.run(best, splits.test, "test", {})
    successes = sum(trajectory.success for trajectory in tested)
    journal.append_once("finished", "finished", metrics={"tested": len(tested), "successes": successes})


@contextmanager
def _watching(settings: Settings, folder: RunFolder, journal: Journal, splits: Splits, alone: bool) -> Iterator[None]:
    """Progress on the terminal and the tracker, both fed by the journal, what stands there already included."""
    assert journal.header is not None
    settings.tracker.start(journal.header, folder.path)
    with Progress(str(settings.point), settings.simulated, lines=not alone) as progress:
        progress.expect(_episodes(settings, splits))
        watchers = (progress.observe, _harmless(settings.tracker.observe))
        for event in journal.events():
            for watch in watchers:
                watch(event)
        for watch in watchers:
            journal.observe(watch)
        try:
            yield
        finally:
            known = journal.find("modules", "result")
            modules = None if known is None else Modules.from_json(known["modules"])
            settings.tracker.finish(summarize(folder.journal), modules)


def _harmless(observe: Callable[[Mapping[str, Json]], None]) -> Callable[[Mapping[str, Json]], None]:
    """A tracker's eye that goes blind at its first failure, saying so, instead of stopping the run."""
    sees = True

    def watch(event: Mapping[str, Json]) -> None:
        nonlocal sees
        if sees:
            try:
                observe(event)
            except Exception as error:
                sees = False
                _log.warning("the tracker failed and sees no more of this session: %s: %s", type(error).__name__, error)

    return watch


def _episodes(settings: Settings, splits: Splits) -> int:
    """How many episodes the point plays at most."""
    training = settings.optimizer.episodes(len(splits.train), len(splits.validation))
    if settings.plain.allowance.unit == "episodes":
        training = min(training, int(settings.plain.allowance.amount))
    return training + len(splits.test)


@contextmanager
def _saying_why_it_stopped(journal: Journal) -> Iterator[None]:
    """A session that ends early says so in the journal, for tables that show the point before it goes on."""
    try:
        yield
    except EpisodesFailed:  # the journal has each failure
        raise
    except asyncio.CancelledError:
        journal.append("stopped", why="interrupted")
        raise
    except BaseException as error:
        journal.append("stopped", why=f"{type(error).__name__}: {error}"[:_WHY])
        raise


@contextmanager
def _stopping_on_sigterm() -> Iterator[None]:
    """Let a polite kill (a cluster's time limit, say) end the run as Ctrl-C does, with KeyboardInterrupt."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        yield
    except asyncio.CancelledError:
        if stopped:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
