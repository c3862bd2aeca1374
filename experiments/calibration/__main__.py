"""`python -m experiments.calibration run_dir=FOLDER model=... [OVERRIDES] [--lengths 512,1024] [--times 1,3] [--prompts 10]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from experiments.calibration.measure import Plan, calibrate
from experiments.composition import settings_of
from experiments.errors import UsageError
from fgo.llm.types import BudgetExceeded, ModelError


def main(arguments: Sequence[str]) -> int:
    """Exit status, as of `fgo run`."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.calibration",
        description="Recall of planted lessons against prompt length, with any configured model (its optimizer_model, if set).",
    )
    parser.add_argument("overrides", nargs="*", help="as for fgo run: run_dir=FOLDER env=logisticsqa model=local ...")
    plan = Plan()
    parser.add_argument("--lengths", type=_numbers, default=plan.lengths, help="prompt tokens, comma between them")
    parser.add_argument("--times", type=_numbers, default=plan.times, help="in how many trajectories a lesson shows")
    parser.add_argument("--prompts", type=int, default=plan.prompts, help="for each length and number of times")
    parser.add_argument("--lessons", type=int, default=plan.lessons, help="planted in each prompt, at most")
    parser.add_argument("--plan", action="store_true", help="say what would be asked, and ask nothing")
    given = parser.parse_args(arguments)
    try:
        plan = Plan(given.lengths, given.times, given.prompts, given.lessons)
        settings = settings_of(["env=logisticsqa", "optimizer=none", "tracker=none", *given.overrides])
        asyncio.run(calibrate(settings, plan, lambda text: print(text, flush=True), ask=not given.plan))
    except (UsageError, ValueError) as error:
        print(f"calibration: {error}", file=sys.stderr)
        return 2
    except ModelError as error:
        print(f"calibration: {error}; the same command goes on where it stopped", file=sys.stderr)
        return 1
    except BudgetExceeded as error:
        print(f"calibration: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("calibration: interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    return 0


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
