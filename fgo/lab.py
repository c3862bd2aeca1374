"""The `Lab` that optimizers are handed (fgo/optimizers/base.py), over rollouts, a model, the journal and an allowance."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import orjson

from fgo.journal import Journal
from fgo.llm.context import fit
from fgo.llm.model import Model
from fgo.llm.types import Caller, ContextOverflow, Message
from fgo.optimizers.allowance import Allowance
from fgo.optimizers.base import Asked, Piece, Unusable, Validation
from fgo.rollout import Rollouts, seed_of
from fgo.types import Json, Modules, Phase, Role, Task, Trajectory, digest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AskingConfig:
    """How models are asked for more than actions.

    *_tokens: the longest reply of each role. tries: how often an unusable reply is asked for again, the first time included.
    overflow: what happens when the trajectories exceed the prompt: drop_trajectories (whole ones, from the end that `drop`
    names), split (several prompts, one after the other) or fail. context_cap: a limit on prompt tokens below the window's, or
    null.
    """

    evaluator_tokens: int = 800
    optimizer_tokens: int = 4096
    merger_tokens: int = 4096
    tries: int = 3
    overflow: Literal["drop_trajectories", "split", "fail"] = "drop_trajectories"
    drop: Literal["newest", "oldest", "random"] = "newest"
    context_cap: int | None = None

    def __post_init__(self) -> None:
        for key in ("evaluator_tokens", "optimizer_tokens", "merger_tokens", "tries"):
            if getattr(self, key) < 1:
                raise ValueError(f"asking.{key}={getattr(self, key)}: expected a whole number of at least 1")
        if self.context_cap is not None and self.context_cap < 1:
            raise ValueError(f"asking.context_cap={self.context_cap}: expected null or a positive number of tokens")

    def reply_tokens(self, role: Role) -> int:
        limits = {"evaluator": self.evaluator_tokens, "optimizer": self.optimizer_tokens, "merger": self.merger_tokens}
        return limits[role]


@dataclass(frozen=True)
class LiveLab:
    """The real lab. `within` makes narrower ones that share everything but scope and allowance."""

    rollouts: Rollouts
    model: Model
    journal: Journal
    asking: AskingConfig
    validation_tasks: Sequence[Task]
    seed: int
    allowance: Allowance
    scope: Mapping[str, Json] = field(default_factory=dict)
    _validations: dict[str, asyncio.Task[list[Trajectory]]] = field(default_factory=dict)

    @property
    def validation_size(self) -> int:
        return len(self.validation_tasks)

    async def explore(self, modules: Modules, tasks: Sequence[Task], repeat: int = 0) -> list[Trajectory]:
        trajectories = await self.rollouts.run(modules, tasks, "explore", self.scope, repeat)
        self._spend(trajectories)
        return trajectories

    async def validate(self, modules: Modules) -> Validation:
        running = self._validations.get(modules.digest)
        if running is None:  # whoever asks first starts it; its scope names no asker, so that its id doesn't either
            scope = {"modules": modules.digest}
            running = asyncio.create_task(self.rollouts.run(modules, self.validation_tasks, "validate", scope))
            self._validations[modules.digest] = running
        trajectories = await asyncio.shield(running)
        self._spend(trajectories)
        validation = Validation(modules.digest, {t.task_id: t.score.value for t in trajectories})
        self.record("validation", modules=modules.digest, scores=dict(validation.scores), mean=validation.mean)
        return validation

    async def stop(self) -> None:
        """End validations that go on although whoever asked for them has failed. To be awaited before the model's door closes."""
        for running in self._validations.values():
            running.cancel()
        await asyncio.gather(*self._validations.values(), return_exceptions=True)

    def _spend(self, trajectories: Sequence[Trajectory]) -> None:
        for trajectory in trajectories:
            self.allowance.spend(1, trajectory.usage)

    def groups(self, role: Role, system: str, pieces: Sequence[Piece]) -> list[list[Piece]]:
        if self.asking.overflow != "split":
            return [list(pieces)]
        return fit(system, pieces, self._limit(role), "split", self.model.door.count_tokens).groups

    async def ask(
        self, role: Role, phase: Phase, system: str, pieces: Sequence[Piece], parse: Callable[[str], T]
    ) -> Asked[T]:
        caller = Caller(role, phase, self.scope)
        try:
            kept = self._fitted(caller, system, pieces)
        except ContextOverflow as error:
            return Asked(None, str(error), ())
        shown = tuple(piece.label for piece in kept if piece.label)
        opening: list[Message] = [
            {"role": "system", "content": system},
            {"role": "user", "content": "\n\n".join(piece.text for piece in kept)},
        ]
        messages = opening
        problem = ""
        draw = seed_of("ask", self.seed, role, phase, self.scope)
        for _ in range(self.asking.tries):
            try:
                reply = await self.model.ask(messages, caller, draw=draw, max_tokens=self.asking.reply_tokens(role))
            except ContextOverflow as error:
                return Asked(None, str(error), shown)
            self.allowance.spend(0, reply.usage)
            if reply.finish == "length":  # half a text must never be taken for a whole one
                limit = self.asking.reply_tokens(role)
                problem = f"Your reply was cut off after {limit} tokens. Write the whole of it again, in fewer words."
                messages = [
                    *opening,
                    {"role": "assistant", "content": "(cut off)"},
                    {"role": "user", "content": problem},
                ]
                continue
            try:
                return Asked(parse(reply.text), "", shown)
            except Unusable as error:
                problem = str(error)
                messages = [
                    *opening,
                    {"role": "assistant", "content": reply.text or "(empty)"},
                    {"role": "user", "content": f"That reply can't be used: {problem} Write it again."},
                ]
        return Asked(None, problem, shown)

    def _limit(self, role: Role) -> int:
        room = self.model.room(self.asking.reply_tokens(role))
        return room if self.asking.context_cap is None else min(room, self.asking.context_cap)

    def _fitted(self, caller: Caller, system: str, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces that are shown; what had to be left out is journalled."""
        policy = "fail" if self.asking.overflow == "split" else self.asking.overflow
        limit = self._limit(caller.role)
        fitted = fit(
            system, pieces, limit, policy, self.model.door.count_tokens, drop=self.asking.drop,
            rng=self.rng("left out"),
        )  # fmt: skip
        if fitted.left_out:
            self.record(
                "context", role=caller.role, phase=caller.phase, policy=policy, limit=limit, tokens=fitted.tokens,
                left_out=list(fitted.left_out),
            )  # fmt: skip
        return fitted.groups[0]

    def record(self, kind: str, **fields: Json) -> None:
        body = orjson.dumps([self.scope, fields], option=orjson.OPT_SORT_KEYS).decode()
        self.journal.append_once(kind, digest(kind, body), scope=dict(self.scope), **fields)

    def rng(self, purpose: str) -> random.Random:
        return random.Random(seed_of("rng", self.seed, self.scope, purpose))

    def within(self, share: float = 1.0, **scope: Json) -> LiveLab:
        return replace(self, scope={**self.scope, **scope}, allowance=self.allowance.part(share))

    def share(self, work: int, aside: int) -> float:
        return self.allowance.share(work, aside)

    def affords(self, episodes: int = 0) -> bool:
        return self.allowance.affords(episodes)
