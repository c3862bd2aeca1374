"""What a person sees while a run goes on, from journal events: episodes, success so far, tokens, dollars, time left.

On a terminal one line is kept up to date; elsewhere (a log, a cluster) a plain line comes at most every ten seconds.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from experiments.summary import PHASES
from fgo.llm.ledger import Ledger
from fgo.types import Json, Status

SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_FRAMES = 0.25


class Progress:
    """The progress of one run. Use as a context manager; feed it every event, those of earlier sessions too.

    name: of the point. lines: plain lines on a terminal, too, as where several runs share it. stream, clock (Unix
    seconds): for tests; stderr and time.time otherwise.
    """

    def __init__(
        self,
        name: str,
        simulated: bool,
        lines: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._name = f"{name} SIMULATED" if simulated else name
        self._console = Console(file=stream or sys.stderr, force_terminal=False if lines else None)
        self._clock = clock
        self._live: Live | None = None
        self._ledger = Ledger()
        self._ended: Counter[str] = Counter()
        self._won: Counter[str] = Counter()
        self._failures = 0
        self._expected = 0
        self._here = 0  # episodes that ended in this session: the pace
        self._phase = ""
        self._started = clock()
        self._shown = self._started

    def expect(self, episodes: int) -> None:
        """This many episodes are to be run in all, those of earlier sessions included."""
        self._expected = episodes

    def observe(self, event: Mapping[str, Json]) -> None:
        """Take one journal event in."""
        self._ledger.add(event)
        match event["kind"]:
            case "episode" if not Status(event["trajectory"]["status"]).is_infrastructure:
                self._phase = event["phase"]
                self._ended[self._phase] += 1
                self._won[self._phase] += event["trajectory"]["score"]["success"]
                self._here += event["at"] >= self._started
            case "failure":
                self._failures += 1
            case "call" if event["role"] in ("optimizer", "merger"):
                self._phase = event["phase"]
        self._show(SECONDS_BETWEEN_LINES if self._live is None else _SECONDS_BETWEEN_FRAMES)

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._live = Live(Text(self.line()), console=self._console, auto_refresh=False, transient=False)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show(0.0)  # the last state stays
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _show(self, pause: float) -> None:
        now = self._clock()
        if now - self._shown < pause:
            return
        self._shown = now
        if self._live is not None:
            self._live.update(Text(self.line()), refresh=True)
        else:
            self._console.print(self.line(), markup=False, highlight=False, soft_wrap=True)

    def line(self) -> str:
        """The state in one line."""
        done = sum(self._ended.values())
        total = self._ledger.total()
        parts = [
            f"{self._name}: {self._phase or 'starting'}",
            f"{done}/{self._expected} episodes" if done <= self._expected else f"{done} episodes",
            *(f"{phase} {self._won[phase]}/{self._ended[phase]} won" for phase in PHASES if self._ended[phase]),
            f"{total.usage.tokens:,} tokens",
            f"${total.usage.dollars:.4f} (paid ${total.paid.dollars:.4f})",
        ]
        if self._failures:
            parts.append(f"{self._failures} failed tries")
        return " | ".join([*parts, *self._time_left(done)])

    def _time_left(self, done: int) -> list[str]:
        """By this session's pace; nothing before there is one, or where more was run than was announced."""
        left = self._expected - done
        if not self._here or left <= 0:
            return []
        return [f"{_clock_time((self._clock() - self._started) / self._here * left)} left"]


def _clock_time(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
