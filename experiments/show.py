"""`fgo show RUN`: what a run came to, for a person: scores, tokens, curve, where each rule comes from, modules.

Texts that may quote tasks which may not be passed on are shown with --text alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from experiments.errors import UsageError
from experiments.lineage import Lineage, read_lineage
from experiments.stats import mean_interval, outcomes
from experiments.summary import PointResult, summarize
from fgo.journal import DamagedJournal, read_events
from fgo.llm.ledger import Line
from fgo.types import Json

_BAR = 24  # characters of a bar at 100 %


def main(arguments: Sequence[str]) -> int:
    """The exit status of `fgo show ARGUMENTS`: 1 where the run is not complete."""
    runs = [argument for argument in arguments if argument != "--text"]
    if len(runs) != 1:
        raise UsageError("name one run: the folder that holds its journal.jsonl")
    result = show(Path(runs[0]), Console(file=sys.stdout), text="--text" in arguments)
    return 0 if result.complete else 1


def show(run: Path, console: Console, text: bool = False) -> PointResult:
    """Print what is known of a run (its folder, or its journal itself). text: also what may quote restricted tasks.

    Raises UsageError where there is no run.
    """
    journal = run if run.is_file() else run / "journal.jsonl"
    if not journal.is_file():
        nearby = sorted(str(path.parent) for path in run.glob("**/journal.jsonl"))[:5]
        hint = (
            f"runs below it: {', '.join(nearby)}"
            if nearby
            else "runs are kept below runs/ unless run_dir says otherwise"
        )
        raise UsageError(f"{run} holds no journal.jsonl; {hint}")
    try:
        result = summarize(journal)
    except (ValueError, DamagedJournal) as error:
        raise UsageError(str(error)) from error
    header = next(event for event in read_events(journal) if event["kind"] == "run")
    lineage = read_lineage(_readable(journal))
    told = text or not result.restricted
    for part in (_head(result, header), _scores(result), _ledger(result), _curve(result), _lineage(lineage, told)):
        console.print(part)
    console.print(Group(*(_modules(lineage) if told else _withheld(lineage)), *_places(journal.parent)))
    return result


def _readable(journal: Path) -> Iterator[dict[str, Json]]:
    """The events up to damage, if there is any; `summarize` has told of it."""
    try:
        yield from read_events(journal)
    except DamagedJournal:
        return


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _head(result: PointResult, header: Mapping[str, Json]) -> RenderableType:
    point = Text(str(result.point), style="bold")
    if result.simulated:
        point.append("  SIMULATED", style="bold red")
    state = Text(result.state, style="green" if result.complete else "bold red")
    state.append(f" ({result.reason})" if result.reason else "")
    git = header.get("git") or {}
    commit = git.get("commit", "unknown")[:12] + (" with changes" if git.get("changed") else "")
    about = Table.grid(padding=(0, 2))
    for name, value in (
        ("state", state),
        ("command", Text(" ".join(header["command"]))),
        ("optimizer", Text(_flat(header["config"].get("optimizer")))),
        ("model", Text(_flat(header["config"].get("model")))),
        ("study", Text(result.point.study or "none")),
        ("made with", Text(f"git {commit}, fingerprint {header['fingerprint']}")),
        ("took", Text(f"{result.seconds:,.0f} s")),
    ):
        about.add_row(Text(name, style="dim"), value)
    return Group(point, about)


def _flat(node: Json) -> str:
    """A config node in a line: name=..., epochs=2, ...; nested ones by their keys alone."""
    if not isinstance(node, Mapping):
        return str(node)
    return ", ".join(f"{key}={value}" for key, value in node.items() if not isinstance(value, (Mapping, list)))


def _scores(result: PointResult) -> RenderableType:
    solved = sum(outcome.success for outcome in result.outcomes.values())
    line = Text(f"{solved} of {len(result.test_tasks)} test tasks solved")
    if result.complete:
        interval = mean_interval(outcomes([result]))
        line.append(f": {interval.estimate:.1%}", style="bold")
        line.append(f" (95 % interval {interval.low:.1%} to {interval.high:.1%}, of tasks alone: one seed)")
    else:
        line.append(f", {len(result.outcomes)} with a result: no success rate before all have one", style="red")
    statuses = ", ".join(f"{status.value.replace('_', ' ')} {count}" for status, count in result.statuses.items())
    table = Table.grid(padding=(0, 2))
    for category, (won, n) in result.by_category.items():
        table.add_row(category or "all", f"{won}/{n}", _bar(won / n))
    unreadable = sum(outcome.malformed for outcome in result.outcomes.values())
    ended = Text(f"ended: {statuses or 'none yet'}; {unreadable} unreadable replies")
    return Group(_title("Success"), line, ended, Padding(table, (0, 2)))


def _bar(share: float) -> Text:
    filled = round(_BAR * share)
    return Text("█" * filled, style="blue").append("░" * (_BAR - filled), style="dim")


def _ledger(result: PointResult) -> RenderableType:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for name in ("role", "phase"):
        table.add_column(name, no_wrap=True)
    for name in ("calls", "cached", "failed", "prompt", "output", "longest", "$", "$ paid"):
        table.add_column(name, justify="right", no_wrap=True)
    for (role, phase), line in result.ledger.items():
        table.add_row(role, phase, *_amounts(line))
    table.add_row("all", "", *_amounts(result.total), style="bold")
    note = Text("prompt, output and $ as without a cache; failed: attempts; longest: prompt of one call", style="dim")
    parts: list[RenderableType] = [_title("Tokens and dollars"), table, note]
    if result.overflows:
        parts.append(Text(f"{result.overflows} prompts exceeded their limit and were cut by the configured policy"))
    return Group(*parts)


def _amounts(line: Line) -> list[str]:
    counts = (line.calls, line.cached, line.failed_attempts, line.usage.prompt_tokens, line.usage.completion_tokens)
    return [
        *(f"{n:,}" for n in (*counts, line.longest_prompt)),
        f"{line.usage.dollars:.4f}",
        f"{line.paid.dollars:.4f}",
    ]


def _curve(result: PointResult) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for validated in result.curve:
        table.add_row(
            _place(validated.scope), f"{validated.mean:.2f}", _bar(validated.mean), Text(validated.modules, style="dim")
        )
    verdicts = (
        f"proposals: {result.decisions.accepted} accepted, {result.decisions.rejected} rejected; "
        f"merges: {result.merges.accepted} accepted, {result.merges.rejected} rejected"
    )
    return Group(_title("Validation"), Padding(table, (0, 2)), Text(verdicts)) if result.curve else Text("")


def _place(scope: Mapping[str, Json]) -> str:
    return ", ".join(f"{key} {value}" for key, value in scope.items()) or "start"


def _lineage(lineage: Lineage, told: bool) -> RenderableType:
    if lineage.final is None or not (lineage.origins or lineage.failed):
        return Text("")
    parts: list[RenderableType] = [_title("Where the result comes from")]
    tree = Tree(_node(lineage, lineage.final.digest))
    _grow(tree, lineage, lineage.final.digest, {lineage.final.digest}, told)
    parts.append(Padding(tree, (0, 2)))
    used = {origin.modules.digest for origin in lineage.ancestry(lineage.final.digest)}
    others = [digest for digest in lineage.origins if digest not in used]
    if others or lineage.failed:
        tree = Tree("not part of it")
        for digest in others:
            tree.add(_node(lineage, digest))
        for scope, problem in lineage.failed:
            tree.add(Text(f"{_place(scope)}: no usable proposal{f': {problem}' if told else ''}", style="dim"))
        parts.append(Padding(tree, (0, 2)))
    return Group(*parts)


def _grow(tree: Tree, lineage: Lineage, digest: str, seen: set[str], told: bool) -> None:
    origin = lineage.origins.get(digest)
    if origin is None:
        return
    for rule, witnesses in origin.evidence.items():
        sources = ", ".join(map(str, witnesses)) or "trajectories it was not shown"
        tree.add(Text(rule if told else "a rule").append(f"\n  from {sources}", style="dim"))
    for parent in origin.parents:
        branch = tree.add(_node(lineage, parent))
        if parent not in seen:
            seen.add(parent)
            _grow(branch, lineage, parent, seen, told)


def _node(lineage: Lineage, digest: str) -> Text:
    origin = lineage.origins.get(digest)
    text = Text("seed" if origin is None else f"{origin.made} at {_place(origin.scope)}", style="bold")
    text.append(f" {digest}", style="dim")
    if digest in lineage.means:
        text.append(f" validation {lineage.means[digest]:.2f}", style="not bold")
    if origin is not None and origin.accepted is not None:
        verdict, colour = ("accepted", "green") if origin.accepted else ("rejected", "red")
        text.append(f" {verdict}", style=f"not bold {colour}").append(f": {origin.why}", style="not bold")
    return text


def _modules(lineage: Lineage) -> Iterator[RenderableType]:
    """The final texts, each line with the trajectories it was drawn from where it still stands as it was proposed."""
    if lineage.final is None:
        return
    for name, text in sorted(lineage.final.texts.items()):
        yield _title(f"Final {name}")
        for line in text.splitlines():
            shown = Text(f"  {line}")
            for scope, witnesses in lineage.sources(line):
                shown.append(f"  [{_place(scope)}: {', '.join(map(str, witnesses))}]", style="dim")
            yield shown


def _withheld(lineage: Lineage) -> Iterator[RenderableType]:
    if lineage.final is not None:
        for name, text in sorted(lineage.final.texts.items()):
            yield _title(f"Final {name}")
            yield Text(
                f"  {len(text.splitlines())} lines, which may quote restricted tasks: fgo show --text", style="dim"
            )


def _places(folder: Path) -> Iterator[RenderableType]:
    yield _title(f"Files in {folder}")
    for path in sorted(folder.iterdir()):
        if not path.name.startswith("."):
            yield Text(f"  {path.name}{'/' if path.is_dir() else f'  {path.stat().st_size:,} bytes'}")
