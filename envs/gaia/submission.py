"""Writes the file that GAIA's leaderboard takes, from a run's journal: `python -m envs.gaia.submission RUN_FOLDER OUT.jsonl`.

A line a test task: {"task_id", "model_answer", "reasoning_trace"}. An episode without an answer has the answer "". The file
quotes the tasks, as the leaderboard wants it: keep it out of what is published.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


def submission(events: Iterator[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The lines, in the order of the run's test tasks. Raises ValueError where it is no run of GAIA or not complete."""
    tasks: list[str] | None = None
    lines: dict[str, dict[str, str]] = {}
    benchmark = ""
    for event in events:
        if event["kind"] == "run":
            benchmark = str(event.get("environment", {}).get("benchmark", ""))
        elif event["kind"] == "tasks" and event["use"] == "test":
            tasks = list(event["tasks"])
        elif event["kind"] == "episode" and event["phase"] == "test":
            line = _line(event["trajectory"])
            lines[line["task_id"]] = line
    if benchmark != "gaia":
        raise ValueError(f"this is a run of {benchmark or 'an unknown environment'}, not of gaia")
    missing = [task for task in tasks or () if task not in lines]
    if tasks is None or missing:
        number = "none" if tasks is None else f"{len(tasks) - len(missing)} of {len(tasks)}"
        raise ValueError(f"{number} of the test tasks have a result: finish the run (give its command again) first")
    return [lines[task] for task in tasks]


def _line(trajectory: Mapping[str, Any]) -> dict[str, str]:
    """The journal's trajectory (fgo/types.py) as a line; its steps are [reply, action, observation]."""
    trace = [f"{reply.strip()}\nObservation: {observation}" for reply, _, observation in trajectory["steps"]]
    return {
        "task_id": trajectory["task_id"],
        "model_answer": trajectory["score"]["details"].get("answer") or "",
        "reasoning_trace": "\n".join(trace),
    }


def _events(journal: Path) -> Iterator[Mapping[str, Any]]:
    """A journal's events (fgo/journal.py); a last line cut off by a kill is left out."""
    with journal.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    raise ValueError(f"line {number} is no JSON: the journal is damaged") from None


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        print("usage: python -m envs.gaia.submission RUN_FOLDER OUT.jsonl", file=sys.stderr)
        return 2
    journal, out = Path(arguments[0], "journal.jsonl"), Path(arguments[1])
    try:
        lines = submission(_events(journal))
        with out.open("x", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    except FileExistsError:
        print(f"{out} exists already: choose another name", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(f"{journal}: {error}", file=sys.stderr)
        return 1
    answered = sum(bool(line["model_answer"]) for line in lines)
    print(f"{out}: {len(lines)} tasks, {answered} answered. It quotes GAIA's tasks: do not publish it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
