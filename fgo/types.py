"""The vocabulary of the program on one page: what every part hands to every other part.

All values are frozen and turn into JSON and back (`to_json` / `from_json`), so that the journal can hold them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

Json = Any
"""Whatever `json.dumps` takes: None, bool, int, float, str, lists and string-keyed dicts of these."""

Role = Literal["agent", "evaluator", "optimizer", "merger"]
"""Who asks the model."""

Phase = Literal["explore", "validate", "optimize", "merge", "test"]
"""In which phase of an experiment it is asked."""


class Misconfigured(ValueError):
    """Settings that can't work with these tasks, modules or environment. Raised before anything is spent; names key, value and
    what is allowed."""


def digest(*parts: str) -> str:
    """A short stable fingerprint (16 hex digits) of some texts, order and boundaries included."""
    hasher = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = part.encode()
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    return hasher.hexdigest()


class Status(StrEnum):
    """How an episode ended. The last two are no outcome of the agent: they are retried, then reported, never scored."""

    WON = "won"
    LOST = "lost"
    STEP_LIMIT = "step_limit"
    MALFORMED = "malformed"
    CONTEXT_OVERFLOW = "context_overflow"
    ENVIRONMENT_ERROR = "environment_error"
    PROVIDER_ERROR = "provider_error"

    @property
    def is_infrastructure(self) -> bool:
        """Whether the machinery failed rather than the agent."""
        return self in (Status.ENVIRONMENT_ERROR, Status.PROVIDER_ERROR)


@dataclass(frozen=True, slots=True)
class Task:
    """One problem of a benchmark. `data` is the environment's own (a path, a seed); nobody else reads it."""

    id: str
    goal: str
    category: str = ""
    split: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Modules:
    """The parts of an agent that an optimizer may change: name -> text.

    `origin` says in a word what made them ("seed", "proposal", "merge"); `parents` are the digests of the modules they
    were made from, so that every merge can be traced to its leaves. Neither changes the digest: same texts, same agent. (So an
    optimizer that comes back to earlier texts makes a circle: walk from the first event that made a digest.)
    """

    texts: Mapping[str, str]
    origin: str = "seed"
    parents: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return digest(*(part for name in sorted(self.texts) for part in (name, self.texts[name])))

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    def child(self, texts: Mapping[str, str], origin: str, *others: Modules) -> Modules:
        """New modules made from these (and `others`): the given texts replace the old ones."""
        parents = tuple(dict.fromkeys((self.digest, *(other.digest for other in others))))
        return Modules({**self.texts, **texts}, origin, parents)

    def to_json(self) -> dict[str, Json]:
        return {"texts": dict(self.texts), "origin": self.origin, "parents": list(self.parents)}

    @staticmethod
    def from_json(data: Mapping[str, Json]) -> Modules:
        return Modules(dict(data["texts"]), data["origin"], tuple(data["parents"]))


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that an agent may call. A call is the action `NAME {JSON object of arguments}`, whoever writes it, so that
    environments and trajectories know one language of actions.

    name: lower-case letters, digits and underscores. parameters: a JSON schema of type object.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and money of one or many model calls, as the provider reported them.

    `cached_tokens` (a provider's prompt cache) is a part of `prompt_tokens`, `reasoning_tokens` of `completion_tokens`.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    dollars: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.dollars + other.dollars,
        )

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def to_json(self) -> dict[str, Json]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Json]) -> Usage:
        return Usage(**data)


@dataclass(frozen=True, slots=True)
class Score:
    """What the environment says of an episode: the benchmark's success, a graded value in [0, 1], details to report."""

    success: bool
    value: float
    details: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        return {"success": self.success, "value": self.value, "details": dict(self.details)}

    @staticmethod
    def from_json(data: Mapping[str, Json]) -> Score:
        return Score(data["success"], data["value"], dict(data["details"]))


@dataclass(frozen=True, slots=True)
class Step:
    """One turn: the model's whole reply, the action read from it (None: malformed) and what the environment answered."""

    reply: str
    action: str | None
    observation: str

    def to_json(self) -> list[Json]:
        return [self.reply, self.action, self.observation]

    @staticmethod
    def from_json(data: Sequence[Json]) -> Step:
        return Step(data[0], data[1], data[2])


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One finished episode. `usage` is what its calls cost without any cache; `error` explains an infrastructure status.

    `modules` is their digest, `opening` the first observation, `episode` the id under which the journal holds it.
    """

    task_id: str
    category: str
    goal: str
    modules: str
    opening: str
    steps: tuple[Step, ...]
    status: Status
    score: Score
    usage: Usage = Usage()
    error: str = ""
    episode: str = ""

    @property
    def success(self) -> bool:
        return self.score.success

    @property
    def malformed(self) -> int:
        """How many of the replies could not be read as an action."""
        return sum(step.action is None for step in self.steps)

    def to_json(self) -> dict[str, Json]:
        return {
            "task_id": self.task_id,
            "category": self.category,
            "goal": self.goal,
            "modules": self.modules,
            "opening": self.opening,
            "steps": [step.to_json() for step in self.steps],
            "status": self.status.value,
            "score": self.score.to_json(),
            "usage": self.usage.to_json(),
            "error": self.error,
            "episode": self.episode,
        }

    @staticmethod
    def from_json(data: Mapping[str, Json]) -> Trajectory:
        return Trajectory(
            task_id=data["task_id"],
            category=data["category"],
            goal=data["goal"],
            modules=data["modules"],
            opening=data["opening"],
            steps=tuple(Step.from_json(step) for step in data["steps"]),
            status=Status(data["status"]),
            score=Score.from_json(data["score"]),
            usage=Usage.from_json(data["usage"]),
            error=data["error"],
            episode=data["episode"],
        )


# What a benchmark teaches the simulated model (fgo/llm/sim/) about itself.


@dataclass(frozen=True, slots=True)
class Lesson:
    """Something an agent can have learnt or lack, as the simulated model states, recognises and notices it.

    `statement`: how it is written as a rule, its condition included ("When the task says clean, ...").
    `cue`: a regular expression (case ignored) that recognises the rule, however worded, in one line of instructions.
    `evidence`: a regular expression (multi-line) that matches where a rendered trajectory (fgo/rendering.py) shows that
    the agent lacked it. `careless`: how a hasty writer states it without its condition, which misleads where the condition
    does not hold; `careless_cue` recognises that. Both empty where there is no such misreading.
    """

    name: str
    statement: str
    cue: str
    evidence: str
    careless: str = ""
    careless_cue: str = ""


class SimulatedBenchmark(Protocol):
    """What a benchmark's folder hands the simulated model: its lessons, its false rules and a player that lacks them."""

    @property
    def lessons(self) -> Sequence[Lesson]: ...

    @property
    def misconceptions(self) -> Sequence[Lesson]:
        """Wrong rules that a model may make up: `statement`, `cue`; `evidence` matches where following it hurt."""

    def recognises(self, system_prompt: str) -> bool:
        """Whether an agent's system prompt is about this benchmark."""

    def act(self, turns: Sequence[Mapping[str, Json]], heeds: Callable[[str, str], bool]) -> str:
        """The agent's next reply, in the format its system prompt asks for.

        turns: the conversation so far, system prompt included ({"role", "content"} mappings). heeds(lesson, occasion):
        whether the model acts as the lesson (or misconception, or `NAME!careless`) teaches on this occasion; the answer
        is drawn once from (seed, conversation's opening, lesson, occasion) and stays the same for the same arguments.
        """
