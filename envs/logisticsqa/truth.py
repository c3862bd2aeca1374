"""Understands a ground truth whose form nobody has written down: which answer belongs to which document.

Understood: an object from document to answer; a list of records or of pairs; columns; any of these inside another
object. A document is named by its file name, with or without folder and .xml. An answer is a string, a number, a list,
null (no reference), or an object that holds one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from envs.logisticsqa.answers import normal_form, normalised, references_of
from fgo.types import Json

_ANSWER_KEYS = (
    "answer", "answers", "ground_truth", "groundtruth", "gold", "gold_answer", "expected", "target", "targets", "label",
    "labels", "references", "reference", "transport_references", "transport_reference", "transport_reference_numbers",
    "transport_reference_number", "reference_numbers", "reference_number", "shipment_references", "shipment_reference",
    "values", "value", "result", "results", "output", "solution", "numbers", "number", "refs", "ref",
)  # fmt: skip
"""Where records hold the answer, the likeliest first."""

_CATEGORY_KEYS = ("category", "type", "group", "supplier", "issuer")
_DEPTH = 4  # of wrapping objects
_MAX_KEY = 80


@dataclass(frozen=True, slots=True)
class Truth:
    """`answers`, `categories`: by document id. `unmatched`: keys that name no document. `form`: what was understood."""

    answers: Mapping[str, tuple[str, ...]]
    categories: Mapping[str, str]
    unmatched: Sequence[str]
    form: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the content: (document's name as written, value that holds the answer) pairs."""

    pairs: Sequence[tuple[str, Json]]
    form: str
    answer_key: str = ""


def read_truth(content: Json, ids: Collection[str]) -> Truth:
    """Raises ValueError, naming the entry, for what can't be understood."""
    plain = {_plain(name): name for name in ids}
    readings = _readings(content, plain, _DEPTH)
    if not readings:
        raise ValueError(
            f"the ground truth is {_described(content)}: expected an object from file name to answer, or records"
        )
    best = max(readings, key=lambda reading: len({_plain(name) for name, _ in reading.pairs} & plain.keys()))
    answers: dict[str, tuple[str, ...]] = {}
    categories: dict[str, str] = {}
    unmatched = []
    for written, value in best.pairs:
        name = plain.get(_plain(written))
        if name is None:
            unmatched.append(written[:_MAX_KEY])
            continue
        answer = _answer(value, written, best.answer_key)
        if name in answers and normalised(answers[name]) != normalised(answer):
            raise ValueError(f"the ground truth has two different answers for {written[:_MAX_KEY]!r}")
        answers[name] = answer
        if isinstance(value, dict):
            category = next((value[key] for key in _CATEGORY_KEYS if isinstance(value.get(key), str)), "")
            categories[name] = category
    return Truth(answers, categories, unmatched, best.form)


def _readings(content: Json, ids: Mapping[str, str], depth: int) -> list[_Reading]:
    """All ways to read the content; the one that names most documents is meant."""
    if isinstance(content, list):
        return _list_readings(content, ids)
    if not isinstance(content, dict) or not content:
        return []
    readings = [_Reading(list(content.items()), "an object from document to answer")]
    columns = _columns(content)
    if columns is not None:
        readings += [_Reading(r.pairs, "columns", r.answer_key) for r in _list_readings(columns, ids)]
    if depth:
        for key, value in content.items():
            if _plain(key) not in ids:  # else it is an answer
                readings += [
                    _Reading(r.pairs, f"{r.form}, in {key[:_MAX_KEY]!r}", r.answer_key)
                    for r in _readings(value, ids, depth - 1)
                ]
    return readings


def _list_readings(items: Sequence[Json], ids: Mapping[str, str]) -> list[_Reading]:
    if items and all(isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) for item in items):
        return [_Reading([(item[0], item[1]) for item in items], "a list of pairs")]
    if not items or not all(isinstance(item, dict) for item in items):
        return []
    counts = {
        key: sum(_plain(str(item[key])) in ids for item in items if isinstance(item.get(key), str))
        for key in dict.fromkeys(key for item in items for key in item)
    }
    id_key = max(counts, key=lambda key: counts[key], default="")
    if not counts or not counts[id_key]:
        if all(len(item) == 1 for item in items):  # [{"name": answer}, ...]
            return [
                _Reading([pair for item in items for pair in item.items()], "a list of objects from document to answer")
            ]
        return []
    for number, item in enumerate(items):
        if not isinstance(item.get(id_key), str):
            raise ValueError(
                f"record {number} of the ground truth has no {id_key!r}, by which the others name their document"
            )
    others = [key for key in counts if key != id_key]
    answer_key = next((key for wanted in _ANSWER_KEYS for key in others if _key(key) == wanted), "")
    if not answer_key:
        telling = [key for key in others if _key(key) not in _CATEGORY_KEYS]
        if len(telling) != 1:
            raise ValueError(
                f"the records of the ground truth have the keys {', '.join(map(repr, counts))[:400]}: it can't be told which "
                "holds the answer. Name it 'answer'."
            )
        answer_key = telling[0]
    return [_Reading([(item[id_key], item) for item in items], f"records: {id_key!r} -> {answer_key!r}", answer_key)]


def _columns(content: Mapping[str, Json]) -> list[dict[str, Json]] | None:
    """Records out of {"file": [...], "answer": [...]}, or of the same with objects for lists (as pandas writes)."""
    columns = list(content.values())
    if len(columns) < 2:
        return None
    if all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        return [dict(zip(content, row, strict=True)) for row in zip(*columns, strict=True)]
    if all(isinstance(column, dict) and column.keys() == columns[0].keys() for column in columns):
        return [{name: content[name][row] for name in content} for row in columns[0]]
    return None


def _answer(value: Json, written: str, answer_key: str) -> tuple[str, ...]:
    """Raises ValueError, naming the entry, where no answer can be told from the value."""
    if answer_key:
        if answer_key not in value:
            raise ValueError(f"the record of {written[:_MAX_KEY]!r} in the ground truth has no {answer_key!r}")
        value = value[answer_key]
    answer = references_of(value, _ANSWER_KEYS)
    if answer is None or not all(normal_form(part) for part in answer):
        raise ValueError(
            f"the ground truth of {written[:_MAX_KEY]!r} is {_described(value)}: expected a reference, a list of them, null, "
            "or an object with one of these under 'answer'"
        )
    return answer


def _plain(name: str) -> str:
    """A document's name without folder, .xml, and case."""
    return re.split(r"[/\\]", name.strip())[-1].casefold().removesuffix(".xml")


def _key(key: str) -> str:
    return re.sub(r"[\s-]+", "_", key.strip()).casefold()


def _described(value: Json) -> str:
    return f"{type(value).__name__} {str(value)[:120]!r}"
