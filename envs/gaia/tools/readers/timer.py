"""The CPU time that one reading may take. The kernel ends the process that takes more, whatever code it is stuck in."""

from __future__ import annotations

import signal

_allowances: dict[str, float] = {}


def start(seconds: float, allowances: dict[str, float]) -> None:
    """Begin a reading of at most `seconds`; a reader that comes to a costlier step may `allow` its own share for it."""
    _allowances.clear()
    _allowances.update(allowances)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF, which nobody handles, ends the process


def allow(step: str) -> None:
    """Grant the step its own time from here on, where it has any."""
    if step in _allowances:
        signal.setitimer(signal.ITIMER_PROF, _allowances[step])


def stop() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
