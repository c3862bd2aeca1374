"""The embedded set written once a test process, and its tools, for tests that play on it."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from envs.gaia.embedded import write_set
from envs.gaia.scorer import is_right
from envs.gaia.texts import opening
from envs.gaia.tools.kit import ToolSettings, make_kit
from envs.toolbox import ToolError
from fgo.sandbox import PythonSession, SandboxConfig

_KEPT = []  # the folder lives as long as the process


@cache
def folder() -> Path:
    _KEPT.append(tempfile.TemporaryDirectory())
    target = Path(_KEPT[-1].name)
    write_set(target, 0)
    return target


@cache
def tasks() -> list[dict]:
    content = json.loads((folder() / "tasks.json").read_text())
    return [{**task, "split": split} for split, members in content.items() for task in members]


class Bench:
    """Answers actions on tasks as an episode does, each action once: what tools say depends on nothing else."""

    def __init__(self):
        self.kit = make_kit(
            ToolSettings(), folder() / "web.sqlite", lambda: PythonSession(SandboxConfig(unguarded="allow"))
        )
        self.sessions, self.seen = {}, {}

    async def act(self, task: Mapping, action: str) -> str:
        key = task["id"], action
        if key not in self.seen:
            name, _, arguments = action.partition(" ")
            if task["id"] not in self.sessions:
                files = {name: folder() / "files" / task["id"] / name for name in task["files"]}
                self.sessions[task["id"]] = self.kit.open(files)
            try:
                self.seen[key] = await self.sessions[task["id"]].call(name, json.loads(arguments))
            except ToolError as error:
                self.seen[key] = str(error)
        return self.seen[key]

    async def play(self, task: Mapping, simulated, heeds: Callable[[str, str], bool]) -> tuple[bool, str]:
        """(whether it was solved, the conversation after the system prompt)."""
        turns = [{"role": "system", "content": "GAIA"}]
        turns.append({"role": "user", "content": f"Observation: {opening(task['question'], task['files'])}"})
        for _ in range(15):
            reply = simulated.act(turns, heeds)
            turns.append({"role": "assistant", "content": reply})
            action = reply.split("\nAction: ", 1)[1]
            if action.startswith("final_answer "):
                answer = json.loads(action.partition(" ")[2])["answer"]
                said = "\n".join(turn["content"] for turn in turns[1:]) + "\nObservation: The answer is recorded."
                return is_right(answer, task["answer"]), said
            turns.append({"role": "user", "content": f"Observation: {await self.act(task, action)}"})
        return False, "\n".join(turn["content"] for turn in turns[1:])

    async def close(self):
        for session in self.sessions.values():
            await session.close()
        await self.kit.close()


def on_bench(work):
    """The result of a coroutine function that is given a bench."""

    async def run():
        bench = Bench()
        try:
            return await work(bench)
        finally:
            await bench.close()

    return asyncio.run(run())
