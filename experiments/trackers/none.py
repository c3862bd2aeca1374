"""No tracker: the journal, tables and `fgo show` tell everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.summary import PointResult
from fgo.types import Json, Modules


@dataclass(frozen=True, slots=True)
class NoTracker:
    def start(self, header: Mapping[str, Json], folder: Path) -> None:
        """Nothing to start."""

    def observe(self, event: Mapping[str, Json]) -> None:
        """Nobody to tell."""

    def finish(self, result: PointResult, modules: Modules | None) -> None:
        """Nothing to finish."""
