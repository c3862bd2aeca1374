"""Joins the tools: what a configuration offers, and for each episode a session that answers calls.

kit = make_kit(ToolSettings(), corpus=path)
session = kit.open({"data.xlsx": path})
observation = await session.call("read_file", {"path": "data.xlsx"})
session.costs.counts()
await session.close()
await kit.close()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol, get_args

from envs.gaia.tools.attachments import Attachments
from envs.gaia.tools.costs import CallCost, Costs
from envs.gaia.tools.file_tool import READ_FILE, FileTool
from envs.gaia.tools.pool import ReaderLimits, ReaderPool
from envs.gaia.tools.python_tool import PYTHON, CodeSession, PythonTool
from envs.gaia.tools.transcription import OpenAiTranscriber, Transcriber
from envs.gaia.tools.web.corpus import CorpusWeb
from envs.gaia.tools.web.fetch import Fetcher
from envs.gaia.tools.web.live import LiveWeb, Serper, Tavily
from envs.gaia.tools.web.types import Web
from envs.gaia.tools.web_tools import VISIT, WEB_SEARCH, SearchTool, VisitTool
from envs.toolbox import ToolError
from fgo.types import Json, Tool

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (READ_FILE, PYTHON, WEB_SEARCH, VISIT)}
WEB_TOOLS = (WEB_SEARCH.name, VISIT.name)
_LIBRARIES = (
    "PIL", "bs4", "docx", "httpx", "lxml", "markdownify", "mutagen", "openpyxl", "pptx", "pypdf", "rapidocr_onnxruntime",
)  # fmt: skip

WebKind = Literal["corpus", "serper", "tavily"]
Images = Literal["ocr", "none"]
Transcription = Literal["none", "openai"]


@dataclass(frozen=True, slots=True)
class ToolSettings:
    """tools: which of the four are offered, in this order. page_chars: characters of a page of an observation. workers:
    processes that read files. dollars_*: prices of paid services, for the report. unset parts keep their defaults."""

    tools: Sequence[str] = tuple(TOOLS)
    web: WebKind = "corpus"
    images: Images = "ocr"
    transcription: Transcription = "none"
    page_chars: int = 8000
    workers: int = 2
    limits: ReaderLimits = field(default_factory=ReaderLimits)
    transcription_model: str = "whisper-1"
    transcription_url: str = "https://api.openai.com/v1"
    dollars_per_search: float = 0.0
    dollars_per_audio_minute: float = 0.0

    def __post_init__(self) -> None:
        unknown = [name for name in self.tools if name not in TOOLS]
        if unknown or len(set(self.tools)) != len(self.tools):
            raise ValueError(f"tools={list(self.tools)}: expected some of {', '.join(TOOLS)}, each once")
        for key, allowed in (("web", WebKind), ("images", Images), ("transcription", Transcription)):
            if getattr(self, key) not in get_args(allowed):
                raise ValueError(f"{key}={getattr(self, key)!r}: expected one of {', '.join(get_args(allowed))}")
        for key, least in (
            ("page_chars", 500),
            ("workers", 1),
            ("dollars_per_search", 0),
            ("dollars_per_audio_minute", 0),
        ):
            if getattr(self, key) < least:
                raise ValueError(f"{key}={getattr(self, key)}: expected at least {least}")


class _Handler(Protocol):
    """A tool of one episode."""

    async def call(self, arguments: Mapping[str, Json], cost: CallCost) -> str: ...

    async def close(self) -> None: ...


class ToolSession:
    """The tools of one episode. Used by one coroutine at a time."""

    def __init__(self, handlers: Mapping[str, _Handler]) -> None:
        self.costs = Costs()
        self._handlers = handlers

    async def call(self, name: str, arguments: Mapping[str, Json]) -> str:
        """The observation. The arguments meet the tool's schema (see `Toolbox.parse`). Raises ToolError for what the agent can
        mend, EnvironmentFailure where a service that a tool needs is at fault."""
        handler = self._handlers.get(name)
        if handler is None:
            raise ToolError(f"There is no tool {name!r}. Tools: {', '.join(self._handlers)}.")
        with self.costs.measuring(name) as cost:
            return await handler.call(arguments, cost)

    async def close(self) -> None:
        """End what the episode's tools hold. Safe to call twice."""
        for handler in self._handlers.values():
            await handler.close()


@dataclass(frozen=True)
class ToolKit:
    """The tools of an environment. `close` it: it holds processes and connections."""

    settings: ToolSettings
    pool: ReaderPool
    web: Web | None
    transcriber: Transcriber | None
    new_python: Callable[[], CodeSession]

    @property
    def tools(self) -> Sequence[Tool]:
        return [TOOLS[name] for name in self.settings.tools]

    def open(self, files: Mapping[str, Path]) -> ToolSession:
        """A session for one episode. files: the task's, by plain name; links among them are refused when they are read."""
        attached = Attachments(files)
        return ToolSession({name: self._handler(name, attached) for name in self.settings.tools})

    def fingerprint(self) -> Mapping[str, Json]:
        """What observations depend on."""
        about: dict[str, Json] = {
            "tools": list(self.settings.tools),
            "web": self.settings.web,
            "images": self.settings.images,
            "transcription": self.settings.transcription,
            "page_chars": self.settings.page_chars,
        }
        if isinstance(self.web, CorpusWeb):
            about["corpus"] = dict(self.web.fingerprint())
        return about

    async def close(self) -> None:
        """Safe to call twice."""
        await self.pool.close()
        if self.web is not None:
            await self.web.close()

    def _handler(self, name: str, files: Attachments) -> _Handler:
        settings, recognise = self.settings, self.settings.images == "ocr"
        if name == READ_FILE.name:
            return FileTool(files, self.pool, settings.page_chars, self.transcriber, recognise)
        if name == PYTHON.name:
            return PythonTool(files, self.new_python)
        assert self.web is not None  # make_kit sees to it
        if name == WEB_SEARCH.name:
            return SearchTool(self.web)
        return VisitTool(self.web, self.pool, settings.page_chars, recognise)


def make_kit(
    settings: ToolSettings, corpus: Path | None = None, new_python: Callable[[], CodeSession] | None = None
) -> ToolKit:
    """Make the tools ready. corpus: the web's file where settings.web is "corpus". new_python: makes a Python session; without
    it the sandbox's, with its default limits.

    Raises ValueError, which says what to do, where a library, a key or the corpus is missing.
    """
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        raise ValueError(
            f"GAIA's tools need libraries that are missing ({', '.join(missing)}): install the extra [gaia]"
        )
    web = _web(settings, corpus) if any(name in WEB_TOOLS for name in settings.tools) else None
    return ToolKit(
        settings, ReaderPool(settings.workers, settings.limits), web, _transcriber(settings), new_python or _sandbox
    )


def _web(settings: ToolSettings, corpus: Path | None) -> Web:
    if settings.web != "corpus":
        return LiveWeb(Serper() if settings.web == "serper" else Tavily(), Fetcher(), settings.dollars_per_search)
    if corpus is None:
        raise ValueError(
            "these tasks bring no web corpus: choose env.web=serper or env.web=tavily, or tools without web_search and visit"
        )
    web = CorpusWeb(corpus)
    web.fingerprint()  # A broken file is found now, not in an episode.
    return web


def _transcriber(settings: ToolSettings) -> Transcriber | None:
    if settings.transcription == "none":
        return None
    return OpenAiTranscriber(
        settings.transcription_model, settings.transcription_url, settings.dollars_per_audio_minute
    )


def _sandbox() -> CodeSession:
    from fgo.sandbox import PythonSession, SandboxConfig

    return PythonSession(SandboxConfig())
