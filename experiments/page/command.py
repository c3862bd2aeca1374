"""`fgo report`: what run folders hold, as tables and figures, or with --html as a page to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from experiments.claims import judge, paper_claims
from experiments.comparisons import comparisons
from experiments.errors import UsageError
from experiments.grouping import grouped
from experiments.page.collect import RunData, collect
from experiments.page.judged import cards, differences
from experiments.page.render import render
from experiments.page.studies import study_data
from experiments.regenerate import map_of, missing, regenerate, title_of
from experiments.report import lead_map
from experiments.runfolder import journals_below
from experiments.tables import table_of_groups
from fgo.journal import DamagedJournal
from fgo.types import Json

_BESIDE = Path("report.html")  # in the first folder


def main(arguments: Sequence[str]) -> int:
    """The exit status of `fgo report ARGUMENTS`."""
    folders, page, text = read_arguments(arguments)
    journals = list(journals_below(folders))
    if page is None:
        return regenerate(journals)
    path = folders[0] / "report.html" if page == _BESIDE else page
    write_page(journals, path, text)
    print(f"written: {path}: {_count(len(journals))}, {path.stat().st_size / 1e6:.1f} MB")
    return 0


def read_arguments(arguments: Sequence[str]) -> tuple[list[Path], Path | None, bool]:
    """Folders, the page's file if a page is wanted, whether restricted text is."""
    folders: list[Path] = []
    page: Path | None = None
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        name, _, value = argument.partition("=")
        if name == "--html" and value:
            page = Path(value)
        elif name == "--html" and waiting and waiting[0].endswith(".html"):
            page = Path(waiting.pop(0))
        elif argument == "--html":
            page = _BESIDE
        elif argument == "--text":
            continue
        elif argument.startswith("-"):
            raise UsageError(f"no option {argument}; there are --html [FILE.html] and --text")
        else:
            folders.append(Path(argument))
    if not folders:
        raise UsageError("name the folders of runs or studies: fgo report FOLDER... [--html [FILE.html]] [--text]")
    return folders, page, "--text" in arguments


def write_page(journals: Sequence[Path], path: Path, text: bool = False) -> None:
    """The page of these runs. text: also what may quote restricted tasks.

    Raises UsageError where a journal can't be told at all. The file appears whole or not at all.
    """
    try:
        runs = [collect(journal, text) for journal in journals]
    except (ValueError, DamagedJournal) as error:
        raise UsageError(str(error)) from error
    studies = list(_studies(runs))
    titles = list(dict.fromkeys(str(study["title"]) for study in studies))
    title = " · ".join(titles) if len(titles) <= 3 else f"{len(titles)} studies"
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    with half.open("wb") as file:
        file.writelines(render(title, studies, runs))
    half.replace(path)


def _studies(runs: Sequence[RunData]) -> Iterator[dict[str, Json]]:
    """A table for each study that the runs belong to, with what it says of the paper's claims."""
    by_name: dict[str, list[RunData]] = {}
    for run in runs:
        by_name.setdefault(run.result.point.study, []).append(run)
    for name, members in by_name.items():
        told = [(run.header, replace(run.result, folder=Path(run.result.folder).name)) for run in members]
        title = title_of(told)
        groups = grouped([*(result for _, result in told), *missing(told)])
        table = table_of_groups(groups, name, title)
        claims, wanted = paper_claims().of(name), map_of(told)
        yield study_data(
            table,
            cards(claims, judge(claims, groups, name)),
            differences(comparisons(groups, name, title)),
            lead_map(table, wanted) if wanted else None,
        )


def _count(runs: int) -> str:
    return f"{runs} run{'' if runs == 1 else 's'}"
