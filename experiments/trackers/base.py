"""What a tracker is: something that follows a run through its journal's events and shows it elsewhere.

A new tracker is one file in this folder and one YAML in `conf/tracker/` whose `_target_` names a dataclass with
these methods; its fields are the YAML's keys. A tracker is told everything and decides nothing: its failures are warned
of, and neither stop the run nor change it. Where `experiments.summary.is_restricted(header)` it passes on ids and scores
alone: no text of tasks, trajectories, modules or errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from experiments.summary import PointResult
from fgo.types import Json, Modules


class Tracker(Protocol):
    def start(self, header: Mapping[str, Json], folder: Path) -> None:
        """A session begins: the journal's "run" event, and the point's folder, in which alone files may be written."""

    def observe(self, event: Mapping[str, Json]) -> None:
        """The journal's next event. On resume those of earlier sessions come first, so that curves are whole."""

    def finish(self, result: PointResult, modules: Modules | None) -> None:
        """The session has ended, complete or not; modules: the optimizer's result, if it came to one."""
