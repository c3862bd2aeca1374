"""Small honest stand-ins for the parts at a test's edge: a scripted model behind the door, and a world with one rule.

In the world a task is won by saying its word. The word stands in the observation after a wrong try, so an agent that reads
can win in two steps, and an instruction "say the word W" wins at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fgo.agents.react import ReAct
from fgo.journal import Journal
from fgo.lab import AskingConfig, LiveLab
from fgo.llm.config import ModelConfig, Prices
from fgo.llm.model import Model
from fgo.llm.types import Caller, Message, Reply, Request
from fgo.optimizers.allowance import Allowance, AllowanceConfig
from fgo.rollout import Rollouts
from fgo.sandbox import SandboxConfig
from fgo.types import Modules, Score, Task, Tool, Usage

Answer = Callable[[Request, Caller], str | Reply | BaseException]


@dataclass
class ScriptedDoor:
    """Answers by a function of request and caller; remembers who asked what. Counts four characters as a token."""

    answer: Answer
    asked: list[tuple[Request, Caller]] = field(default_factory=list)

    async def complete(self, request: Request, caller: Caller) -> Reply:
        self.asked.append((request, caller))
        await asyncio.sleep(0)
        answer = self.answer(request, caller)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Reply):
            return answer
        return Reply(answer, "stop", Usage(self.count_tokens(request.messages), 0, len(answer) // 4, 0, 0.001))

    def count_tokens(self, messages: tuple[Message, ...]) -> int:
        return sum(len(str(message["content"])) // 4 + 1 for message in messages)


@dataclass
class WordEpisode:
    word: str
    breaks_at: int | None = None
    won: bool = False
    steps: int = 0
    closed: bool = False

    async def reset(self) -> str:
        return "Say the secret word."

    async def step(self, action: str) -> tuple[str, bool]:
        self.steps += 1
        if self.steps == self.breaks_at:
            raise OSError("the world broke")
        self.won = action == f"say {self.word}"
        return ("Right." if self.won else f"Wrong, the word was {self.word}."), self.won

    def score(self) -> Score:
        return Score(self.won, float(self.won))

    def files(self) -> Mapping[str, bytes]:
        return {}

    async def close(self) -> None:
        self.closed = True


@dataclass
class WordWorld:
    """`failures`: how many of the next episodes break at their first step."""

    failures: int = 0
    opened: list[WordEpisode] = field(default_factory=list)

    def describe(self) -> str:
        return "A world of words. Actions: say WORD."

    def tools(self) -> Sequence[Tool]:
        return ()

    async def open(self, task: Task) -> WordEpisode:
        breaks = self.failures > 0
        self.failures -= breaks
        episode = WordEpisode(task.data["word"], 1 if breaks else None)
        self.opened.append(episode)
        return episode


WORDS = ("apple", "pear", "plum", "fig", "lime", "kiwi", "date", "sloe")
SEED = Modules({"instructions": "Be brief.", "demonstrations": ""})


def word_tasks(n: int, start: int = 0) -> list[Task]:
    return [
        Task(
            f"task-{index}",
            f"say word {index}",
            "even" if index % 2 == 0 else "odd",
            "train",
            {"word": WORDS[index % 8]},
        )
        for index in range(start, start + n)
    ]


def model_config(**changes: object) -> ModelConfig:
    settings = {"name": "fake/model", "window": 100_000, "prices": Prices(1.0, 2.0), **changes}
    settings.setdefault("max_output", min(4096, int(str(settings["window"]))))
    return ModelConfig(**settings)  # type: ignore[arg-type]


def make_rollouts(
    folder: Path,
    answer: Answer,
    world: WordWorld | None = None,
    concurrency: int = 4,
    agent: ReAct = ReAct(max_steps=4),
    sandbox: SandboxConfig = SandboxConfig(),
) -> tuple[Rollouts, ScriptedDoor]:
    door = ScriptedDoor(answer)
    journal = Journal(folder / "journal.jsonl")
    model = Model(door, model_config(), journal)
    slots = asyncio.Semaphore(concurrency)
    return Rollouts(world or WordWorld(), agent, model, journal, 0, slots, concurrency, tries=2, sandbox=sandbox), door


def make_lab(
    folder: Path,
    answer: Answer,
    *,
    validation: Sequence[Task] | None = None,
    asking: AskingConfig = AskingConfig(),
    allowance: AllowanceConfig = AllowanceConfig(),
    window: int = 100_000,
) -> tuple[LiveLab, ScriptedDoor]:
    rollouts, door = make_rollouts(folder, answer)
    model = Model(door, model_config(window=window), rollouts.journal)
    tasks = word_tasks(4, start=100) if validation is None else validation
    lab = LiveLab(rollouts, model, rollouts.journal, asking, tasks, 0, Allowance.of(allowance))
    return lab, door


def say(word: str) -> str:
    return f"Thought: I know it.\nAction: say {word}"


def obey(request: Request, caller: Caller) -> str:
    """An agent that says the words its instructions teach (`word: W`), one after another, and then gives up."""
    system = str(request.messages[0]["content"])
    instructions = system.split("<instructions>")[1].split("</instructions>")[0]
    words = [line.removeprefix("- word:").strip() for line in instructions.splitlines() if line.startswith("- word:")]
    turn = sum(message["role"] == "assistant" for message in request.messages)
    return say(words[turn] if turn < len(words) else "nothing")
