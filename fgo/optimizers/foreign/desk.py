"""What a foreign engine may do, from its thread: play, validate and ask, each within the allowance; and what it found.

Every exploration and every question has a running number as its scope. Engines are deterministic by their seed, so a resumed
run makes the same calls in the same order and finds their results in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from fgo.optimizers.base import Asked, Lab, Piece, Unusable, Validation
from fgo.optimizers.foreign.bridge import Bridge, Halt
from fgo.types import Json, Modules, Task, Trajectory

T = TypeVar("T")


class Unanswered(Exception):
    """The model gave no usable reply. The one exception that is raised through an engine, for it to deal with."""


class Desk:
    """One a run of an engine. `seed` are the modules it starts from."""

    def __init__(self, bridge: Bridge, lab: Lab, seed: Modules) -> None:
        self._bridge, self._lab, self._seed = bridge, lab, seed
        self._calls = 0
        self._known: dict[str, Modules] = {seed.digest: seed}
        self._validations: dict[str, Validation] = {}

    @property
    def best(self) -> Modules:
        """The modules that validated best, the first of equals; the seed where none were validated."""
        means = {digest: validation.mean for digest, validation in self._validations.items()}
        return self._known[max(means, key=means.__getitem__)] if means else self._seed

    def modules(self, texts: Mapping[str, str], parent: Modules | None = None) -> Modules:
        """The modules with these texts in place of the seed's; made from `parent` where they are new."""
        made = (parent or self._seed).child(texts, "proposal")
        return self._known.setdefault(made.digest, made)

    def affords(self, episodes: int) -> bool:
        async def look() -> bool:
            return self._lab.affords(episodes)

        return self._bridge.call(look)

    def explore(self, modules: Modules, tasks: Sequence[Task], repeat: int, **scope: Json) -> list[Trajectory]:
        """A trajectory for each task, one that stands there twice played once. Raises Halt where it isn't affordable."""
        distinct = list({task.id: task for task in tasks}.values())
        lab = self._next(**scope)

        async def play() -> list[Trajectory]:
            if not self._lab.affords(len(distinct)):
                raise Halt
            return await lab.explore(modules, distinct, repeat)

        played = {trajectory.task_id: trajectory for trajectory in self._bridge.call(play)}
        return [played[task.id] for task in tasks]

    def validate(self, modules: Modules) -> Validation:
        """Scores by task in the sample's order; asked again, known. Raises Halt where it isn't affordable."""

        async def play() -> Validation:
            if not self._lab.affords(self._lab.validation_size):
                raise Halt
            return await self._lab.validate(modules)

        if modules.digest not in self._validations:
            self._validations[modules.digest] = self._bridge.call(play)
        return self._validations[modules.digest]

    def validated(self, modules: Modules) -> bool:
        return modules.digest in self._validations

    def ask(self, system: str, text: str, **scope: Json) -> str:
        """The optimizer model's reply to an engine's own prompt, whatever it is.

        Raises Unanswered where it was cut off each time or the prompt exceeds the window, Halt with nothing left to spend.
        """
        lab = self._next(**scope)

        async def ask() -> Asked[str]:
            if not self._lab.affords():
                raise Halt
            return await lab.ask("optimizer", "optimize", system, [Piece(text)], _readable)

        asked = self._bridge.call(ask)
        if asked.answer is None:
            raise Unanswered(asked.problem)
        return asked.answer

    def record(self, kind: str, **fields: Json) -> None:
        """Add an event; its scope is the last call's number."""
        lab = self._lab.within(call=self._calls)

        async def write() -> None:
            lab.record(kind, **fields)

        self._bridge.call(write)

    def record_proposal(
        self, parent: Modules, made: Modules | None, problem: str = "", shown: Mapping[str, str] | None = None
    ) -> None:
        """What an engine made of `parent`; None, or the parent itself, where there is a problem. shown: label -> episode."""
        unchanged = made is not None and made.digest == parent.digest
        self.record(
            "proposal",
            parent=parent.digest,
            modules=None if made is None or unchanged else made.to_json(),
            problem="the engine changed nothing" if unchanged else problem,
            shown=dict(shown or {}),
            evidence={},
        )

    def _next(self, **scope: Json) -> Lab:
        self._calls += 1
        return self._lab.within(call=self._calls, **scope)


def _readable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unusable("It holds characters that are no text; write plain text.") from None
    return text


def seed_number(lab: Lab, purpose: str) -> int:
    """A seed for an engine's own generator, from the run's."""
    return lab.rng(purpose).randrange(1, 2**31)


async def run_engine(lab: Lab, seed: Modules, engine: Callable[[Bridge, Desk], None]) -> Modules:
    """Drive an engine to its end or that of the allowance; the best modules by the validations it asked for."""
    bridge = Bridge()
    desk = Desk(bridge, lab, seed)
    await bridge.drive(lambda: engine(bridge, desk))
    return desk.best
