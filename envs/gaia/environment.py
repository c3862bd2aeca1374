"""GAIA as an environment of this harness: questions to be answered with tools, scored by the leaderboard's rule.

One class joins the parts: library.py finds the questions, records.py divides and draws them, tools/ are what an agent
may use, episode.py is an attempt, scorer.py the rule. README.md says what the splits hold and what GAIA's terms ask.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from envs.cache import cache_folder
from envs.gaia import texts
from envs.gaia.episode import GaiaEpisode
from envs.gaia.library import HIDDEN, SOURCES, SPLITS, Library, embedded_library, official_library, resolve_source
from envs.gaia.official import LEVELS
from envs.gaia.records import Record, draw_order
from envs.gaia.tools.kit import TOOLS, WEB_TOOLS, Images, ToolKit, ToolSettings, Transcription, WebKind, make_kit
from envs.toolbox import Toolbox
from fgo.sandbox import PythonSession, Refused, SandboxConfig, isolation
from fgo.types import Json, Modules, SimulatedBenchmark, Task, Tool

_log = logging.getLogger(__name__)

_NO_EFFECT = {"affects_result": False}  # such keys may change when a run goes on


@dataclass
class _Runtime:
    """What `prepare` sets up: everything about an environment that is not configuration."""

    library: Library | None = None
    records: Mapping[tuple[str, str], Record] = field(default_factory=dict)
    toolbox: Toolbox | None = None
    tools: Mapping[str, Json] = field(default_factory=dict)
    kit: ToolKit | None = None


@dataclass(frozen=True)
class Gaia:
    """GAIA's questions. The fields are the keys of conf/env/gaia.yaml, explained there."""

    source: str = "auto"
    data: str | None = field(default=None, metadata=_NO_EFFECT)
    level: int | str = "all"
    split: str = "test"
    feedback: Literal["answer", "verdict"] = "answer"
    validation_share: float = 0.2
    test_share: float = 0.5
    embedded_seed: int = 0
    toolset: tuple[str, ...] = tuple(TOOLS)
    web: WebKind = "corpus"
    images: Images = "ocr"
    transcription: Transcription = "none"
    transcription_model: str = "whisper-1"
    transcription_url: str = "https://api.openai.com/v1"
    page_chars: int = 8000
    sandbox: SandboxConfig = field(default_factory=SandboxConfig)
    workers: int = field(default=2, metadata=_NO_EFFECT)
    dollars_per_search: float = field(default=0.0, metadata=_NO_EFFECT)
    dollars_per_audio_minute: float = field(default=0.0, metadata=_NO_EFFECT)
    cache: str | None = field(default=None, metadata=_NO_EFFECT)

    def __post_init__(self) -> None:
        _require(self.source in SOURCES, "source", self.source, f"one of {', '.join(SOURCES)}")
        _require(self.level in ("all", *LEVELS), "level", self.level, "all, 1, 2 or 3")
        _require(self.split in SPLITS, "split", self.split, f"one of {', '.join(SPLITS)}")
        if self.split == HIDDEN:
            _require(
                self.source != "embedded", "split", self.split, f"{SPLITS[0]}: only the official data have another"
            )
        for key in ("validation_share", "test_share"):
            _require(0 < getattr(self, key) < 1, key, getattr(self, key), "a number between 0 and 1")
        _require(
            self.validation_share + self.test_share < 1,
            "test_share",
            self.test_share,
            "less than 1 - env.validation_share",
        )
        unknown = [name for name in self.toolset if name not in TOOLS]
        _require(not unknown, "toolset", list(self.toolset), f"a list of {', '.join(TOOLS)}")
        try:
            self._settings(self.toolset)
        except ValueError as error:
            raise ValueError(f"env.{error}") from error

    @property
    def name(self) -> str:
        return "gaia"

    @property
    def test_split(self) -> str:
        return self.split

    async def prepare(self) -> None:
        """Find the questions, fetch or write them, and make the tools ready.

        Raises FileNotFoundError where official data are wanted and not to be had, ValueError where data are broken or a tool
        lacks what it needs, Refused where Python has no sandbox.
        """
        runtime = self._runtime
        if runtime.kit is not None:
            return
        library = await asyncio.to_thread(self._find_questions)
        kit = await asyncio.to_thread(self._make_kit, library)
        runtime.toolbox, runtime.tools = Toolbox((*kit.tools, texts.FINAL_ANSWER)), kit.fingerprint()
        runtime.records = {
            (split, record.id): record for split, records in library.splits.items() for record in records
        }
        runtime.library, runtime.kit = library, kit

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        """See `Environment.tasks`. Draws are nested and stratified by level. A task's goal is its question."""
        records = self._library.records(split)
        if n is not None and not 0 <= n <= len(records):
            raise ValueError(f"{n} tasks of the GAIA split {split!r} were asked for; it has {len(records)}.")
        return [
            Task(record.id, record.question, record.category, split) for record in draw_order(records, split, seed)[:n]
        ]

    def seed_modules(self) -> Modules:
        return Modules(texts.SEED_MODULES)

    def describe(self) -> str:
        return texts.DESCRIPTION

    def tools(self) -> Sequence[Tool]:
        return self._toolbox.tools

    def fingerprint(self) -> Mapping[str, Json]:
        """Source, counts and digests, never text; "restricted" where nothing of the tasks may leave this machine."""
        return {"benchmark": self.name, **self._library.fingerprint(), "tools": dict(self._runtime.tools)}

    async def open(self, task: Task) -> GaiaEpisode:
        if self._runtime.kit is None:
            raise RuntimeError("this Gaia is not prepared, or closed: await its prepare() before open()")
        return GaiaEpisode(
            self._record(task),
            self._toolbox,
            self._runtime.kit.open,
            self.feedback if task.split == "train" else "none",
            quiet=self._restricted,
        )

    def solution(self, task: Task) -> Sequence[str] | None:
        """The embedded set's own; of an official question its answer, which shows that the scorer takes it; None where hidden."""
        record = self._record(task)
        if record.solution or record.answer is None:
            return record.solution or None
        return [f"{texts.FINAL_ANSWER.name} {json.dumps({'answer': record.answer})}"]

    def simulated(self) -> SimulatedBenchmark:
        from envs.gaia.simulated import GaiaSimulated

        return GaiaSimulated()

    async def close(self) -> None:
        kit, self._runtime.kit = self._runtime.kit, None
        if kit is not None:
            await kit.close()

    @cached_property
    def _runtime(self) -> _Runtime:
        return _Runtime()

    @property
    def _library(self) -> Library:
        if self._runtime.library is None:
            raise RuntimeError("this Gaia is not prepared: await its prepare() first")
        return self._runtime.library

    @property
    def _toolbox(self) -> Toolbox:
        if self._runtime.toolbox is None:
            raise RuntimeError("this Gaia is not prepared: await its prepare() first")
        return self._runtime.toolbox

    @property
    def _restricted(self) -> bool:
        return bool(self._library.about.get("restricted"))

    def _record(self, task: Task) -> Record:
        return self._runtime.records[task.split, task.id]

    def _find_questions(self) -> Library:
        level = self.level if isinstance(self.level, int) else None
        source = resolve_source(self.source, self.data)
        if source == "official":
            library = official_library(self.data, self.split, level, self.test_share, self.validation_share)
        elif self.split == HIDDEN:
            raise FileNotFoundError("env.split=hidden_test: only the official data have it; choose env.source=official")
        else:
            library = embedded_library(cache_folder(self.cache, "gaia"), self.embedded_seed, level)
        if self.source == "auto":
            _log.warning("GAIA questions: %s (%s)", source.upper(), library.folder)
        return library

    def _make_kit(self, library: Library) -> ToolKit:
        """Raises ValueError or Refused, before anything is spent, where a tool can't work here."""
        names = self.toolset
        if library.corpus is None and self.web == "corpus" and set(names) & set(WEB_TOOLS):
            names = tuple(name for name in names if name not in WEB_TOOLS)
            _log.warning(
                "official questions are about the real web, which env.web=corpus is not: %s are left out. Choose env.web=serper "
                "or env.web=tavily.",
                " and ".join(WEB_TOOLS),
            )
        if "python" in names and self.sandbox.unguarded == "refuse" and not isolation().guarded:
            raise Refused(
                f"{isolation().why} Or leave the tool out (env.toolset), or accept the risk (sandbox.unguarded=allow): "
                f"{isolation().statement}"
            )
        return make_kit(self._settings(names), library.corpus, lambda: PythonSession(self.sandbox))

    def _settings(self, names: Sequence[str]) -> ToolSettings:
        return ToolSettings(
            tools=tuple(names),
            web=self.web,
            images=self.images,
            transcription=self.transcription,
            page_chars=self.page_chars,
            workers=self.workers,
            transcription_model=self.transcription_model,
            transcription_url=self.transcription_url,
            dollars_per_search=self.dollars_per_search,
            dollars_per_audio_minute=self.dollars_per_audio_minute,
        )


def _require(condition: bool, key: str, value: object, allowed: str) -> None:
    if not condition:
        raise ValueError(f"env.{key}={value}: must be {allowed}")
