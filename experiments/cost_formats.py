"""A study's costs as Markdown and CSV, each byte a function of the table alone; wall times stand apart."""

from __future__ import annotations

from pathlib import Path

from experiments.costs import ROLES, CostRow, CostSection, CostTable, Tokens
from experiments.formatting import NONE, SIMULATED, SIMULATED_NOTE, csv_text, fixed, percent, pipe_table


def write_costs(table: CostTable, folder: Path) -> list[Path]:
    """costs.md and costs.csv in `folder` (made if need be); their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in (("costs.md", costs_markdown(table)), ("costs.csv", costs_csv(table))):
        path = folder / name
        path.write_bytes(text.encode())
        written.append(path)
    return written


def write_times(table: CostTable, folder: Path) -> Path:
    """times.csv: seconds of wall time, mean over seeds. Another machine's are others, so they stand in no other file."""
    records = [
        [section.env, section.model, section.varied, row.optimizer, row.train_size, f"{row.seconds:.1f}"]
        for section in table.sections
        for row in section.rows
        if not row.problem
    ]
    path = folder / "times.csv"
    path.write_bytes(
        csv_text([["env", "model", "varied", "optimizer", "training_tasks", "seconds"], *records]).encode()
    )
    return path


def costs_markdown(table: CostTable, times: bool = False) -> str:
    """Pipe tables, one a section. times: with a column of wall times, for the eye only."""
    lines = [f"# {table.title}: costs{f' ({SIMULATED})' if table.simulated else ''}", ""]
    for section in table.sections:
        lines += [f"## {section.title}" if len(table.sections) > 1 else section.title, ""]
        lines += [*pipe_table([_header(times), *(_cells(row, times) for row in section.rows)]), ""]
    lines += [_notes(table, times), ""]
    if table.simulated:
        lines += [SIMULATED_NOTE, ""]
    return "\n".join(lines)


def _header(times: bool) -> list[str]:
    return [
        "Optimizer",
        "Training tasks",
        "Test tasks x seeds",
        "Success % [95 %]",
        "Training episodes",
        "Test episodes",
        *(f"{role} kTok in + out" for role in ROLES),
        "Cached %",
        "$",
        *(["Minutes"] if times else []),
    ]


def _cells(row: CostRow, times: bool) -> list[str]:
    head = [row.optimizer, str(row.train_size), f"{row.tasks} x {len(row.seeds)}"]
    if row.problem:
        return [*head, row.problem, *[NONE] * (4 + len(ROLES) + times)]
    return [
        *head,
        percent(row.success, signed=""),
        fixed(row.training_episodes, ",.0f"),
        fixed(row.test_episodes, ",.0f"),
        *(_both(row.tokens[role]) for role in ROLES),
        fixed(100 * row.cached_share, ".0f"),
        fixed(row.dollars, ",.4f"),
        *([fixed(row.seconds / 60, ",.1f")] if times else []),
    ]


def _both(tokens: Tokens) -> str:
    if not tokens.prompt and not tokens.completion:
        return NONE
    return f"{fixed(tokens.prompt / 1000, ',.1f')} + {fixed(tokens.completion / 1000, ',.1f')}"


def _notes(table: CostTable, times: bool) -> str:
    return (
        "Episodes, tokens (thousands, prompts + replies; the agent's those of the test included), their share that the "
        f"provider's prompt cache held and dollars: means over seeds. {table.prices}"
        + (" Minutes: wall time of a run, mean over seeds, on this machine." if times else "")
    )


def costs_csv(table: CostTable) -> str:
    """One line a row, raw numbers (shares, not percent), empty where there is none."""
    names = [
        "study",
        "results",
        "env",
        "model",
        "varied",
        "optimizer",
        "training_tasks",
        "test_tasks",
        "seeds",
        "state",
    ]
    names += ["success", "success_low", "success_high", "training_episodes", "test_episodes"]
    names += [f"{role}_{part}_tokens" for role in ROLES for part in ("prompt", "cached", "completion")]
    records = [_record(table, section, row) for section in table.sections for row in section.rows]
    return csv_text([[*names, "dollars", "prices"], *records])


def _record(table: CostTable, section: CostSection, row: CostRow) -> list[str]:
    head = [table.study, SIMULATED if row.simulated else "measured", section.env, section.model, section.varied]
    head += [
        row.optimizer,
        str(row.train_size),
        str(row.tasks),
        " ".join(map(str, row.seeds)),
        row.problem or "complete",
    ]
    if row.problem or row.success is None:
        return [*head, *[""] * (6 + 3 * len(ROLES)), table.prices]
    success = [fixed(value, ".4f") for value in (row.success.estimate, row.success.low, row.success.high)]
    episodes = [fixed(value, ".1f") for value in (row.training_episodes, row.test_episodes)]
    tokens = [
        fixed(getattr(row.tokens[role], part), ".1f") for role in ROLES for part in ("prompt", "cached", "completion")
    ]
    return [*head, *success, *episodes, *tokens, fixed(row.dollars, ".6f"), table.prices]
