"""From a study's points to its tables, figures and manifest in the study's folder: made of the journals alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from experiments.claims import judge, paper_claims
from experiments.comparison_formats import write_comparisons
from experiments.comparisons import comparisons
from experiments.cost_formats import costs_markdown, write_costs, write_times
from experiments.costs import cost_table
from experiments.figures import HeatMap, heat_map, study_figures
from experiments.grouping import grouped
from experiments.manifest import MANIFEST, write_manifest, write_sums
from experiments.provenance import identity
from experiments.runfolder import unlike
from experiments.settings import HeatMapSettings, Settings
from experiments.stats import Interval
from experiments.summary import PointResult, not_run, summarize
from experiments.table_formats import markdown, write_tables
from experiments.tables import Section, StudyTable, table_of_groups
from experiments.verdicts.formats import lines, write_verdicts
from fgo.journal import DamagedJournal, read_events
from fgo.types import Json


def report(points: Sequence[Settings]) -> int:
    """Write and print the table of a sweep's points. 0 where every point is complete and comparable, else 1."""
    study = points[0].plain.study
    folder = Path(points[0].plain.runs) / study.name
    results = results_of(points)
    table, written = write_study(results, study.name, study.title, study.heat_map, folder)
    costs = cost_table(points, results, table)
    written += write_costs(costs, folder)
    headers = [header_of(point.folder / "journal.jsonl") for point in points]
    written.append(write_manifest(points, results, headers, folder / MANIFEST))
    written += [write_sums(folder, written), write_times(costs, folder)]
    print(costs_markdown(costs, times=True))
    return finish(table, written)


def write_study(
    results: Sequence[PointResult], study: str, title: str, wanted: HeatMapSettings | None, folder: Path
) -> tuple[StudyTable, list[Path]]:
    """Write a study's tables, comparisons, verdicts and figures (wanted: its heat map in their place) into its folder, and
    print table and verdicts. The table and the files' paths."""
    groups = grouped(results)
    table = table_of_groups(groups, study, title)
    verdicts = judge(paper_claims().of(study), groups, study)
    written = write_tables(table, folder)
    written += write_comparisons(comparisons(groups, study, title), folder)
    written += write_verdicts(paper_claims(), verdicts, study, table.footer, folder)
    written += draw(table, wanted, folder)
    print("\n".join([markdown(table), *lines(verdicts)]))
    return table, written


def finish(table: StudyTable, written: Sequence[Path]) -> int:
    """Say what was written and what is not complete. 0 where every point is complete and comparable, else 1."""
    print("written: " + ", ".join(str(path) for path in written))
    for problem in table.problems:
        print(f"not complete: {problem}", file=sys.stderr)
    return 1 if table.problems else 0


def header_of(journal: Path) -> dict[str, Any] | None:
    """The event that begins a journal; None where there is none to be read (the table says why)."""
    try:
        return next((event for event in read_events(journal) if event["kind"] == "run"), None)
    except (OSError, DamagedJournal):
        return None


def results_of(points: Sequence[Settings]) -> list[PointResult]:
    """What points came to so far; one that nobody has begun is there, too, as not run."""
    identities: dict[bytes, Mapping[str, Json]] = {}
    results = []
    for point in points:
        key = orjson.dumps([point.resolved["env"], point.simulated])
        if key not in identities:
            identities[key] = asyncio.run(_identity(point))
        results.append(_result_of(point, identities[key]))
    return results


async def _identity(settings: Settings) -> Mapping[str, Json]:
    await settings.env.prepare()
    try:
        return identity(settings)
    finally:
        await settings.env.close()


def _result_of(settings: Settings, now: Mapping[str, Json]) -> PointResult:
    """`now`: what a run would depend on today; a journal made with something else holds another run."""
    journal = settings.folder / "journal.jsonl"
    if not journal.exists():
        return not_run(settings.point, settings.simulated)
    try:
        result = replace(summarize(journal), point=settings.point)
    except (ValueError, DamagedJournal) as error:
        return PointResult(settings.point, settings.simulated, "damaged", str(error), str(settings.folder))
    header = header_of(journal)
    if header is None or unlike(header, {"config": settings.resolved, **now}):
        return replace(result, state="incomplete", reason="the folder holds another run")
    return result


def draw(table: StudyTable, wanted: HeatMapSettings | None, folder: Path) -> list[Path]:
    """The study's figures (`figures.study_figures`) or, where the study asks for one, its heat map alone."""
    if wanted is None:
        return study_figures(table, folder)
    return heat_map(lead_map(table, wanted), folder / "lead")


def lead_map(table: StudyTable, wanted: HeatMapSettings) -> HeatMap:
    """One method's lead at each training size (x) and value of the varied key (y), from the table's own differences."""
    sections: Mapping[object, Section] = {section.varied[wanted.y]: section for section in table.sections}
    sizes = sorted({row.train_size for section in table.sections for row in section.rows})
    values = sorted(sections, key=lambda value: (isinstance(value, str), value))
    cells = [[_lead(sections[value], wanted, size) for size in sizes] for value in values]
    first = next(iter(sections.values()))
    rows = [row for section in table.sections for row in section.rows]
    seeds = len(rows[0].seeds)
    return HeatMap(
        title=table.title,
        x_label=wanted.x_label,
        y_label=wanted.y_label,
        x_values=sizes,
        y_values=values,
        cells=cells,
        lead=wanted.label,
        footer=f"Study {table.study}: {first.env}, {first.model}; {rows[0].tasks} test tasks, {seeds} seeds a cell. "
        f"{table.footer}",
        simulated=table.simulated,
    )


def _lead(section: Section, wanted: HeatMapSettings, size: int) -> Interval | None:
    for row in section.rows:
        if row.optimizer == wanted.method and row.train_size == size:
            return row.differences.get(wanted.baseline)
    return None
