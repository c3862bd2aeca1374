"""The `fgo` command. Answers --help at once: everything heavy is imported by the subcommand that needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

USAGE = """\
fgo: reproduce FGO (arXiv 2505.03973) and compare optimizers of LLM agents

usage: fgo run [KEY=VALUE ...]           run one point; keys are in conf/config.yaml
       fgo run -m KEY=V1,V2 ...          run all combinations, then print their table
       fgo run --cfg job [KEY=VALUE ...] print the configuration that would run
       fgo reproduce STUDY [KEY=VALUE ...]
                                         run a study of conf/study/ (what is done is not done again), write its tables
       fgo reproduce STUDY --plan       what it would come to: episodes, tokens, dollars, hours (also: fgo run -m ... --plan)
       fgo reproduce STUDY --check      run it apart, or read it, and compare with results/STUDY, cell by cell
       fgo reproduce STUDY --save       run it, and replace results/STUDY by what came of it
       fgo reproduce STUDY --live       ask the model anew, where results/STUDY holds a recording (which is replayed else)
       fgo show [--text] RUN             what a run's folder holds: scores, tokens, merges, final modules
       fgo report [--html [FILE.html]] [--text] FOLDER...
                                         a study's tables and figures made anew from its journals; --html: one page with all
                                         its runs, curves, merges, tokens and episodes, for a browser
       fgo oracle [KEY=VALUE ...]        play every task of an environment's split by its known solution

examples:
  fgo run optimizer=fgo train_size=24 seed=0
  fgo run model=openai model.name=gpt-4o-mini budget.dollars=5
  fgo run -m optimizer=none,all_at_once,fgo seed=0,1 hydra/launcher=joblib
  fgo reproduce smoke
  fgo report --html runs/smoke
  fgo oracle env=alfworld env.split=valid_seen

A run that was stopped, by whatever, goes on where it was when the same command is given again.
exit status: 0 done, 1 a point failed or is incomplete, 2 wrong usage, 3 stopped at a budget, 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the console script; the return value is the exit status."""
    command, *rest = [*(sys.argv[1:] if arguments is None else arguments), ""]
    rest = rest[:-1]
    if command in ("", "-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if command else 2
    commands: dict[str, Callable[[list[str]], int]] = {
        "run": _run,
        "reproduce": _reproduce,
        "show": _show,
        "report": _report,
        "oracle": _oracle,
    }
    if command not in commands:
        print(f"fgo: no command {command!r}; there are {', '.join(commands)} (see fgo --help)", file=sys.stderr)
        return 2
    from experiments.errors import UsageError

    try:
        return commands[command](rest)
    except UsageError as error:
        print(f"fgo {command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"fgo {command}: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    from experiments.run import run

    return run(arguments)


def _reproduce(arguments: list[str]) -> int:
    from experiments.reproduce import reproduce

    return reproduce(arguments)


def _show(arguments: list[str]) -> int:
    from experiments.show import main as show

    return show(arguments)


def _report(arguments: list[str]) -> int:
    from experiments.page.command import main as report

    return report(arguments)


def _oracle(arguments: list[str]) -> int:
    from experiments.oracle import oracle

    return oracle(arguments)


if __name__ == "__main__":
    sys.exit(main())
