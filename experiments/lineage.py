"""Where a run's modules come from: proposals and merges up to the seed, and the trajectories behind each rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fgo.types import Json, Modules, Status


@dataclass(frozen=True, slots=True)
class Witness:
    """A trajectory that a rule was drawn from."""

    task_id: str
    status: Status

    def __str__(self) -> str:
        return f"{self.task_id} ({self.status.value.replace('_', ' ')})"


@dataclass(frozen=True, slots=True)
class Origin:
    """How some modules came to be. made: "proposal" or "merge"; what isn't known by an Origin is the seed.

    evidence: rule (a line of a module) -> the trajectories it was drawn from. accepted: None where nobody decided.
    """

    modules: Modules
    made: str
    scope: Mapping[str, Json]
    parents: tuple[str, ...]
    evidence: Mapping[str, tuple[Witness, ...]] = field(default_factory=dict)
    accepted: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Lineage:
    """origins: digest of modules -> Origin. means: digest -> validation mean. final: the optimizer's result, if any.

    subsets: training task ids of each. failed: (scope, why) of proposals that gave no modules.
    """

    origins: Mapping[str, Origin]
    means: Mapping[str, float]
    final: Modules | None
    subsets: tuple[tuple[str, ...], ...]
    failed: tuple[tuple[Mapping[str, Json], str], ...]

    def ancestry(self, digest: str) -> Iterator[Origin]:
        """The origins of these modules and all that they were made from, nearest first, each once."""
        seen: set[str] = set()
        waiting = [digest]
        while waiting:
            current = waiting.pop(0)
            if current in seen or current not in self.origins:
                continue
            seen.add(current)
            yield self.origins[current]
            waiting += self.origins[current].parents

    def sources(self, rule: str) -> list[tuple[Mapping[str, Json], tuple[Witness, ...]]]:
        """(scope, trajectories) of the proposals that gave a line of the final modules its wording."""
        if self.final is None:
            return []
        wanted = rule.strip()
        ancestry = self.ancestry(self.final.digest)
        return [(origin.scope, origin.evidence[wanted]) for origin in ancestry if wanted in origin.evidence]


def read_lineage(events: Iterable[Mapping[str, Json]]) -> Lineage:
    """The lineage in a journal's events. Keeps of episodes only task and status."""
    origins: dict[str, Origin] = {}
    witnesses: dict[str, Witness] = {}
    verdicts: dict[str, tuple[bool, str]] = {}
    means: dict[str, float] = {}
    subsets: tuple[tuple[str, ...], ...] = ()
    failed: list[tuple[Mapping[str, Json], str]] = []
    final: Modules | None = None
    for event in events:
        match event["kind"]:
            case "episode" if event["phase"] == "explore":
                trajectory = event["trajectory"]
                witnesses[event["id"]] = Witness(trajectory["task_id"], Status(trajectory["status"]))
            case "division":
                subsets = tuple(tuple(subset) for subset in event["subsets"])
            case "proposal" if event["modules"] is None:
                failed.append((event["scope"], event["problem"]))
            case "proposal" | "merge" if event["modules"] is not None:
                origin = _origin(event, witnesses)
                origins.setdefault(origin.modules.digest, origin)
                if event["kind"] == "merge":
                    verdicts[origin.modules.digest] = (event["accepted"], event["why"])
            case "validation":
                means[event["modules"]] = event["mean"]
            case "decision":
                verdicts[event["candidate"]] = (event["accepted"], event["why"])
            case "modules":
                final = Modules.from_json(event["modules"])
    decided = {digest: _with_verdict(origin, verdicts.get(digest)) for digest, origin in origins.items()}
    return Lineage(decided, means, final, subsets, tuple(failed))


def _origin(event: Mapping[str, Json], witnesses: Mapping[str, Witness]) -> Origin:
    modules = Modules.from_json(event["modules"])
    if event["kind"] == "merge":
        return Origin(modules, "merge", event["scope"], tuple(event["parents"]))
    shown = {label: witnesses[episode] for label, episode in event["shown"].items() if episode in witnesses}
    evidence = {
        rule: tuple(shown[label] for label in labels if label in shown) for rule, labels in event["evidence"].items()
    }
    return Origin(modules, "proposal", event["scope"], (event["parent"],), evidence)


def _with_verdict(origin: Origin, verdict: tuple[bool, str] | None) -> Origin:
    if verdict is None:
        return origin
    accepted, why = verdict
    return Origin(origin.modules, origin.made, origin.scope, origin.parents, origin.evidence, accepted, why)
