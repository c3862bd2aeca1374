"""What one run came to: a journal, read once from first to last line, becomes a frozen PointResult.

Tables, figures, W&B, the page and `fgo show` read PointResults, so that all of them count alike. The journal is
streamed: of an episode only its outcome is kept, of a call only its share in the sums.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import orjson

from experiments.digests import EventDigests
from fgo.journal import DamagedJournal, read_events
from fgo.llm.ledger import Ledger, Line
from fgo.types import Json, Phase, Status, digest

PHASES: tuple[Phase, ...] = get_args(Phase)

_WITHOUT_EFFECT = ("python", "hydra-core", "wandb")  # versions that no result depends on

State = Literal["complete", "incomplete", "damaged"]


@dataclass(frozen=True, slots=True)
class Point:
    """Which experiment it was: the header's "point". `varied`: further settings that a study varies (key -> value)."""

    env: str
    optimizer: str
    model: str
    train_size: int
    seed: int
    study: str = ""
    varied: Mapping[str, Json] = field(default_factory=dict)

    @staticmethod
    def from_json(data: Mapping[str, Json]) -> Point:
        return Point(**data)

    def to_json(self) -> dict[str, Json]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"varied": dict(self.varied)}

    def __str__(self) -> str:
        names = [self.env, self.optimizer, self.model, f"{self.train_size} training tasks", f"seed {self.seed}"]
        return ", ".join([*names, *(f"{key}={value}" for key, value in sorted(self.varied.items()))])


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test task ended. `malformed` counts unreadable replies among the `steps`; `value` is in [0, 1]."""

    success: bool
    value: float
    category: str
    status: Status
    steps: int
    malformed: int


@dataclass(frozen=True, slots=True)
class PromptSizes:
    """Prompt tokens of the optimizer's and the merger's calls: how many calls, their sum and the largest."""

    calls: int = 0
    total: int = 0
    largest: int = 0

    @property
    def mean(self) -> float:
        return self.total / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class Validated:
    """One point of the curve: a validation's mean, and where in the optimization (subset, epoch, merge) it was."""

    scope: Mapping[str, Json]
    modules: str
    mean: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many candidates were accepted and rejected."""

    accepted: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class PointResult:
    """All that is told of a run. Built by `summarize`; `not_run` stands for a point that has no journal.

    fingerprint: of the configuration. made_with: what else the result depends on (data, prompts, simulation: digests; versions
    of libraries that could matter), by name.
    model_files: SHA-256 of the files of models that the run served itself, by the models' names.
    data: where the environment's tasks come from ("official", "generated"), where it says so. restricted: see
    `is_restricted`; reason then quotes no error.
    outcomes: test task id -> Outcome; an episode that the machinery ended is not among them.
    failures: infrastructure status -> number of test tasks that have no result because of it.
    episodes: phase -> status -> number of finished episodes.
    ledger, by_phase, total: tokens, dollars and calls by (role, phase), by phase and in all; only what occurred.
    overflows: prompts cut to fit; cut: the same by role.
    seconds: wall time of all sessions together.
    digests: of the journal, by kind of event (see experiments/digests.py).
    """

    point: Point
    simulated: bool
    state: State
    reason: str = ""
    folder: str = ""
    fingerprint: str = ""
    made_with: Mapping[str, str] = field(default_factory=dict)
    model_files: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    restricted: bool = False
    test_tasks: tuple[str, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    episodes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    ledger: Mapping[tuple[str, str], Line] = field(default_factory=dict)
    by_phase: Mapping[str, Line] = field(default_factory=dict)
    total: Line = field(default_factory=Line)
    optimizer_prompts: PromptSizes = PromptSizes()
    overflows: int = 0
    cut: Mapping[str, int] = field(default_factory=dict)
    curve: tuple[Validated, ...] = ()
    decisions: Verdicts = Verdicts()
    merges: Verdicts = Verdicts()
    seconds: float = 0.0
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.state == "complete"

    @property
    def success(self) -> float:
        """The share of test tasks solved. Raises ValueError where the point is not complete: it has no mean yet."""
        if not self.complete:
            raise ValueError(f"{self.point} is {self.state} ({self.reason}): it has no success rate to report")
        return sum(outcome.success for outcome in self.outcomes.values()) / len(self.outcomes)

    @property
    def by_category(self) -> dict[str, tuple[int, int]]:
        """Category -> (test tasks solved, test tasks with a result), sorted by name."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for outcome in self.outcomes.values():
            counts[outcome.category][0] += outcome.success
            counts[outcome.category][1] += 1
        return {category: (won, n) for category, (won, n) in sorted(counts.items())}

    @property
    def statuses(self) -> dict[Status, int]:
        """How the test episodes ended: status -> number, in the order of `Status`."""
        counts = Counter(outcome.status for outcome in self.outcomes.values())
        return {status: counts[status] for status in Status if counts[status]}

    def lines(self, role: str) -> list[Line]:
        """A role's lines of the ledger, one for each phase in which it called."""
        return [line for (other, _), line in self.ledger.items() if other == role]

    @property
    def training_episodes(self) -> int:
        """Finished episodes that the optimizer used: all but those of the test."""
        return sum(sum(counts.values()) for phase, counts in self.episodes.items() if phase != "test")

    def to_json(self) -> dict[str, Json]:
        """The result as metrics.json tells it; success is null until the point is complete."""
        return {
            "point": self.point.to_json(),
            "state": self.state,
            "reason": self.reason,
            "simulated": self.simulated,
            "success": self.success if self.complete else None,
            "test_tasks": len(self.test_tasks),
            "by_category": {category: {"solved": won, "of": n} for category, (won, n) in self.by_category.items()},
            "statuses": {status.value: count for status, count in self.statuses.items()},
            "failures": dict(self.failures),
            "episodes": {phase: dict(counts) for phase, counts in self.episodes.items()},
            "ledger": {f"{role}/{phase}": line.to_json() for (role, phase), line in self.ledger.items()},
            "total": self.total.to_json(),
            "optimizer_prompt_tokens": {
                "calls": self.optimizer_prompts.calls,
                "mean": self.optimizer_prompts.mean,
                "max": self.optimizer_prompts.largest,
            },
            "overflows": self.overflows,
            "decisions": {"accepted": self.decisions.accepted, "rejected": self.decisions.rejected},
            "merges": {"accepted": self.merges.accepted, "rejected": self.merges.rejected},
            "seconds": round(self.seconds, 3),
        }


def is_restricted(header: Mapping[str, Json]) -> bool:
    """Whether a run's tasks may not be passed on. Their text, and what quotes it (trajectories, modules, messages of errors),
    then stays in the run's folder, out of trackers, tables and what is printed."""
    return bool(header.get("environment", {}).get("restricted"))


def not_run(point: Point, simulated: bool) -> PointResult:
    """A point that a study asks for and nobody has begun: a table shows the gap instead of averaging over it."""
    return PointResult(point, simulated, "incomplete", "not run")


def summarize(journal: Path) -> PointResult:
    """The result of a run from its journal; never an average over what is missing, see `PointResult.state`.

    Raises FileNotFoundError, ValueError where the journal has no header (so nobody knows what was run), DamagedJournal
    where even that line is broken. Damage further on makes a result whose state is "damaged".
    """
    reading = Reading()
    try:
        for event in read_events(journal):
            reading.observe(event)
    except DamagedJournal as error:
        if not reading.begun:
            raise
        reading.problem = reading.problem or str(error)
    if not reading.begun:
        raise ValueError(f"{journal} has no header yet, so what it belongs to is unknown. Run its command again.")
    return reading.result(str(journal.parent))


class Reading:
    """A journal half read: feed it events in their order, ask for the result at any time."""

    def __init__(self) -> None:
        self.problem = ""
        self._header: Mapping[str, Json] | None = None
        self._tasks: tuple[str, ...] | None = None
        self._outcomes: dict[str, Outcome] = {}
        self._failed: dict[str, str] = {}
        self._episodes: dict[str, Counter[str]] = defaultdict(Counter)
        self._ledger = Ledger()
        self._cut = Counter[str]()
        self._curve: list[Validated] = []
        self._verdicts = {"decision": Counter[bool](), "merge": Counter[bool]()}
        self._finished = False
        self._stopped = ""
        self._seconds = 0.0
        self._last_at: float | None = None
        self._digests = EventDigests()

    @property
    def begun(self) -> bool:
        """Whether the header has been read."""
        return self._header is not None

    def observe(self, event: Mapping[str, Json]) -> None:
        """Take one event in."""
        self._clock(event)
        self._digests.add(event)
        match event["kind"]:
            case "run":
                self._header = event
            case "session":
                self._stopped = ""
            case "tasks" if event["use"] == "test":
                self._tasks = tuple(event["tasks"])
            case "call" | "attempt":
                self._ledger.add(event)
            case "episode":
                self._episode(event)
            case "failure" if event["phase"] == "test":
                self._failed[event["task_id"]] = event["status"]
            case "context":
                self._cut[event["role"]] += 1
            case "validation":
                self._curve.append(Validated(event["scope"], event["modules"], event["mean"]))
            case "decision" | "merge":
                self._verdicts[event["kind"]][event["accepted"]] += 1
            case "finished":
                self._finished, self._stopped = True, ""
            case "stopped":
                self._stopped = event["why"]

    def _clock(self, event: Mapping[str, Json]) -> None:
        at = event["at"]
        if self._last_at is not None and event["kind"] != "session":  # nobody waited between two sessions
            self._seconds += max(0.0, at - self._last_at)
        self._last_at = at

    def _episode(self, event: Mapping[str, Json]) -> None:
        trajectory, phase = event["trajectory"], event["phase"]
        status, task = Status(trajectory["status"]), trajectory["task_id"]
        if status.is_infrastructure:
            if phase == "test":
                self._failed[task] = status.value
            return
        self._episodes[phase][status.value] += 1
        if phase != "test":
            return
        if task in self._outcomes:
            self.problem = self.problem or f"test task {task} has two results"
        self._outcomes[task] = Outcome(
            success=trajectory["score"]["success"],
            value=trajectory["score"]["value"],
            category=trajectory["category"],
            status=status,
            steps=len(trajectory["steps"]),
            malformed=sum(step[1] is None for step in trajectory["steps"]),
        )

    def result(self, folder: str = "") -> PointResult:
        """What the events so far come to. Raises ValueError before the header."""
        if self._header is None:
            raise ValueError("no header has been read")
        missing = [task for task in self._tasks or () if task not in self._outcomes]
        failures = Counter(self._failed[task] for task in missing if task in self._failed)
        state, reason = self._state(missing, failures)
        ledger = self._ledger.by_role_and_phase()
        decisions, merges = self._verdicts["decision"], self._verdicts["merge"]
        return PointResult(
            point=Point.from_json(self._header["point"]),
            simulated=self._header["simulated"],
            fingerprint=self._header["fingerprint"],
            made_with=_made_with(self._header),
            model_files=_model_files(self._header["config"]),
            data=str(self._header.get("environment", {}).get("source", "")),
            restricted=is_restricted(self._header),
            state=state,
            reason=reason,
            folder=folder,
            test_tasks=self._tasks or (),
            outcomes=dict(sorted(self._outcomes.items())),
            failures=dict(sorted(failures.items())),
            episodes={phase: dict(sorted(self._episodes[phase].items())) for phase in PHASES if self._episodes[phase]},
            ledger=ledger,
            by_phase=self._ledger.by_phase(),
            total=self._ledger.total(),
            optimizer_prompts=_prompt_sizes(ledger),
            overflows=self._cut.total(),
            cut=dict(sorted(self._cut.items())),
            curve=tuple(self._curve),
            decisions=Verdicts(decisions[True], decisions[False]),
            merges=Verdicts(merges[True], merges[False]),
            seconds=self._seconds,
            digests=self._digests.by_kind(),
        )

    def _state(self, missing: list[str], failures: Counter[str]) -> tuple[State, str]:
        strangers = sorted(set(self._outcomes) - set(self._tasks)) if self._tasks is not None else []
        if self.problem or strangers:
            return "damaged", self.problem or f"test task {strangers[0]} has a result but is not among the test tasks"
        reasons = [_count(number, status.replace("_", " ")) for status, number in sorted(failures.items())]
        if self._stopped:
            quoted = self._header is None or not is_restricted(self._header)
            reasons.append(f"stopped: {self._stopped if quoted else self._stopped.partition(':')[0]}")
        if self._tasks is None:
            reasons.append("the test has not begun")
        elif unfinished := len(missing) - sum(failures.values()):
            reasons.append(f"{_count(unfinished, 'test episode')} missing")
        elif not self._tasks:
            reasons.append("no test tasks")
        if not reasons and not self._finished:
            reasons.append("not finished")
        return ("incomplete", ", ".join(reasons)) if reasons else ("complete", "")


def _made_with(header: Mapping[str, Json]) -> dict[str, str]:
    """What a result depends on besides its configuration, as short texts to compare runs by."""
    parts = {key: header.get(key, "") for key in ("environment", "prompts", "simulation")}
    digests = {key: digest(orjson.dumps(part, option=orjson.OPT_SORT_KEYS).decode())[:8] for key, part in parts.items()}
    versions = {name: str(number) for name, number in header["versions"].items() if name not in _WITHOUT_EFFECT}
    return digests | versions


def _model_files(config: Mapping[str, Json]) -> dict[str, str]:
    """From the configuration, which names the files in replays too."""
    nodes = [node for node in (config.get("model"), config.get("optimizer_model")) if isinstance(node, Mapping)]
    return {node["name"]: node["sha256"] for node in nodes if node.get("sha256")}


def _prompt_sizes(ledger: Mapping[tuple[str, str], Line]) -> PromptSizes:
    lines = [line for (role, _), line in ledger.items() if role in ("optimizer", "merger")]
    return PromptSizes(
        calls=sum(line.calls for line in lines),
        total=sum(line.usage.prompt_tokens for line in lines),
        largest=max((line.longest_prompt for line in lines), default=0),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
