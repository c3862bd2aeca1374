"""What the generated set measures, as a table: `python -m envs.logisticsqa.gate [--n 200] [--seed 0]`.

Who knows the rules must answer everything, and no shortcut may answer much: no single regular expression, no single
element, no fixed answer. Success is the exact set of references, as in the benchmark.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envs.logisticsqa.gate_agent import TAUGHT, UNTAUGHT, agent_success
from envs.logisticsqa.generator import Document, generate
from envs.logisticsqa.shortcuts import EXPRESSIONS, Shortcut, best_alternation, by_check_digit, by_expression, by_paths
from envs.logisticsqa.solver import solve

_AGENTS = (
    ("simulated agent, untaught", UNTAUGHT),
    ("simulated agent, taught everything", TAUGHT),
    ("simulated agent that never errs", 1.0),
)

BOUND = 0.35
"""What no shortcut may reach."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way to answer, its share of documents answered rightly, and what it was."""

    name: str
    success: float
    detail: str = ""


def measure(documents: Sequence[Document]) -> list[Row]:
    """The rows that need no agent. The first is the solver's, the others are shortcuts."""
    return [
        Row("knows the rules", _share(documents, lambda xml: solve(xml.encode()))),
        _best("best regular expression, all matches", documents, False),
        _best("best regular expression, first match", documents, True),
        _best_alternation(documents),
        _best_path(documents),
        Row("all numbers with the right check digit", _share(documents, by_check_digit)),
        _commonest(documents),
    ]


def failures(rows: Sequence[Row]) -> list[str]:
    """What is wrong with the set, one sentence each; empty where all is well."""
    solver, *shortcuts = rows
    wrong = [f"Who knows the rules answers only {solver.success:.1%}."] if solver.success < 1 else []
    return wrong + [f"{row.name}: {row.success:.1%}, {BOUND:.0%} or more." for row in shortcuts if row.success >= BOUND]


def table(rows: Sequence[Row]) -> str:
    width = max(len(row.name) for row in rows)
    return "\n".join(f"{row.name:<{width}}  {row.success:6.1%}  {row.detail}".rstrip() for row in rows)


def _share(documents: Sequence[Document], answer: Shortcut) -> float:
    return sum(set(answer(document.xml)) == set(document.answer) for document in documents) / len(documents)


def _best(name: str, documents: Sequence[Document], first_only: bool) -> Row:
    scored = [(_share(documents, by_expression(text, first_only)), text) for text in EXPRESSIONS]
    success, expression = max(scored, key=lambda pair: pair[0])
    return Row(name, success, _short(expression))


def _best_alternation(documents: Sequence[Document]) -> Row:
    pairs = [(document.xml, frozenset(document.answer)) for document in documents]
    success, expression = best_alternation(pairs)
    return Row("best expression that knows marks of places", success, _short(expression))


def _best_path(documents: Sequence[Document]) -> Row:
    """Of all elements that the documents have; where a document lacks it, the answer is that there is none."""
    paths = by_paths(document.xml for document in documents)
    success, path = max((_share(documents, _at(texts)), path) for path, texts in paths.items())
    return Row("best single element", success, path)


def _at(texts: Mapping[str, Sequence[str]]) -> Shortcut:
    return lambda xml: texts.get(xml, ())


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _commonest(documents: Sequence[Document]) -> Row:
    answer, count = Counter(tuple(sorted(document.answer)) for document in documents).most_common(1)[0]
    return Row("the commonest answer", count / len(documents), str(list(answer)))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200, help="documents (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="of the generated set (default: 0)")
    parser.add_argument("--split", default="test", help="train, validation or test (default: test)")
    options = parser.parse_args(arguments)
    rows = measure(generate(options.seed, options.split, options.n))
    played = agent_success(options.n, options.seed, options.split)
    agents = [Row(name, played[chance], f"acts by a lesson with chance {chance:g}") for name, chance in _AGENTS]
    print(table([*rows, *agents]))
    wrong = failures(rows)
    print("\n".join(wrong) or f"All shortcuts stay below {BOUND:.0%}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
