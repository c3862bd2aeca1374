"""A run's folder: whose it is, whether it may be gone on with, and the files that a person reads.

journal.jsonl   the record; everything else can be made from it
config.yaml     the resolved configuration
run.json        command, versions, git state, fingerprint, environment's fingerprint
modules/*.txt   the optimizer's result, one file a module
metrics.json    what the tables are made of
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from omegaconf import OmegaConf

from envs.cache import write_atomically
from experiments.errors import UsageError
from experiments.settings import differences
from experiments.summary import PointResult, summarize
from fgo.journal import Journal, read_events
from fgo.types import Json, Modules

_PATIENCE = 30.0  # seconds that a killed run's leftover processes get to let go of the folder


def unlike(header: Mapping[str, Json], about: Mapping[str, Json]) -> list[str]:
    """What makes two runs different ones, a line each: configuration, data, prompts, the simulation's code."""
    changed = differences(header["config"], about["config"])
    for key in ("environment", "prompts", "simulation"):
        if header.get(key) != about[key]:
            changed.append(f"{key}: {header.get(key)} -> {about[key]}")
    return changed


def journals_below(folders: Sequence[Path]) -> Iterator[Path]:
    """The journals in and below the folders, each once, sorted by folder. Raises UsageError where a folder has none."""
    seen: set[Path] = set()
    for folder in folders:
        journals = sorted(folder.rglob("journal.jsonl"))
        if not journals:
            raise UsageError(f"{folder} holds no journal.jsonl, nor does any folder below it")
        for journal in journals:
            if journal.resolve() not in seen:
                seen.add(journal.resolve())
                yield journal


class RunFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path / "journal.jsonl"

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Hold the folder against other processes; the system lets go of it however this one ends.

        Raises UsageError where another process goes on holding it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("a+") as file:
            deadline = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        file.seek(0)
                        raise UsageError(
                            f"the folder is in use by process {file.read().strip() or '?'}; wait for it, end it, or choose "
                            "another run_dir"
                        ) from None
                    await asyncio.sleep(0.2)
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            yield

    def finished(self, about: Mapping[str, Json]) -> bool:
        """Whether this very run (as `provenance.describe_run` tells it) has come to its end here."""
        if not self.journal.exists():
            return False
        header, finished = None, False
        for event in read_events(self.journal):
            header = header or (event if event["kind"] == "run" else None)
            finished = finished or event["kind"] == "finished"
        if not finished or header is None:
            return False
        return not unlike(header, about)

    def open(self, journal: Journal, about: Mapping[str, Json]) -> None:
        """Begin a journal, or go on with one of the same configuration, data and prompts.

        Raises UsageError, saying what changed, where the folder holds another run.
        """
        header = journal.header
        if header is None:
            config = OmegaConf.to_yaml(OmegaConf.create(dict(about["config"])))
            (self.path / "config.yaml").write_text(config, encoding="utf-8")
            (self.path / "run.json").write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))
            journal.append("run", **about)
        else:
            changed = unlike(header, about)
            if changed:
                raise UsageError(
                    "the folder holds a run of another configuration; it can't be gone on with. What changed:\n  "
                    + "\n  ".join(changed)
                    + "\nGive the earlier values, or another run_dir."
                )
        journal.append("session", pid=os.getpid(), dropped=journal.dropped)

    def results(self) -> PointResult:
        """What the finished run came to. Writes modules/ and metrics.json, unless an earlier session got so far."""
        result = summarize(self.journal)
        metrics = self.path / "metrics.json"  # comes last and at once, so that it stands for all of them
        if not metrics.exists():
            for event in read_events(self.journal):
                if event["kind"] == "modules" and event["id"] == "result":
                    self._write_modules(Modules.from_json(event["modules"]))
            write_atomically(metrics, orjson.dumps(result.to_json(), option=orjson.OPT_INDENT_2))
        return result

    def _write_modules(self, modules: Modules) -> None:
        folder = self.path / "modules"
        folder.mkdir(exist_ok=True)
        for name, text in modules.texts.items():
            (folder / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
