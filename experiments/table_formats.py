"""A study's table as Markdown, LaTeX (booktabs) and CSV: the same numbers, each byte a function of the table alone."""

from __future__ import annotations

from pathlib import Path

from experiments.formatting import (
    NONE,
    SIMULATED,
    SIMULATED_NOTE,
    csv_of,
    fixed,
    interval_fields,
    percent,
    pipe_table,
    tex_cell,
    tex_text,
    whole,
)
from experiments.grouping import BASELINES, named_runs
from experiments.stats import CONFIDENCE, RESAMPLES
from experiments.summary import PHASES
from experiments.tables import Row, Section, StudyTable

_WORDS = {"none": "none", "all_at_once": "all-at-once"}

UNEQUAL_NOTE = (
    "Methods differ in training episodes by more than a quarter: part of a difference may be what they spent. For equal "
    "terms set allowance.unit and allowance.amount, and enough epochs."
)


def write_tables(table: StudyTable, folder: Path) -> list[Path]:
    """table.md, table.tex and table.csv in `folder` (made if need be); their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, render in (("md", markdown), ("tex", latex), ("csv", as_csv)):
        path = folder / f"table.{suffix}"
        path.write_bytes(render(table).encode())
        written.append(path)
    return written


# Markdown


def markdown(table: StudyTable) -> str:
    """Pipe tables, one a section, under a heading that says SIMULATED where any point is."""
    lines = [f"# {heading(table)}", ""]
    for section in table.sections:
        if len(table.sections) > 1:
            lines += [f"## {section.title}", ""]
        else:
            lines += [section.title, ""]
        cells = [_header(), *(_cells(row) for row in section.rows)]
        if table.simulated:
            cells = [[*line, mark] for line, mark in zip(cells, ["Results", *_marks(section)], strict=True)]
        lines += [*pipe_table(cells), ""]
    lines += [_notes(), "", table.footer, ""]
    if table.unequal:
        lines += [UNEQUAL_NOTE, ""]
    if table.simulated:
        lines += [SIMULATED_NOTE, ""]
    return "\n".join(lines)


def _header() -> list[str]:
    return [
        "Optimizer",
        "Training tasks",
        "Test tasks x seeds",
        "Success % [95 %]",
        *(f"vs {_WORDS[baseline]} [95 %]" for baseline in BASELINES),
        "Training episodes",
        "Optimizer prompt tokens a call, mean",
        "max",
        *(f"{phase} kTok" for phase in PHASES),
        "$",
    ]


def _cells(row: Row) -> list[str]:
    head = [row.optimizer, str(row.train_size), f"{row.tasks} x {len(row.seeds)}"]
    if row.problem:
        return [*head, row.problem, *[NONE] * (len(BASELINES) + 4 + len(PHASES))]
    return [
        *head,
        percent(row.success, signed=""),
        *(percent(row.differences.get(baseline), signed="+") for baseline in BASELINES),
        whole(row.training_episodes),
        whole(row.prompt_mean),
        whole(row.prompt_max),
        *(_thousands(row.tokens[phase]) for phase in PHASES),
        f"{row.dollars:.4f}",
    ]


def _marks(section: Section) -> list[str]:
    return [SIMULATED if row.simulated else "measured" for row in section.rows]


# LaTeX


def latex(table: StudyTable) -> str:
    """A table* a section, to be \\input; needs the booktabs and graphicx packages."""
    lines = [f"% {heading(table)}", "% Needs \\usepackage{booktabs,graphicx}."]
    if table.simulated:
        lines.append(f"% {SIMULATED_NOTE}")
    for number, section in enumerate(table.sections, start=1):
        lines += ["", *_latex_section(table, section, number)]
    return "\n".join(lines) + "\n"


def _latex_section(table: StudyTable, section: Section, number: int) -> list[str]:
    note = (
        f" \\textbf{{{SIMULATED}}}: {tex_text(SIMULATED_NOTE.removeprefix('SIMULATED: '))}" if table.simulated else ""
    )
    footer = named_runs(table.study, section.runs) + table.files_named
    label = f"tab:{table.study}" + (f"-{number}" if len(table.sections) > 1 else "")
    columns = "lrr" + "r" * (1 + len(BASELINES)) + "rrr" + "r" * len(PHASES) + "r"
    first_phase = 3 + 1 + len(BASELINES) + 3 + 1
    last_phase = first_phase + len(PHASES) - 1
    spans = [
        "& & & Success \\%",
        *(f"vs {_WORDS[baseline]}" for baseline in BASELINES),
        "Training",
        "\\multicolumn{2}{c}{Optimizer prompt/call}",
        f"\\multicolumn{{{len(PHASES)}}}{{c}}{{Tokens (thousands)}}",
        "\\$ \\\\",
    ]
    names = ["Optimizer", "Train", "$n \\times$ seeds", "[95\\,\\%]", *["[95\\,\\%]"] * len(BASELINES), "episodes"]
    names += ["mean", "max", *PHASES, ""]
    return [
        "\\begin{table*}",
        "\\centering",
        f"\\caption{{{tex_text(heading(table))}. {tex_text(section.title)}. {tex_text(_notes())} {tex_text(footer)}{note}}}",
        f"\\label{{{label}}}",
        "\\resizebox{\\textwidth}{!}{%",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        " & ".join(spans),
        f"\\cmidrule(lr){{{first_phase - 2}-{first_phase - 1}}} \\cmidrule(lr){{{first_phase}-{last_phase}}}",
        " & ".join(names) + " \\\\",
        "\\midrule",
        *(f"{_latex_row(row)} \\\\{f' % {SIMULATED}' if row.simulated else ''}" for row in section.rows),
        "\\bottomrule",
        "\\end{tabular}}",
        "\\end{table*}",
    ]


def _latex_row(row: Row) -> str:
    return " & ".join(tex_cell(cell) for cell in _cells(row))


# CSV


def as_csv(table: StudyTable) -> str:
    """One line a row, raw numbers (shares, not percent), empty where there is none."""
    return csv_of([_record(table, section, row) for section in table.sections for row in section.rows])


def _record(table: StudyTable, section: Section, row: Row) -> dict[str, str]:
    record = {
        "study": table.study,
        "results": SIMULATED if row.simulated else "measured",
        "env": section.env,
        "model": section.model,
        "varied": " ".join(f"{key}={value}" for key, value in sorted(section.varied.items())),
        "optimizer": row.optimizer,
        "training_tasks": str(row.train_size),
        "test_tasks": str(row.tasks),
        "seeds": " ".join(map(str, row.seeds)),
        "state": row.problem or "complete",
    }
    intervals = {"success": row.success, **{f"vs_{baseline}": row.differences.get(baseline) for baseline in BASELINES}}
    for name, interval in intervals.items():
        record |= interval_fields(name, interval)
    amounts = {
        "training_episodes": (row.training_episodes, ".1f"),
        "optimizer_prompt_tokens_mean": (row.prompt_mean, ".1f"),
        "optimizer_prompt_tokens_max": (row.prompt_max, ".0f"),
        **{f"tokens_{phase}": (row.tokens.get(phase), ".1f") for phase in PHASES},
        "dollars": (row.dollars, ".6f"),
    }
    for name, (value, form) in amounts.items():
        record[name] = "" if value is None or row.problem else fixed(value, form)
    record["runs"] = " ".join(run[:8] for run in row.runs)
    return record


def heading(table: StudyTable) -> str:
    """The study's title, marked where it is simulated."""
    return f"{table.title} ({SIMULATED})" if table.simulated else table.title


def _notes() -> str:
    return (
        f"Success: share of held-out test tasks solved, over all seeds, with its {CONFIDENCE:.0%} interval; "
        f"differences in points, paired by task and seed; bootstrap over both, {RESAMPLES:,} times. "
        "Training episodes, tokens (prompt and completion, thousands) and dollars: means over seeds, without a cache."
    ).replace("95%", "95 %")


def _thousands(tokens: float) -> str:
    return fixed(tokens / 1000, ",.1f") if tokens else "0"
