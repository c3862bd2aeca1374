"""Writes the embedded set: every split's tasks, their files and the one web that all of them search.

No name and no answer occurs in two tasks, so nothing that train tasks or their pages say answers a test task.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.gaia.embedded.draft import Draft, Page, Template
from envs.gaia.embedded.fillers import fillers
from envs.gaia.embedded.names import Names
from envs.gaia.embedded.templates import TEMPLATES
from fgo.types import Json

VARIANTS = {"train": 3, "validation": 2, "test": 1}
"""How many tasks of each template a split has."""

_FILLER_TOWNS = 30


@dataclass(frozen=True, slots=True)
class Made:
    """A task with its place in the set."""

    id: str
    split: str
    template: Template
    draft: Draft

    def to_json(self) -> dict[str, Json]:
        level = self.template.level
        return {
            "id": self.id,
            "question": self.draft.question,
            "level": level,
            "answer": self.draft.answer,
            "files": sorted(self.draft.files),
            "solution": list(self.draft.answered),
            "category": f"level {level}",
        }


@dataclass(frozen=True, slots=True)
class EmbeddedSet:
    tasks: Sequence[Made]
    pages: Sequence[Page]

    def index(self) -> dict[str, list[dict[str, Json]]]:
        """What tasks.json holds."""
        return {split: [made.to_json() for made in self.tasks if made.split == split] for split in VARIANTS}


def make_set(seed: int, variants: Mapping[str, int] = VARIANTS) -> EmbeddedSet:
    """All tasks and pages of a seed; the same in any process."""
    names = Names()
    answers: set[str] = set()
    tasks: list[Made] = []
    for split, count in variants.items():
        for variant in range(count):
            for template in TEMPLATES:
                draft = next(
                    draft
                    for draft in _drafts(template, names, f"{seed}/{split}/{variant}")
                    if draft.answer not in answers
                )
                answers.add(draft.answer)
                tasks.append(Made(f"embedded-{split}-{template.name}-{variant}", split, template, draft))
    pages = [page for made in tasks for page in made.draft.pages]
    pages += fillers(random.Random(f"{seed}/fillers"), names, _FILLER_TOWNS)
    return EmbeddedSet(tuple(tasks), tuple(sorted(pages, key=lambda page: page.url)))


def write_set(folder: Path, seed: int) -> None:
    """Writes folder/files/<task id>/<name>, folder/web.sqlite and, last, folder/tasks.json (split -> tasks)."""
    from envs.gaia.tools.web import writer

    made = make_set(seed)
    for task in made.tasks:
        for name, data in task.draft.files.items():
            target = folder / "files" / task.id / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    writer.write_corpus(
        folder / "web.sqlite",
        (
            writer.Page(page.url, page.title, page.body, page.date, page.content_type, page.listed)
            for page in made.pages
        ),
    )
    text = json.dumps(made.index(), indent=1, ensure_ascii=False)
    (folder / "tasks.json").write_text(text + "\n", encoding="utf-8")


def _drafts(template: Template, names: Names, place: str) -> Iterator[Draft]:
    """Drafts of a template, for as long as the last one's answer was taken."""
    for attempt in range(1000):
        yield template.make(random.Random(f"{place}/{template.name}/{attempt}"), names)
    raise ValueError(
        f"template {template.name}: a thousand draws gave no answer that is new to the set; widen its ranges"
    )
