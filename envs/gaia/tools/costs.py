"""What an episode's tool calls cost: counts that are the same in every run, and measures that are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from fgo.types import Json


@dataclass(slots=True)
class CallCost:
    """One call. cpu: seconds in reader processes; wall: seconds from call to observation; received: bytes of files and pages
    that it was made from; dollars: what paid services charge for it, at the configured prices."""

    tool: str
    failed: bool = False
    cpu: float = 0.0
    wall: float = 0.0
    received: int = 0
    dollars: float = 0.0


@dataclass(slots=True)
class Costs:
    """All calls of an episode, in order. Kept out of observations, so that trajectories are the same in every run."""

    calls: list[CallCost] = field(default_factory=list)

    @contextmanager
    def measuring(self, tool: str) -> Iterator[CallCost]:
        """Measure one call; one that raises counts as failed."""
        cost = CallCost(tool, failed=True)
        self.calls.append(cost)
        started = perf_counter()
        try:
            yield cost
            cost.failed = False
        finally:
            cost.wall = perf_counter() - started

    def counts(self) -> Mapping[str, Json]:
        """{"tool_calls": 3, "tool_errors": 1, "calls_by_tool": {"read_file": 2, "visit": 1}}: the same in every run."""
        by_tool = Counter(call.tool for call in self.calls)
        return {
            "tool_calls": len(self.calls),
            "tool_errors": sum(call.failed for call in self.calls),
            "calls_by_tool": dict(sorted(by_tool.items())),
        }

    def measures(self) -> Mapping[str, Json]:
        """Sums over the calls: {"tool_cpu_seconds", "tool_wall_seconds", "tool_bytes", "tool_dollars"}."""
        return {
            "tool_cpu_seconds": round(sum(call.cpu for call in self.calls), 6),
            "tool_wall_seconds": round(sum(call.wall for call in self.calls), 6),
            "tool_bytes": sum(call.received for call in self.calls),
            "tool_dollars": round(sum(call.dollars for call in self.calls), 9),
        }
