"""LogisticsQA as an environment of this harness: which transport references does a document belong to?

One class joins the parts: library.py finds documents or has them generated, splits.py chooses among them, episode.py
lets an agent read one and answer. README.md says what the splits hold.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from envs.base import EnvironmentFailure
from envs.cache import cache_folder
from envs.logisticsqa.data import folder_of
from envs.logisticsqa.documents import Document, DocumentError, load_document
from envs.logisticsqa.episode import LogisticsEpisode, Rules
from envs.logisticsqa.library import SOURCES, Library, generated_library, released_library, resolve_source
from envs.logisticsqa.splits import draw_order
from envs.logisticsqa.texts import DESCRIPTION, GOAL, SEED_MODULES
from envs.logisticsqa.tools import ANSWER, TOOLS
from envs.logisticsqa.xpath import XPathWorker
from fgo.types import Json, Modules, SimulatedBenchmark, Task, Tool

_log = logging.getLogger(__name__)

_FEEDBACK = ("answer", "verdict")
_NO_EFFECT = {"affects_result": False}  # such keys may change when a run goes on
_PROTOCOL = 1
"""Raise it with every change of what an agent sees or of how its answers are scored."""


@dataclass
class _Runtime:
    """What `prepare` sets up: everything about an environment that is not configuration."""

    library: Library | None = None
    worker: XPathWorker = field(default_factory=XPathWorker)


@dataclass(frozen=True)
class LogisticsQA:
    """Invoices and their transport references. The fields are the keys of conf/env/logisticsqa.yaml, explained there."""

    source: str = "auto"
    data: str | None = field(default=None, metadata=_NO_EFFECT)
    feedback: str = "answer"
    validation_share: float = 0.2
    test_share: float = 0.3
    generated_seed: int = 0
    generated_train: int = 240
    generated_validation: int = 60
    generated_test: int = 120
    page_chars: int = 24_000
    max_document_mb: float = 10.0
    cache: str | None = field(default=None, metadata=_NO_EFFECT)

    def __post_init__(self) -> None:
        _require(self.source in SOURCES, "source", self.source, f"one of {', '.join(SOURCES)}")
        _require(self.feedback in _FEEDBACK, "feedback", self.feedback, f"one of {', '.join(_FEEDBACK)}")
        for key in ("validation_share", "test_share"):
            _require(0 < getattr(self, key) < 1, key, getattr(self, key), "a number between 0 and 1")
        shares = self.validation_share + self.test_share
        _require(shares < 1, "test_share", self.test_share, "below 1 together with validation_share")
        for key in ("generated_train", "generated_validation", "generated_test"):
            _require(getattr(self, key) > 0, key, getattr(self, key), "a positive number of documents")
        _require(self.page_chars >= 1000, "page_chars", self.page_chars, "at least 1000 characters")
        _require(self.max_document_mb > 0, "max_document_mb", self.max_document_mb, "a positive number")

    @property
    def name(self) -> str:
        return "logisticsqa"

    @property
    def test_split(self) -> str:
        return "test"

    async def prepare(self) -> None:
        """Read the documents and answers, or generate them (once: they stay in the cache).

        Raises FileNotFoundError where released data is wanted and missing, ValueError where it can't be understood.
        """
        if self._runtime.library is None:
            self._runtime.library = await asyncio.to_thread(self._find_documents)

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        """See `Environment.tasks`. Draws are nested and stratified by category (splits.py says how)."""
        entries = self._library.entries(split)
        if n is not None and not 0 <= n <= len(entries):
            raise ValueError(f"{n} tasks of the LogisticsQA split {split!r} were asked for; it has {len(entries)}.")
        return [
            Task(entry.id, GOAL, entry.category, split)  # the answer stays here: tasks go where agents are
            for entry in draw_order(entries, split, seed)[:n]
        ]

    def seed_modules(self) -> Modules:
        return Modules(SEED_MODULES)

    def describe(self) -> str:
        return DESCRIPTION

    def tools(self) -> Sequence[Tool]:
        return TOOLS

    def fingerprint(self) -> Mapping[str, Json]:
        """Source, protocol, and of each split its size and a digest of its documents and answers."""
        return {"benchmark": self.name, "protocol": _PROTOCOL, **self._library.fingerprint()}

    async def open(self, task: Task) -> LogisticsEpisode:
        entry = self._library.entry(task.split, task.id)
        document = await asyncio.to_thread(self._load, entry.path)
        rules = Rules(self.feedback if task.split == "train" else "none", self.page_chars)
        return LogisticsEpisode(document, task.goal, entry.answer, self._runtime.worker, rules)

    def solution(self, task: Task) -> Sequence[str] | None:
        """For generated documents the actions that find the answer, for others the answer alone."""
        entry = self._library.entry(task.split, task.id)
        answer = json.dumps({"references": list(entry.answer)}, ensure_ascii=False)
        return entry.solution or [f"{ANSWER} {answer}"]

    def simulated(self) -> SimulatedBenchmark:
        from envs.logisticsqa.simulated import LogisticsQASimulated

        return LogisticsQASimulated()

    async def close(self) -> None:
        await asyncio.to_thread(self._runtime.worker.close)

    @cached_property
    def _runtime(self) -> _Runtime:
        return _Runtime()

    @property
    def _max_bytes(self) -> int:
        return int(self.max_document_mb * 1_000_000)

    @property
    def _library(self) -> Library:
        if self._runtime.library is None:
            raise RuntimeError("this LogisticsQA is not prepared: await its prepare() before asking for tasks")
        return self._runtime.library

    def _load(self, path: Path) -> Document:
        try:
            return load_document(path, self._max_bytes)
        except DocumentError as error:  # it could be used when the environment was prepared
            raise EnvironmentFailure(f"a document changed while it was in use: {error}") from error

    def _find_documents(self) -> Library:
        source = resolve_source(self.source, self.data)
        if source == "released":
            library = released_library(folder_of(self.data), self.validation_share, self.test_share, self._max_bytes)
        else:
            sizes = {
                "train": self.generated_train,
                "validation": self.generated_validation,
                "test": self.generated_test,
            }
            library = generated_library(cache_folder(self.cache, self.name), self.generated_seed, sizes)
        if self.source == "auto":
            _log.warning("LogisticsQA documents: %s (%s)", library.source.upper(), library.folder)
        return library


def _require(condition: bool, key: str, value: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"env.{key}={value}: must be {allowed}")
