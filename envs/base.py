"""The protocol that every benchmark meets, so that optimizers, agents and tables need to know none of them.

A new benchmark is one folder beside this file and one YAML in `conf/env/` whose `_target_` names a frozen dataclass that
meets `Environment`: the dataclass' fields are the YAML's keys, checked by type; its `__post_init__` checks their values.
Fields with metadata {"affects_result": False} (a number of workers, say) may change when a run goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fgo.types import Json, Modules, Score, SimulatedBenchmark, Task, Tool


class EnvironmentFailure(Exception):
    """The machinery of an environment broke (a worker died, a file vanished). Never counts as a lost episode."""


class Episode(Protocol):
    """One attempt at one task. Used by one coroutine at a time: reset, steps, score, close (always, even after errors)."""

    async def reset(self) -> str:
        """Start; the opening observation, goal included."""

    async def step(self, action: str) -> tuple[str, bool]:
        """Carry an action out: (observation, whether the episode is over). Any text is allowed; nonsense gets an answer."""

    def score(self) -> Score:
        """What has been reached so far, by the benchmark's own rule. The step limit is the agent's affair, not a success."""

    def files(self) -> Mapping[str, bytes]:
        """What the task comes with that helper functions may read, by plain file name; empty where there is nothing."""

    async def close(self) -> None:
        """Release whatever the episode holds."""


class Environment(Protocol):
    """A benchmark. Cheap to construct; `prepare` does what is expensive. Raises `EnvironmentFailure` where it breaks."""

    @property
    def name(self) -> str: ...

    async def prepare(self) -> None:
        """Check or generate data, start workers. Raises ValueError / FileNotFoundError that say what to do next."""

    def tasks(self, split: str, n: int | None, seed: int) -> Sequence[Task]:
        """`n` tasks of a split (None: all) drawn by seed; a larger n with the same seed begins with the smaller one's.

        Splits: "train", "validation" (disjoint from train) and the benchmark's own test splits, named by `test_split`.
        Raises ValueError, naming the split and its size, where n is over it.
        """

    @property
    def test_split(self) -> str: ...

    def seed_modules(self) -> Modules:
        """The modules that optimization starts from, "instructions" at least."""

    def describe(self) -> str:
        """What an agent must always know: the world, the form of actions. Not open to optimization."""

    def tools(self) -> Sequence[Tool]:
        """The functions that agents may call, each call being an action; empty where actions are free text. Agents tell their
        model of them, `describe` need not."""

    def fingerprint(self) -> Mapping[str, Json]:
        """What a result depends on: data source, counts and hashes, versions of the engine; no text of tasks.

        "restricted": true where tasks may not be passed on (see `experiments.summary.is_restricted` for what follows). The
        messages of `EnvironmentFailure` must not quote such tasks.
        """

    async def open(self, task: Task) -> Episode: ...

    def solution(self, task: Task) -> Sequence[str] | None:
        """Actions known to solve the task (for `fgo oracle`), or None."""

    def simulated(self) -> SimulatedBenchmark:
        """What the simulated model needs to know of this benchmark."""

    async def close(self) -> None:
        """Stop workers. Safe to call twice."""
