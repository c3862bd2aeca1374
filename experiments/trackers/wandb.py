"""Weights & Biases, offline unless told otherwise: one run a point, made of the journal's events alone.

Whatever W&B writes stands in the point's folder. A session begins its offline record anew, from the replayed events, so
that resuming leaves one whole record and not two halves; online, the run goes on under its id; W&B skips what it has.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from experiments.summary import PointResult, is_restricted
from experiments.trackers.wandb_content import EPISODE_COLUMNS, Curves, config_of, episode_row, name_of, summary_of
from fgo.types import Json, Modules, digest

Mode = Literal["offline", "online", "disabled"]


@dataclass
class WandbTracker:
    """The fields are the keys of conf/tracker/wandb.yaml."""

    project: str = "fgo"
    entity: str | None = None
    mode: Mode = "offline"
    group: str | None = None
    log_trajectories: bool = False
    log_restricted: bool = False

    def __post_init__(self) -> None:
        self._session: _Session | None = None
        if self.mode not in get_args(Mode):
            raise ValueError(f"tracker.mode={self.mode!r}: expected {', '.join(get_args(Mode))}")
        if not self.project or set(self.project) & set("/\\#?%:"):
            raise ValueError(f"tracker.project={self.project!r}: expected a name without / \\ # ? % :")

    def start(self, header: Mapping[str, Json], folder: Path) -> None:
        if self.mode != "disabled":
            self._session = _Session(self, header, folder)

    def observe(self, event: Mapping[str, Json]) -> None:
        if self._session is not None:
            self._session.observe(event)

    def finish(self, result: PointResult, modules: Modules | None) -> None:
        if self._session is not None:
            self._session.finish(result, modules)
            self._session = None


class _Session:
    """One W&B run while it is open. After a failure of W&B it does nothing more."""

    def __init__(self, settings: WandbTracker, header: Mapping[str, Json], folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._header = header
        self._with_text = settings.log_restricted or not is_restricted(header)
        self._curves = Curves()
        self._rows: list[list[Json]] = []
        self._run: Any = None
        self._guarded("start", self._start)

    def observe(self, event: Mapping[str, Json]) -> None:
        self._guarded("log", lambda: self._observe(event))

    def finish(self, result: PointResult, modules: Modules | None) -> None:
        self._guarded("finish", lambda: self._finish(result, modules))

    def _guarded(self, what: str, work: Callable[[], None]) -> None:
        """Do it, unless W&B has failed before. Any failure of W&B is told and costs the tracking, never the run."""
        if what != "start" and self._run is None:
            return
        try:
            work()
        except Exception as error:
            self._run = None
            _warn(
                f"could not {what} ({type(error).__name__}: {error}). The run goes on without W&B; nothing is lost: "
                f"{self._folder}/journal.jsonl has everything"
            )

    def _start(self) -> None:
        settings, point = self._settings, self._header["point"]
        mode = settings.mode
        # W&B reports its own errors and timings to its makers, offline runs too (a look-up of their host was seen).
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        os.environ.setdefault("WANDB_DISABLE_WEAVE", "true")  # else it advertises that product on stderr
        with _home(self._folder):
            import wandb

            if mode == "online" and not _has_key():
                mode = "offline"
                _warn(
                    "mode=online but no key (WANDB_API_KEY or `wandb login`): kept offline, to be sent by `wandb sync`"
                )
            if mode == "offline":
                for stale in self._folder.glob("wandb/offline-run-*"):
                    shutil.rmtree(stale)
            simulated = ["SIMULATED"] if self._header["simulated"] else []
            self._run = wandb.init(
                project=settings.project,
                entity=settings.entity,
                id=digest(self._header["fingerprint"], str(self._folder.resolve())),
                name=name_of(self._header),
                group=settings.group or point["study"] or None,
                job_type=point["optimizer"],
                tags=[*simulated, point["env"], point["optimizer"], point["model"]],
                config=config_of(self._header),
                dir=str(self._folder),
                mode=mode,
                resume="allow" if mode == "online" else None,
                reinit="finish_previous",
                settings=wandb.Settings(
                    silent=True, console="off", disable_git=True, disable_code=True, x_disable_stats=True,
                    x_save_requirements=False, init_timeout=60,
                ),
            )  # fmt: skip

    def _observe(self, event: Mapping[str, Json]) -> None:
        if event["kind"] == "episode":
            self._rows.append(episode_row(event, self._with_trajectories))
        values = self._curves.observe(event)
        if values:
            self._run.log(values, step=self._curves.step)

    @property
    def _with_trajectories(self) -> bool:
        return self._with_text and self._settings.log_trajectories

    def _finish(self, result: PointResult, modules: Modules | None) -> None:
        with _home(self._folder):
            import wandb

            columns: list[str | int] = [*EPISODE_COLUMNS, *(["text"] if self._with_trajectories else [])]
            table = wandb.Table(columns=columns, data=self._rows)
            self._run.log({"episodes": table}, step=self._curves.step + 1)
            self._run.summary.update(summary_of(result))
            if modules is not None and self._with_text:
                artifact = wandb.Artifact(
                    f"modules-{self._run.id}", type="modules", metadata={"digest": modules.digest}
                )
                for name, text in sorted(modules.texts.items()):
                    with artifact.new_file(f"{name}.txt", mode="w", encoding="utf-8") as file:
                        file.write(text + "\n")
                self._run.log_artifact(artifact)
            self._run.finish(exit_code=0 if result.complete else 1)


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    """Within, W&B keeps its data, cache and settings in the point's folder instead of the user's home."""
    places = {"WANDB_DATA_DIR": "data", "WANDB_CACHE_DIR": "cache", "WANDB_CONFIG_DIR": "config"}
    before = {name: os.environ.get(name) for name in places}
    for name, place in places.items():
        os.environ[name] = str(folder / "wandb" / place)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _has_key() -> bool:
    """Whether W&B would find a key by itself; it asks for one at the terminal otherwise."""
    import wandb

    return bool(os.environ.get("WANDB_API_KEY") or wandb.api.api_key)


def _warn(message: str) -> None:
    print(f"W&B: {message}", file=sys.stderr, flush=True)
