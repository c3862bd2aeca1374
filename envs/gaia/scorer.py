"""Whether an answer is right, by the rule of GAIA's leaderboard, quirks included: its figures compare with no other rule's.

The form of the *ground truth* chooses the rule:
- a number (what `float` reads): `$`, `%` and `,` are deleted from the answer, and the two numbers must be equal;
- else a list (a `,` or `;` in it): as many elements, in the same order; those that are numbers compare by the first rule, the
  others without white space and in lower case, their punctuation kept;
- else a text: white space and ASCII punctuation removed, in lower case. Articles, accents and typographic quotes count.

`python -m envs.gaia.scorer CASES.jsonl` compares it with verdicts of the leaderboard's own scorer.
"""

from __future__ import annotations

import json
import re
import string
import sys
from collections.abc import Sequence
from pathlib import Path

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_NO_UNITS = str.maketrans("", "", "$%,")
_SEPARATORS = re.compile("[,;]")
_WHITE = re.compile(r"\s")


def is_right(answer: str, truth: str) -> bool:
    """Whether the answer counts as the ground truth. Takes any two texts."""
    number = _number(truth)
    if number is not None:
        return _same_number(answer, number)
    wanted = _SEPARATORS.split(truth)
    if len(wanted) == 1:
        return normalize(answer) == normalize(truth)
    given = _SEPARATORS.split(answer)
    return len(given) == len(wanted) and all(map(_same_element, given, wanted))


def normalize(text: str) -> str:
    """How a text that is no list is compared: no white space, no ASCII punctuation, lower case."""
    return _tight(text).translate(_NO_PUNCTUATION)


def _same_element(answer: str, truth: str) -> bool:
    number = _number(truth)
    return _tight(answer) == _tight(truth) if number is None else _same_number(answer, number)


def _same_number(answer: str, number: float) -> bool:
    """An answer that is no number counts as infinity, which only an infinite ground truth equals."""
    given = _number(answer.translate(_NO_UNITS))
    return (float("inf") if given is None else given) == number


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _tight(text: str) -> str:
    return _WHITE.sub("", text).lower()


def main(arguments: Sequence[str]) -> int:
    """Compare with recorded verdicts: lines {"ground_truth", "model_answer", "expected"}. Status 1 unless all agree."""
    if len(arguments) != 1:
        print("usage: python -m envs.gaia.scorer CASES.jsonl", file=sys.stderr)
        return 2
    try:
        lines = Path(arguments[0]).read_text(encoding="utf-8").split("\n")
        cases = [(number, json.loads(line)) for number, line in enumerate(lines, start=1) if line.strip()]
        verdicts = [
            (number, is_right(case["model_answer"], case["ground_truth"]), case["expected"]) for number, case in cases
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(
            f"{arguments[0]}: expected a file with a JSON object a line, with the texts ground_truth and model_answer and "
            f"the boolean expected ({type(error).__name__}: {error})",
            file=sys.stderr,
        )
        return 2
    wrong = [(number, expected) for number, verdict, expected in verdicts if verdict is not expected]
    for number, expected in wrong:
        print(f"line {number}: expected {str(expected).lower()}")
    print(f"agree {len(verdicts) - len(wrong)}/{len(verdicts)}")
    return 0 if verdicts and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
