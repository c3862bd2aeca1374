"""A study's comparisons as Markdown, LaTeX (booktabs) and CSV, beside its table and by the same rules."""

from __future__ import annotations

from pathlib import Path

from experiments.comparisons import Comparison, SectionComparisons, StudyComparisons
from experiments.formatting import (
    SIMULATED,
    SIMULATED_NOTE,
    csv_of,
    detectable_points,
    fixed,
    interval_fields,
    percent,
    pipe_table,
    probability,
    tex_cell,
    tex_text,
)
from experiments.grouping import named_runs

_COLUMNS = (
    "Optimizer",
    "Training tasks",
    "against",
    "Difference, points [95 %]",
    "relative % [95 %]",
    "Cohen's h",
    "won : lost",
    "p, tasks",
    "Holm",
    "p, tasks and seeds",
    "Holm",
    "detectable, points",
)
_NOTES = (
    "Won : lost: pairs of test task and seed that one of the two alone solved. p, tasks: exact sign-flip test over tasks, "
    "seeds summed (with one seed McNemar's): would these very results differ on other tasks? p, tasks and seeds: min F': would "
    "the methods, run with other seeds? Both two-sided; Holm: adjusted for all comparisons of the table. Detectable: the "
    "smallest true difference found at the 5 % level by four of five studies of this size."
)


def write_comparisons(found: StudyComparisons, folder: Path) -> list[Path]:
    """comparisons.md, .tex and .csv in `folder` (made if need be); their paths. Nothing where nothing is compared."""
    if not any(section.rows for section in found.sections):
        return []
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, render in (("md", comparisons_markdown), ("tex", comparisons_latex), ("csv", comparisons_csv)):
        path = folder / f"comparisons.{suffix}"
        path.write_bytes(render(found).encode())
        written.append(path)
    return written


def comparisons_markdown(found: StudyComparisons) -> str:
    """Pipe tables, one a section, under a heading that says SIMULATED where any point is."""
    lines = [f"# {_title(found)}", ""]
    for section in found.sections:
        if section.rows:
            mark = ["Results"] if found.simulated else []
            cells = [[*_COLUMNS, *mark]]
            for row in section.rows:
                cells.append([*_cells(row), *([SIMULATED if row.simulated else "measured"] if mark else [])])
            lines += [f"## {section.title}", "", *pipe_table(cells), ""]
    lines += [_NOTES, "", found.footer, ""]
    if found.simulated:
        lines += [SIMULATED_NOTE, ""]
    return "\n".join(lines)


def effect_cells(row: Comparison) -> list[str]:
    """What is compared and by how much it differs: optimizer, training tasks, baseline, difference (points), relative (%),
    Cohen's h, won : lost."""
    return [
        row.optimizer,
        str(row.train_size),
        row.baseline,
        percent(row.difference, "+"),
        percent(row.relative, "+"),
        fixed(row.effect.h, "+.2f").replace("-", "−"),
        f"{row.effect.won} : {row.effect.lost}",
    ]


def _cells(row: Comparison) -> list[str]:
    return [
        *effect_cells(row),
        probability(row.p_tasks),
        probability(row.adjusted_tasks),
        probability(row.p_both),
        probability(row.adjusted_both),
        detectable_points(row.detectable),
    ]


def comparisons_latex(found: StudyComparisons) -> str:
    """A table* a section, to be \\input; needs the booktabs and graphicx packages."""
    lines = [f"% {_title(found)}", "% Needs \\usepackage{booktabs,graphicx}."]
    if found.simulated:
        lines.append(f"% {SIMULATED_NOTE}")
    filled = [section for section in found.sections if section.rows]
    for number, section in enumerate(filled, start=1):
        lines += ["", *_latex_section(found, section, f"-{number}" if len(filled) > 1 else "")]
    return "\n".join(lines) + "\n"


def _latex_section(found: StudyComparisons, section: SectionComparisons, suffix: str) -> list[str]:
    note = (
        f" \\textbf{{{SIMULATED}}}: {tex_text(SIMULATED_NOTE.removeprefix('SIMULATED: '))}" if found.simulated else ""
    )
    footer = named_runs(found.study, sorted({run for row in section.rows for run in row.runs}))
    return [
        "\\begin{table*}",
        "\\centering",
        f"\\caption{{{tex_text(_title(found))}. {tex_text(section.title)}. {tex_text(_NOTES)} {tex_text(footer)}{note}}}",
        f"\\label{{tab:{found.study}-comparisons{suffix}}}",
        "\\resizebox{\\textwidth}{!}{%",
        "\\begin{tabular}{lrlrrrrrrrrr}",
        "\\toprule",
        " & & & Difference & Relative \\% & Cohen's & Won : & \\multicolumn{2}{c}{$p$, tasks} & "
        "\\multicolumn{2}{c}{$p$, tasks and seeds} & Detectable \\\\",
        "\\cmidrule(lr){8-9} \\cmidrule(lr){10-11}",
        "Optimizer & Train & against & [95\\,\\%] & [95\\,\\%] & $h$ & lost & & Holm & & Holm & points \\\\",
        "\\midrule",
        *(
            f"{' & '.join(map(tex_cell, _cells(row)))} \\\\{f' % {SIMULATED}' if row.simulated else ''}"
            for row in section.rows
        ),
        "\\bottomrule",
        "\\end{tabular}}",
        "\\end{table*}",
    ]


def comparisons_csv(found: StudyComparisons) -> str:
    """One line a comparison, raw numbers (shares, not percent), empty where there is none."""
    return csv_of([_record(found, section, row) for section in found.sections for row in section.rows])


def _record(found: StudyComparisons, section: SectionComparisons, row: Comparison) -> dict[str, str]:
    record = {
        "study": found.study,
        "results": SIMULATED if row.simulated else "measured",
        "section": section.title,
        "optimizer": row.optimizer,
        "training_tasks": str(row.train_size),
        "baseline": row.baseline,
        "test_tasks": str(row.tasks),
        "seeds": " ".join(map(str, row.seeds)),
    }
    record |= interval_fields("difference", row.difference) | interval_fields("relative", row.relative)
    numbers = {
        "h": row.effect.h,
        "odds": row.effect.odds,
        "p_tasks": row.p_tasks,
        "p_tasks_holm": row.adjusted_tasks,
        "p_both": row.p_both,
        "p_both_holm": row.adjusted_both,
        "detectable": row.detectable,
    }
    counts = {"won": str(row.effect.won), "lost": str(row.effect.lost)}
    runs = {"runs": " ".join(run[:8] for run in row.runs)}
    return record | counts | {name: "" if x is None else fixed(x, ".6g") for name, x in numbers.items()} | runs


def _title(found: StudyComparisons) -> str:
    title = f"{found.title}: comparisons"
    return f"{title} ({SIMULATED})" if found.simulated else title
