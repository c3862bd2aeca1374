"""How models behaved, side by side: `python -m experiments.behaviour FOLDER...`, folders that hold runs, real and simulated.

Success says who won; this says how: what ended the episodes of the test, how many replies nobody could read, how long prompts and
replies were by role, how many proposals passed. It is for asking what a simulated model has of a real one (docs/local-models.md).
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.costs import ROLES
from experiments.errors import UsageError
from experiments.formatting import NONE, SIMULATED_NOTE, fixed, pipe_table
from experiments.runfolder import journals_below
from experiments.summary import PointResult, Verdicts, summarize
from fgo.journal import DamagedJournal
from fgo.types import Status, Usage

ENDINGS = tuple(status for status in Status if not status.is_infrastructure)


@dataclass(frozen=True, slots=True)
class Calls:
    """A role's calls in all phases. truncated: those whose reply ended at its limit of tokens."""

    number: int
    truncated: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Sums over a method's complete runs with one model on one environment, whatever else they vary.

    endings, steps, unreadable: of the test's episodes; steps are replies. calls: by role.
    """

    env: str
    optimizer: str
    model: str
    simulated: bool
    runs: int
    endings: Counter[Status]
    steps: int
    unreadable: int
    calls: Mapping[str, Calls]
    proposals: Verdicts
    merges: Verdicts

    @property
    def episodes(self) -> int:
        return self.endings.total()


def behaviours(results: Iterable[PointResult]) -> list[Behaviour]:
    """One for each environment, optimizer and model, real before simulated. Incomplete runs are left out: what they lack may be
    their longest episodes."""
    groups: dict[tuple[str, str, bool, str], list[PointResult]] = defaultdict(list)
    for result in results:
        if result.complete:
            point = result.point
            groups[point.env, point.optimizer, result.simulated, point.model].append(result)
    return [_behaviour(group) for _, group in sorted(groups.items())]


def _behaviour(results: Sequence[PointResult]) -> Behaviour:
    outcomes = [outcome for result in results for outcome in result.outcomes.values()]
    point = results[0].point
    return Behaviour(
        env=point.env,
        optimizer=point.optimizer,
        model=point.model,
        simulated=results[0].simulated,
        runs=len(results),
        endings=Counter(outcome.status for outcome in outcomes),
        steps=sum(outcome.steps for outcome in outcomes),
        unreadable=sum(outcome.malformed for outcome in outcomes),
        calls={role: _calls(role, results) for role in ROLES},
        proposals=_summed(result.decisions for result in results),
        merges=_summed(result.merges for result in results),
    )


def _calls(role: str, results: Sequence[PointResult]) -> Calls:
    lines = [line for result in results for line in result.lines(role)]
    return Calls(
        sum(line.calls for line in lines),
        sum(line.truncated for line in lines),
        sum((line.usage for line in lines), Usage()),
    )


def _summed(verdicts: Iterable[Verdicts]) -> Verdicts:
    given = list(verdicts)
    return Verdicts(sum(one.accepted for one in given), sum(one.rejected for one in given))


def behaviour_markdown(rows: Sequence[Behaviour]) -> str:
    """A table for each environment."""
    lines: list[str] = []
    for env in dict.fromkeys(row.env for row in rows):
        lines += [f"## {env}", "", *pipe_table([_HEADER, *(_cells(row) for row in rows if row.env == env)]), ""]
    lines += [
        "Endings: of the test's episodes, %. Unreadable: of their replies, %. Tokens a call, in + out: means over all phases. "
        "Cut off: of all replies, those that ended at their limit, %. Passed: accepted of those decided on.",
        "",
    ]
    return "\n".join([*lines, *([SIMULATED_NOTE, ""] if any(row.simulated for row in rows) else [])])


_HEADER = [
    "Optimizer", "Model", "Runs", "Episodes", *(status.value for status in ENDINGS), "Steps an episode", "Unreadable",
    *(f"{role} tokens a call" for role in ROLES), "Cut off", "Proposals passed", "Merges passed",
]  # fmt: skip


def _cells(row: Behaviour) -> list[str]:
    truncated = sum(calls.truncated for calls in row.calls.values())
    replies = sum(calls.number for calls in row.calls.values())
    return [
        row.optimizer,
        f"{row.model} (SIMULATED)" if row.simulated else row.model,
        str(row.runs),
        str(row.episodes),
        *(_share(row.endings[status], row.episodes) for status in ENDINGS),
        fixed(row.steps / row.episodes, ".1f"),
        _share(row.unreadable, row.steps),
        *(_tokens(row.calls[role]) for role in ROLES),
        _share(truncated, replies),
        _passed(row.proposals),
        _passed(row.merges),
    ]


def _share(part: int, whole: int) -> str:
    return fixed(100 * part / whole, ".1f") if whole else NONE


def _tokens(calls: Calls) -> str:
    if not calls.number:
        return NONE
    usage = calls.usage
    return (
        f"{fixed(usage.prompt_tokens / calls.number, ',.0f')} + {fixed(usage.completion_tokens / calls.number, ',.0f')}"
    )


def _passed(verdicts: Verdicts) -> str:
    decided = verdicts.accepted + verdicts.rejected
    return f"{verdicts.accepted} of {decided}" if decided else NONE


def main(arguments: list[str]) -> int:
    """Exit status."""
    if not arguments:
        print("usage: python -m experiments.behaviour FOLDER... (each a folder that holds runs)", file=sys.stderr)
        return 2
    try:
        results = [summarize(journal) for journal in journals_below([Path(argument) for argument in arguments])]
    except (UsageError, ValueError, DamagedJournal) as error:
        print(error, file=sys.stderr)
        return 2
    for result in results:
        if not result.complete:
            print(f"left out: {result.folder} is {result.state} ({result.reason})", file=sys.stderr)
    print(behaviour_markdown(behaviours(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
