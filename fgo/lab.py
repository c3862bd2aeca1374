"""The `Lab` that optimizers are handed (fgo/optimizers/base.py), over rollouts, a model, the journal and an allowance."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import orjson

from fgo.journal import Journal
from fgo.llm.context import Fitted, fit
from fgo.llm.model import Model
from fgo.llm.types import Caller, ContextOverflow, Message
from fgo.optimizers.allowance import Allowance
from fgo.optimizers.base import Asked, Piece, Unusable, Validation
from fgo.optimizers.shapes import Shape
from fgo.rollout import Rollouts, seed_of
from fgo.types import Json, Modules, Phase, Role, Task, Trajectory, digest

T = TypeVar("T")

_COMPLAINT = 300  # characters: a parser may quote the whole reply
_HELD = "Put words of your own into every place of the form."  # small models copy what it shows (docs/local-models.md)
_SLACK = 0.8  # of a limit, where a provider counts more tokens than we do, or prompts grow after they were planned


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
    drop: Literal["newest", "oldest", "random"] = "random"
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
    _validating: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def validation_size(self) -> int:
        return len(self.validation_tasks)

    async def explore(self, modules: Modules, tasks: Sequence[Task], repeat: int = 0) -> list[Trajectory]:
        trajectories = await self.rollouts.run(modules, tasks, "explore", self.scope, repeat)
        self._spend(trajectories)
        return trajectories

    async def validate(self, modules: Modules) -> Validation:
        async with self._validating.setdefault(modules.digest, asyncio.Lock()):
            # Whoever asks second finds the first one's episodes in the journal: the scope names no asker.
            scope = {"modules": modules.digest}
            trajectories = await self.rollouts.run(modules, self.validation_tasks, "validate", scope)
        self._spend(trajectories)
        validation = Validation(modules.digest, {t.task_id: t.score.value for t in trajectories})
        self.record("validation", modules=modules.digest, scores=dict(validation.scores), mean=validation.mean)
        return validation

    def _spend(self, trajectories: Sequence[Trajectory]) -> None:
        for trajectory in trajectories:
            self.allowance.spend(1, trajectory.usage)

    def groups(self, role: Role, system: str, pieces: Sequence[Piece]) -> list[list[Piece]]:
        if self.asking.overflow != "split":
            return [list(pieces)]
        limit = int(self._limit(role) * _SLACK)
        try:
            fitted = fit(system, pieces, limit, "split", self.model.door.count_tokens)
        except ContextOverflow:  # nothing fits: asking says so
            return [list(pieces)]
        self._note_left_out(role, "split", limit, fitted)
        return fitted.groups

    async def ask(
        self,
        role: Role,
        phase: Phase,
        system: str,
        pieces: Sequence[Piece],
        parse: Callable[[str], T],
        shape: Shape | None = None,
    ) -> Asked[T]:
        caller = Caller(role, phase, self.scope)
        held = shape if self.model.config.structured else None
        if held is not None:
            pieces = [*pieces, Piece(held.request)]
        limit = self._limit(role)
        problem, shown = "", tuple[str, ...]()
        attempt = 0
        while attempt < self.asking.tries:
            complaint = [Piece(f"Your last reply could not be used: {problem} Write it again.")] if problem else []
            try:
                fitted = self._fitted(role, system, [*pieces, *complaint], limit)
            except ContextOverflow as error:
                return Asked(None, str(error), shown)
            shown = tuple(piece.label for piece in fitted.groups[0] if piece.label)
            messages: list[Message] = [{"role": "system", "content": system}] if system else []
            messages.append({"role": "user", "content": "\n\n".join(piece.text for piece in fitted.groups[0])})
            draw = seed_of("ask", self.seed, role, phase, self.scope, attempt)
            try:
                reply = await self.model.ask(
                    messages, caller, draw=draw, max_tokens=self.asking.reply_tokens(role),
                    response_format=None if held is None else held.response_format,
                )  # fmt: skip
            except ContextOverflow as error:  # the provider counts more tokens than we do
                if self.asking.overflow != "drop_trajectories":
                    return Asked(None, str(error), shown)
                limit = int(min(limit, self.model.door.count_tokens(tuple(messages))) * _SLACK)
                continue
            attempt += 1
            self.allowance.spend(0, reply.usage)
            if reply.finish == "length":  # half a text must never be taken for a whole one
                problem = f"it was cut off after {self.asking.reply_tokens(role)} tokens; use fewer words."
                continue
            try:
                return Asked(parse(reply.text if held is None else held.read(reply.text)), "", shown)
            except Unusable as error:
                problem = (str(error) if held is None else f"{error.problem} {_HELD}")[:_COMPLAINT]
        return Asked(None, problem, shown)

    def _limit(self, role: Role) -> int:
        room = self.model.room(self.asking.reply_tokens(role))
        return room if self.asking.context_cap is None else min(room, self.asking.context_cap)

    def _fitted(self, role: Role, system: str, pieces: Sequence[Piece], limit: int) -> Fitted[Piece]:
        """One prompt of the pieces; what had to be left out is journalled."""
        policy = "fail" if self.asking.overflow == "split" else self.asking.overflow
        count, rng = self.model.door.count_tokens, self.rng("left out")
        fitted = fit(system, pieces, limit, policy, count, drop=self.asking.drop, rng=rng)
        self._note_left_out(role, policy, limit, fitted)
        return fitted

    def _note_left_out(self, role: Role, policy: str, limit: int, fitted: Fitted[Piece]) -> None:
        if fitted.left_out:
            left_out = list(fitted.left_out)
            self.record("context", role=role, policy=policy, limit=limit, tokens=fitted.tokens, left_out=left_out)

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
