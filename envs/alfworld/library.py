"""The games of one run: where they come from, split by split, and what is to be said about them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from envs.alfworld import data, generator
from envs.alfworld.data import DATA_VARIABLE, LAYOUT, OFFICIAL_COUNTS, GameEntry
from envs.alfworld.draw import hold_out
from envs.cache import build_once
from fgo.types import Json, digest

_log = logging.getLogger(__name__)

SOURCES = ("auto", "official", "generated")
TEST_SPLITS = {"official": ("valid_unseen", "valid_seen"), "generated": ("test",)}
"""Source -> its test splits, the default first."""


def resolve_source(source: str) -> str:
    """ "official" or "generated": for "auto", official where there is data or ALFWORLD_DATA says that there is."""
    if source != "auto":
        return source
    root = data.official_root()
    return "generated" if root == data.default_root() and not data.has_games(root) else "official"


@dataclass(frozen=True, slots=True)
class Library:
    """Games by split: "train" and "validation" (where there is a train folder) and one test split."""

    source: str
    root: Path
    test_split: str
    splits: Mapping[str, Sequence[GameEntry]]

    def games(self, split: str) -> Sequence[GameEntry]:
        """Raises ValueError for a split that is not there."""
        if split not in self.splits:
            raise ValueError(
                f"no ALFWorld split {split!r} among {', '.join(self.splits)}. env.split chooses the test split; "
                f"without a folder {self.root / LAYOUT / 'train'} there is neither train nor validation."
            )
        return self.splits[split]

    def path(self, split: str, game: GameEntry) -> Path:
        return data.game_path(self.root, "train" if split == "validation" else split, game.id)

    def incomplete(self) -> dict[str, str]:
        """Official split -> "found of released", where they differ. "train" counts the games held out of it too."""
        if self.source != "official":
            return {}
        counts = {split: len(games) for split, games in self.splits.items()}
        found = {
            "train": counts.get("train", 0) + counts.get("validation", 0),
            self.test_split: counts[self.test_split],
        }
        return {
            split: f"{count} of {OFFICIAL_COUNTS[split]}"
            for split, count in found.items()
            if count != OFFICIAL_COUNTS[split]
        }

    def grammars(self) -> dict[str, str]:
        """Split -> how things are placed in it: "move" (ALFWorld's newer release), "put" (older), or "move+put"."""
        return {split: "+".join(sorted({game.grammar for game in games})) for split, games in self.splits.items()}

    def fingerprint(self) -> dict[str, Json]:
        """What the games' part in a result depends on, but not where they are stored."""
        grammars = self.grammars()
        return {
            "source": self.source,
            "splits": {
                split: {
                    "games": len(games),
                    "grammar": grammars[split],
                    "digest": digest(*sorted(game.digest for game in games)),
                }
                for split, games in self.splits.items()
            },
            "incomplete": self.incomplete(),
            "generator": generator.VERSION if self.source == "generated" else None,
            "alfworld": version("alfworld"),
            "textworld": version("textworld"),
        }

    def report(self) -> None:
        """Log what a user should know before trusting a result."""
        for split, counts in self.incomplete().items():
            _log.warning("ALFWorld split %s has %s released games", split, counts)
        grammars = self.grammars()
        if len(set("+".join(filter(None, grammars.values())).split("+"))) > 1:
            said = "; ".join(f"{split}: {kinds}" for split, kinds in grammars.items())
            _log.warning("ALFWorld games differ in the command that places things (older: put, newer: move): %s", said)


def official_library(test_split: str, validation_share: float, cache: Path) -> Library:
    """The games that ALFWORLD_DATA has. Raises FileNotFoundError, naming the download, where it has none."""
    root = data.official_root()
    if not data.has_games(root):
        raise FileNotFoundError(
            f"no ALFWorld data: {root / LAYOUT} is missing. Run `alfworld-download` and set {DATA_VARIABLE} to the "
            "folder it wrote to (by default ~/.cache/alfworld), or play generated games: env.source=generated."
        )
    return _read("official", root, test_split, validation_share, cache)


def generated_library(
    test_split: str, validation_share: float, cache: Path, seed: int, train: int, test: int
) -> Library:
    """Generated games, written to the cache if they are not there yet. Raises ValueError where they can't be."""
    if test_split not in TEST_SPLITS["generated"]:
        raise FileNotFoundError(
            f"env.split={test_split} needs official games, and {data.official_root()} has none. Run "
            f"`alfworld-download` and set {DATA_VARIABLE} to the folder it wrote to, or play generated "
            "games: env.split=auto."
        )
    root = cache / generator.folder_name(seed, train, test)
    try:
        made = build_once(root, lambda draft: generator.generate(draft, seed, train, test))
    except OSError as error:
        raise ValueError(
            f"generated ALFWorld games can't be written to {root} ({error}). Set env.cache or FGO_CACHE to a folder "
            "that can be written and has room for them."
        ) from error
    if made:
        _log.info("generated %d ALFWorld games in %s", train + test, root)
    return _read("generated", root, test_split, validation_share, cache)


def _read(source: str, root: Path, test_split: str, validation_share: float, cache: Path) -> Library:
    splits: dict[str, Sequence[GameEntry]] = {}
    if (root / LAYOUT / "train").is_dir():
        games = data.read_split(root, "train", cache / "index")
        splits["train"], splits["validation"] = hold_out(games, validation_share)
    splits[test_split] = data.read_split(root, test_split, cache / "index")
    return Library(source, root, test_split, splits)
