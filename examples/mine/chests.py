"""A whole environment: chests with codes that must be found. docs/extending-environment.md explains it."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fgo.types import Json, Lesson, Modules, Score, Task, Tool


@dataclass
class Chest:  # an episode: one attempt at one task
    code: int
    open: bool = False

    async def reset(self) -> str:
        self.open = False
        return "A chest with a code from 0 to 99. Your task is to: open the chest."

    async def step(self, action: str) -> tuple[str, bool]:  # any text may come, and gets an answer
        found = re.fullmatch(r"try (\d{1,2})", action)
        if not found:
            return "Nothing happens.", False
        self.open = int(found[1]) == self.code
        return "It opens." if self.open else "Higher." if int(found[1]) < self.code else "Lower.", self.open

    def score(self) -> Score:
        return Score(self.open, float(self.open))

    def files(self) -> Mapping[str, bytes]: return {}  # what helper functions may read
    async def close(self) -> None: ...  # always called, after errors too


@dataclass(frozen=True)
class Chests:  # the fields are the YAML's keys: their types are checked, their values by a __post_init__
    size: int = 40
    name = "chests"
    test_split = "test"

    async def prepare(self) -> None: ...  # check or generate data, start workers; may be called twice
    async def close(self) -> None: ...
    def tools(self) -> Sequence[Tool]: return ()  # functions that agents may call; none: actions are free text
    def seed_modules(self) -> Modules: return Modules({"instructions": "You open chests."})
    def fingerprint(self) -> Mapping[str, Json]: return {"benchmark": self.name, "size": self.size, "version": 1}
    async def open(self, task: Task) -> Chest: return Chest(task.data["code"])
    def solution(self, task: Task) -> Sequence[str]: return [f"try {task.data['code']}"]  # for `fgo oracle`
    def simulated(self) -> "Simulated": return Simulated()

    def describe(self) -> str:  # the agent is always told this
        return "A chest with a code. Actions: try NUMBER. The chest answers whether the code is higher or lower."

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        if split not in ("train", "validation", "test") or (n or 0) > self.size:
            raise ValueError(f"{n} tasks of split {split!r} were asked for; it has {self.size}")
        codes = random.Random(split)
        tasks = [Task(f"{split}-{i}", "open the chest", "", split, {"code": codes.randrange(100)}) for i in range(self.size)]
        random.Random(seed).shuffle(tasks)
        return tasks[:n]  # a larger n begins with the smaller one's tasks


@dataclass(frozen=True)
class Simulated:  # for the simulated model alone: what there is to learn, and how an agent plays that may lack it
    lessons: Sequence[Lesson] = (
        Lesson("halve", "When you choose a number, take the middle of what is left.", r"\bmiddle\b", r"Thought: I count on"),
    )
    misconceptions: Sequence[Lesson] = ()  # false rules that a model may make up

    def recognises(self, system_prompt: str) -> bool: return "chest" in system_prompt

    def act(self, turns: Sequence[Mapping[str, Json]], heeds: Callable[[str, str], bool]) -> str:
        said = "\n".join(turn["content"] for turn in turns if turn["role"] != "system")
        tries = [(int(number), answer) for number, answer in re.findall(r"Action: try (\d+)\nObservation: (\w+)", said)]
        low = max((number + 1 for number, answer in tries if answer == "Higher"), default=0)
        high = min((number - 1 for number, answer in tries if answer == "Lower"), default=99)
        middle = f"Thought: I take the middle.\nAction: try {(low + high) // 2}"
        return middle if heeds("halve", f"{low} {high}") else f"Thought: I count on.\nAction: try {low}"
