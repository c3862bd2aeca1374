"""`fgo report FOLDER`: a study's tables and figures made anew from the journals below its folder and from nothing else.

Which points a study asked for is read from the commands in the journals' headers, so that one which was never begun stands
in the table as missing. What no journal tells of (a model of which nothing was begun) can't be known here; `fgo reproduce`
knows it.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.errors import UsageError
from experiments.report import draw, header_of
from experiments.settings import HeatMapSettings
from experiments.summary import Point, PointResult, not_run, summarize
from experiments.table_formats import markdown, write_tables
from experiments.tables import StudyTable, study_table
from fgo.journal import DamagedJournal
from fgo.types import Json

_OF_A_POINT = ("env", "optimizer", "train_size", "seed")  # a model's name is no value of a command's

Told = tuple[Mapping[str, Any], PointResult]


def regenerate(journals: Sequence[Path]) -> int:
    """Write and print the tables and figures of every study among the journals, into the folder that holds its runs.

    0 where every point is complete and comparable, else 1. Raises UsageError for a journal that tells nothing.
    """
    studies: dict[tuple[Path, str], list[Told]] = {}
    for journal in journals:
        told = _told(journal)
        studies.setdefault((journal.parent.parent, told[1].point.study), []).append(told)
    problems = False
    for (folder, name), members in studies.items():
        table = table_of(members, name)
        written = write_tables(table, folder) + draw(table, wanted_map(table, members[0][0]), folder)
        print(markdown(table))
        print("written: " + ", ".join(map(str, written)))
        for problem in table.problems:
            print(f"not complete: {problem}", file=sys.stderr)
        problems = problems or bool(table.problems)
    return 1 if problems else 0


def _told(journal: Path) -> Told:
    try:
        result = summarize(journal)
    except (ValueError, DamagedJournal) as error:
        raise UsageError(str(error)) from error
    header = header_of(journal)
    assert header is not None, "a journal that can be summarized has a header"
    return header, result


def table_of(members: Sequence[Told], name: str) -> StudyTable:
    """The table of runs of one study, and of what their commands asked for besides."""
    title = _study(members[0][0]).get("title") or name or "Runs"
    return study_table([*(result for _, result in members), *missing(members)], name, str(title))


def _study(header: Mapping[str, Any]) -> Mapping[str, Any]:
    study = header["config"].get("study")
    return study if isinstance(study, Mapping) else {}


def wanted_map(table: StudyTable, header: Mapping[str, Any]) -> HeatMapSettings | None:
    """The study's heat map, where it has one and what it needs is varied in these runs."""
    node = _study(header).get("heat_map")
    if node is None or not all(node["y"] in section.varied for section in table.sections):
        return None
    return HeatMapSettings(**node)


def missing(members: Sequence[Told]) -> list[PointResult]:
    """The points that the runs' commands name and no run is of."""
    begun = {_key(result.point) for _, result in members}
    found: dict[str, PointResult] = {}
    for header, result in members:
        for point in _asked(header["command"], result.point):
            if _key(point) not in begun:
                found.setdefault(_key(point), not_run(point, result.simulated))
    return [found[key] for key in sorted(found)]


def _key(point: Point) -> str:
    return f"{replace(point, varied={})!r} {sorted(point.varied.items())!r}"


def _asked(command: Sequence[str], example: Point) -> Iterator[Point]:
    """The points of the sweep that a point was run in: itself, with the command's other values in place of its own."""
    swept = dict(_swept(argument for argument in command[1:] if "=" in argument))
    keys = [key for key in swept if key in _OF_A_POINT or key in example.varied]
    for values in itertools.product(*(swept[key] for key in keys)):
        given = dict(zip(keys, values, strict=True))
        own = {key: given.pop(key) for key in _OF_A_POINT if key in given}
        yield replace(example, **own, varied={**example.varied, **given})


def _swept(arguments: Iterable[str]) -> Iterator[tuple[str, list[Json]]]:
    """(key, its values) of what Hydra reads as a sweep."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import QuotedString

    for override in OverridesParser.create().parse_overrides(list(arguments)):
        if override.is_sweep_override():
            values = list(override.sweep_iterator(transformer=lambda value: value))
            yield override.get_key_element(), [v.text if isinstance(v, QuotedString) else v for v in values]
