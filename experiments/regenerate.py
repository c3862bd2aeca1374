"""`fgo report FOLDER`: a study's tables, verdicts and figures made anew from the journals below its folder and from nothing else.

Which points a study asked for is read from the commands in the journals' headers, so that one which was never begun stands
in the table as missing. What no journal tells of (a model of which nothing was begun) can't be known here; `fgo reproduce`
knows it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.errors import UsageError
from experiments.report import finish, header_of, write_study
from experiments.settings import HeatMapSettings
from experiments.summary import Point, PointResult, not_run, summarize
from fgo.journal import DamagedJournal
from fgo.types import Json

_OF_A_POINT = ("env", "optimizer", "variant", "train_size", "seed")  # a model's name is no value of a command's

Told = tuple[Mapping[str, Any], PointResult]


def regenerate(journals: Sequence[Path]) -> int:
    """Write and print the tables and figures of every study among the journals, into the folder that holds its runs.

    0 where every point is complete and comparable, else 1. Raises UsageError for a journal that tells nothing.
    """
    studies: dict[tuple[Path, str], list[Told]] = {}
    for journal in journals:
        told = _told(journal)
        studies.setdefault((journal.parent.parent, told[1].point.study), []).append(told)
    statuses = []
    for (folder, name), members in studies.items():
        results = [*(result for _, result in members), *missing(members)]
        statuses.append(finish(*write_study(results, name, title_of(members), map_of(members), folder)))
    return max(statuses, default=0)


def _told(journal: Path) -> Told:
    try:
        result = summarize(journal)
    except (ValueError, DamagedJournal) as error:
        raise UsageError(str(error)) from error
    header = header_of(journal)
    assert header is not None, "a journal that can be summarized has a header"
    return header, result


def title_of(members: Sequence[Told]) -> str:
    """The title of the study that the runs belong to."""
    header, result = members[0]
    return str(_study(header).get("title") or result.point.study or "Runs")


def map_of(members: Sequence[Told]) -> HeatMapSettings | None:
    """The study's heat map, where it has one and all runs vary what it needs."""
    node = _study(members[0][0]).get("heat_map")
    if node is None or not all(node["y"] in result.point.varied for _, result in members):
        return None
    return HeatMapSettings(**node)


def _study(header: Mapping[str, Any]) -> Mapping[str, Any]:
    study = header["config"].get("study")
    return study if isinstance(study, Mapping) else {}


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
    own_method, _, own_variant = example.optimizer.partition("+")
    for values in itertools.product(*(swept[key] for key in keys)):
        given = dict(zip(keys, values, strict=True))
        method, variant = given.pop("optimizer", own_method), given.pop("variant", own_variant or "none")
        own = {key: given.pop(key) for key in ("env", "train_size", "seed") if key in given}
        optimizer = method if variant == "none" else f"{method}+{variant}"
        yield replace(example, optimizer=optimizer, **own, varied={**example.varied, **given})


def _swept(arguments: Iterable[str]) -> Iterator[tuple[str, list[Json]]]:
    """(key, its values) of what Hydra reads as a sweep."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import QuotedString

    for override in OverridesParser.create().parse_overrides(list(arguments)):
        if override.is_sweep_override():
            values = list(override.sweep_iterator(transformer=lambda value: value))
            yield override.get_key_element(), [v.text if isinstance(v, QuotedString) else v for v in values]
