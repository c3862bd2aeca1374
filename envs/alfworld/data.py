"""Finds the games of a folder laid out like ALFWorld's own data, by the rules of ALFWorld's own loader.

    ROOT/json_2.1.1/SPLIT/TASK-OBJECT-MOVABLE-RECEPTACLE-SCENE/TRIAL/{game.tw-pddl,traj_data.json}

Generated games (generator.py) use the same layout, so there is one loader for both. Reading 3,553 games takes seconds,
so what was read is kept in an index, made anew when any game file's name, size or time of change differs. An index only
saves time: where it can't be read or written, the games are read each time.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from envs.cache import write_atomically
from fgo.types import digest

_log = logging.getLogger(__name__)

TASK_TYPES = (
    "pick_and_place_simple",
    "look_at_obj_in_light",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_two_obj_and_place",
)

OFFICIAL_COUNTS = {"train": 3553, "valid_seen": 140, "valid_unseen": 134}
"""Playable games of the released data (ALFWorld, version json_2.1.1)."""

LAYOUT = "json_2.1.1"
DATA_VARIABLE = "ALFWORLD_DATA"

_INDEX_VERSION = "1"
_GOAL = re.compile(r"Your task is to: ([^\"\n]*)")
_PUT = re.compile(r"action\s+PutObject\s*\{\s*template\s*::\s*\"put ")


@dataclass(frozen=True, slots=True)
class GameEntry:
    """One playable game. `id`: its path below the split's folder. `digest`: of its problem, goal and grammar kind."""

    id: str
    category: str
    goal: str
    grammar: str
    digest: str


def official_root() -> Path:
    """$ALFWORLD_DATA, or where `alfworld-download` puts the data when the variable is not set."""
    return Path(os.environ.get(DATA_VARIABLE) or default_root()).expanduser()


def default_root() -> Path:
    """ALFWorld's own default: importing alfworld sets the variable to it, so being set to it says nothing."""
    return Path("~/.cache/alfworld").expanduser()


def has_games(root: Path) -> bool:
    return (root / LAYOUT).is_dir()


def read_split(root: Path, split: str, index: Path) -> Sequence[GameEntry]:
    """The playable games of a split, ordered by id. `index` is a folder of this loader's own.

    Left out, as ALFWorld's loader does: tasks with movable receptacles or sliced objects, other task types, and games
    not known to be solvable. Raises FileNotFoundError where the split has no folder, ValueError for a broken file.
    """
    folder = root / LAYOUT / split
    if not folder.is_dir():
        raise FileNotFoundError(
            f"no ALFWorld split {split!r}: {folder} is no folder. Run `alfworld-download`, or set "
            f"{DATA_VARIABLE} to the folder that holds {LAYOUT}/."
        )
    found = list(_trials(folder))
    key = digest(_INDEX_VERSION, *(f"{trial}:{size}:{time}" for trial, size, time in found))
    path = index / f"{split}-{digest(str(folder.resolve()))}.json"
    games = _load_index(path, key)
    if games is None:
        games = [game for trial, _, _ in found if (game := _read_game(folder, trial)) is not None]
        _keep_index(path, {"key": key, "games": [asdict(game) for game in games]})
    return games


def read_walkthrough(game: Path) -> list[str] | None:
    """The commands known to win a game; None for the older release, whose files hold none."""
    return orjson.loads(game.read_bytes()).get("walkthrough") or None


def game_path(root: Path, split: str, game_id: str) -> Path:
    return root / LAYOUT / split / game_id / "game.tw-pddl"


def _trials(folder: Path) -> Iterator[tuple[str, int, int]]:
    """(id, size, time of change) of each game file two levels below, ordered by id."""
    for task in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not task.is_dir() or "movable" in task.name or "Sliced" in task.name:
            continue
        for trial in sorted(os.scandir(task), key=lambda entry: entry.name):
            try:
                state = Path(trial.path, "game.tw-pddl").stat()
            except (FileNotFoundError, NotADirectoryError):
                continue
            if Path(trial.path, "traj_data.json").exists():
                yield f"{task.name}/{trial.name}", state.st_size, state.st_mtime_ns


def _load_index(path: Path, key: str) -> Sequence[GameEntry] | None:
    try:
        content = orjson.loads(path.read_bytes())
        return [GameEntry(**game) for game in content["games"]] if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):  # absent, unreadable, or of another form
        return None


def _keep_index(path: Path, content: dict[str, object]) -> None:
    try:
        write_atomically(path, orjson.dumps(content))
    except OSError as error:
        _log.warning(
            "the index of ALFWorld games can't be kept as %s (%s): they will be read anew each time. Set env.cache or "
            "FGO_CACHE to a folder that can be written.",
            path,
            error,
        )


def _read_game(folder: Path, trial: str) -> GameEntry | None:
    place = folder / trial
    path = place / "traj_data.json"
    try:
        category = orjson.loads(path.read_bytes())["task_type"]
        path = place / "game.tw-pddl"
        content = orjson.loads(path.read_bytes())
        if category not in TASK_TYPES or not content.get("solvable"):
            return None
        grammar = content["grammar"]
        goal = _GOAL.search(grammar)
        if goal is None:
            raise ValueError("its grammar has no line 'Your task is to: ...'")
        problem = content["pddl_problem"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is no ALFWorld game file ({type(error).__name__}: {error}). Restore it with "
            "`alfworld-download -f`, or remove its folder."
        ) from error
    kind = "put" if _PUT.search(grammar) else "move"
    text = goal.group(1).strip().removesuffix(".")
    return GameEntry(trial, category, text, kind, digest(problem, text, kind))
