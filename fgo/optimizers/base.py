"""What an optimizer is, and the little it may use: tasks, modules, trajectories and a `Lab`. It never sees the test split.

A new optimizer is one file in this folder and one YAML in `conf/optimizer/` whose `_target_` names a frozen dataclass with
an `optimize` method; the dataclass' fields are the YAML's keys.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fgo.optimizers.shapes import Shape
from fgo.types import Json, Modules, Phase, Role, Task, Trajectory
from fgo.types import Misconfigured as Misconfigured

T = TypeVar("T")


class Unusable(Exception):
    """A parser's verdict on model output; the message tells the model what to write instead. form: how to write it, which a
    model that is held to a schema must not be told, as its form is another."""

    def __init__(self, problem: str, form: str = "") -> None:
        super().__init__(f"{problem} {form}" if form else problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Validation:
    """How modules did on the fixed validation sample: task id -> value in [0, 1], the same tasks for everyone."""

    modules: str
    scores: Mapping[str, float]

    @property
    def mean(self) -> float:
        return sum(self.scores.values()) / len(self.scores)


class Lab(Protocol):
    """An optimizer's hands: run the agent, ask a model, draw at random, write the journal, see what is left to spend."""

    async def explore(self, modules: Modules, tasks: Sequence[Task], repeat: int = 0) -> list[Trajectory]:
        """Run the agent on training tasks; trajectories in the tasks' order. `repeat` numbers independent attempts."""

    async def validate(self, modules: Modules) -> Validation:
        """Run the agent on the run's validation sample. The same modules are never run on it twice."""

    async def ask(
        self,
        role: Role,
        phase: Phase,
        system: str,
        pieces: Sequence[Piece],
        parse: Callable[[str], T],
        shape: Shape | None = None,
    ) -> Asked[T]:
        """Ask a model; its reply parsed, asked again with the parser's complaint where it is unusable or truncated.

        shape: what the reply is held to where the model's server can do that (`model.structured`).
        """

    def groups(self, role: Role, system: str, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """The prompts that the pieces make: one, or several under the overflow policy "split"."""

    def record(self, kind: str, **fields: Json) -> None:
        """Add an event to the journal, under an id derived from its kind, scope and fields."""

    def rng(self, purpose: str) -> random.Random:
        """A generator seeded by (run seed, scope, purpose): equal in every run of the same configuration."""

    def within(self, share: float = 1.0, **scope: Json) -> Lab:
        """A lab for a part of the work: its scope in every event, `share` of what is left of the budget."""

    def share(self, work: int, aside: int) -> float:
        """What part of the allowance `work` episodes may use if `aside` episodes are to stay affordable afterwards."""

    def affords(self, episodes: int = 0) -> bool:
        """Whether the optimizer's budget still allows this many episodes (and, under a token budget, any call at all)."""

    @property
    def validation_size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt. With a label it may be left out when the prompt exceeds the window (and that is journalled)."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """A usable answer (or None with the last problem), and the labels of the pieces that the model saw."""

    answer: T | None
    problem: str
    shown: tuple[str, ...]


class Optimizer(Protocol):
    """Something that turns modules into better ones by means of training tasks."""

    async def optimize(self, seed: Modules, tasks: Sequence[Task], lab: Lab) -> Modules: ...

    def episodes(self, tasks: int, validation_size: int) -> int:
        """How many episodes of training and validation it plays at most, without an allowance: for plans and progress."""
