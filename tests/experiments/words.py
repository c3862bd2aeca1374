"""A whole point without litellm or a benchmark: words to be said as an environment, a model that learns them, settings for both.

Neither stands in conf/: they are found by Hydra's search path, as a stranger's own would be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.composition import settings_of
from experiments.settings import Settings
from experiments.summary import PointResult
from experiments.table_formats import markdown
from experiments.tables import study_table
from fgo.journal import read_events
from fgo.llm.provider import AttemptFailed, Completion
from fgo.llm.types import Caller, Request
from fgo.types import Json, Modules, SimulatedBenchmark, Task, Tool, Usage
from tests.fakes import SEED, WORDS, WordEpisode
from tests.fgo.optimizers.teacher import teach

CONF = Path(__file__).parent / "conf"
SEARCH = f"hydra.searchpath=[file://{CONF}]"


@dataclass(frozen=True)
class Words:
    """Eight words to be said; `train` training tasks and as many of each other split as are asked for.

    prepared: file that is made when the environment is prepared. pause: seconds before an episode is open.
    broken: id of a task that can't be opened.
    """

    train: int = 8
    prepared: str | None = field(default=None, metadata={"affects_result": False})
    pause: float = field(default=0.0, metadata={"affects_result": False})
    broken: str | None = field(default=None, metadata={"affects_result": False})

    @property
    def name(self) -> str:
        return "words"

    @property
    def test_split(self) -> str:
        return "test"

    async def prepare(self) -> None:
        if self.prepared is not None:
            await asyncio.to_thread(Path(self.prepared).touch)

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        size = 8 if n is None else n
        if split == "train" and size > self.train:
            raise ValueError(f"{n} tasks of the split 'train' were asked for; it has {self.train}.")
        shift = seed if split != "test" else 0
        return [
            Task(f"{split}-{index}", "say the word", "even" if index % 2 == 0 else "odd", split,
                 {"word": WORDS[(index + shift) % 8]})
            for index in range(size)
        ]  # fmt: skip

    def seed_modules(self) -> Modules:
        return SEED

    def describe(self) -> str:
        return "A world of words. Actions: say WORD."

    def tools(self) -> Sequence[Tool]:
        return ()

    def fingerprint(self) -> Mapping[str, Json]:
        return {"benchmark": "words", "train": self.train}

    async def open(self, task: Task) -> WordEpisode:
        await asyncio.sleep(self.pause)
        if task.id == self.broken:
            raise OSError("the word is lost")
        return WordEpisode(task.data["word"])

    def solution(self, task: Task) -> Sequence[str]:
        return [f"say {task.data['word']}"]

    def simulated(self) -> SimulatedBenchmark:
        raise ValueError("no lessons")

    async def close(self) -> None:
        return None


_ROLES = {"You review": "evaluator", "You improve": "optimizer", "You merge": "merger"}


@dataclass
class Teacher:
    """The teaching model as a provider. `refuses` says which of the calls fail, by their number from 0."""

    seconds: float = 0.0
    refuses: Callable[[int], bool] = lambda number: False
    calls: int = 0

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        number, self.calls = self.calls, self.calls + 1
        await asyncio.sleep(self.seconds)
        if self.refuses(number):
            raise AttemptFailed("out of order", name="ServiceUnavailable", retry=True)
        system = str(request.messages[0]["content"])
        role = next((role for opening, role in _ROLES.items() if system.startswith(opening)), "agent")
        text = teach(request, Caller(role, "explore"))  # type: ignore[arg-type]
        prompt = sum(len(str(message["content"])) for message in request.messages) // 4
        return Completion(text, "stop", Usage(prompt_tokens=prompt, completion_tokens=len(text) // 4), seconds=0.0)

    async def close(self) -> None:
        return None


def overrides(folder: Path, *more: str) -> list[str]:
    """A small point of words and teacher that keeps everything below `folder`."""
    return [
        SEARCH, "env=words", "model=teacher", "tracker=none", f"runs={folder}", "agent.max_steps=4", "train_size=4",
        "validation_size=2", "test_size=4", *more,
    ]  # fmt: skip


def settings(folder: Path, *more: str) -> Settings:
    return settings_of(overrides(folder, *more))


def table(results: Sequence[PointResult]) -> str:
    return markdown(study_table(results, "words", "Words"))


def modules_of(folder: Path) -> dict[str, str]:
    """File name -> text, of a finished run."""
    return {path.name: path.read_text() for path in sorted((folder / "modules").iterdir())}


def events(folder: Path, *kinds: str) -> list[dict[str, Json]]:
    return [event for event in read_events(folder / "journal.jsonl") if not kinds or event["kind"] in kinds]


def assert_nothing_was_paid_twice(folder: Path) -> None:
    calls = events(folder, "call")
    paid = [call for call in calls if not call["cached"]]
    assert paid
    assert len({call["id"] for call in calls}) == len(calls)
    assert len({call["key"] for call in paid}) == len(paid)
