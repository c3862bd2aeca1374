"""What an agent answered, read the same way for every method, and how it is scored against the ground truth.

Understood are: a JSON list, a JSON object that holds one ({"references": ...}), such JSON in a fence or in prose, and plain
text: one reference, or several separated by commas, semicolons or line breaks, with bullets or a label before them. What
can't be understood counts as wrong, and is counted apart.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fgo.types import Json, Score

MAX_CHARS = 20_000

_KEYS = (
    "references", "reference", "transport_references", "transport_reference", "transport_reference_numbers",
    "transport_reference_number", "reference_numbers", "reference_number", "answers", "answer", "final_answer", "result",
    "results", "values", "value", "number", "numbers", "id", "ids",
)  # fmt: skip
"""Where an object holds the references, the likeliest first."""

_NONE = {"none", "null", "nil", "n/a", "na", "-", "nothing", "no reference", "no references", "no transport reference",
         "no transport references", "empty", "no reference number", "no reference numbers"}  # fmt: skip
_SEPARATORS = re.compile(r"[,;\n\r]+")
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s+")
_LABEL = re.compile(r"^\s*[^\W\d_]{2,30}(?:\(s\))?(?:[ _][^\W\d_]{1,30}(?:\(s\))?){0,5}\s?:\s+", re.UNICODE)
_LEAD = re.compile(
    r"^\s*(?:the\s+)?(?:final\s+)?(?:transport\s+)?(?:answer|references?)(?:\s+numbers?)?\s+(?:is|are)\s*:?\s+", re.I
)
_KEYWORD = re.compile(r"^[A-Za-z_]+\s*=\s*(?=[\[{\"'])")
_AND = re.compile(r"\s(?:and|&)\s", re.I)
_FENCE = re.compile(r"```[a-zA-Z]*+\s*+(.*?)```", re.DOTALL)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－­"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"), "")
_AROUND = " .,;:!?\"'`*_()[]{}<>“”„‘’«»"
_DEPTH = 5  # of nested JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """References as they were written. Not `readable`: nothing could be made of the text."""

    references: tuple[str, ...] = ()
    readable: bool = True


UNREADABLE = Answer(readable=False)


def read_answer(text: str) -> Answer:
    """What a text answers. Never raises."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):  # answer(["A1"])
        text = text[1:-1].strip()
    text = _KEYWORD.sub("", text)
    if not text or len(text) > MAX_CHARS:
        return UNREADABLE
    fenced = [inside.strip() for inside in reversed(_FENCE.findall(text))]
    for candidate in (text, *fenced, text.replace("'", '"')):  # the last for lists as Python writes them
        found, value = _json(candidate)
        if found:
            return _of_json(value)
    embedded = _last_json(text)
    return _of_json(embedded[0]) if embedded else _of_text(_FENCE.sub(r"\1", text))


def score(answer: Answer | None, truth: Sequence[str]) -> Score:
    """Success: the same set as the ground truth's, both normalised; value: F1 of the two sets. None: not answered."""
    given = normalised(answer.references) if answer else frozenset()
    wanted = normalised(truth)
    right = len(given & wanted)
    readable = answer is not None and answer.readable
    precision = right / len(given) if given else float(not wanted)
    recall = right / len(wanted) if wanted else float(not given)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    details = {
        "answered": answer is not None,
        "unparsable": answer is not None and not answer.readable,
        "precision": precision * readable,
        "recall": recall * readable,
        "missing": len(wanted - given),
        "extra": len(given - wanted),
    }
    return Score(readable and given == wanted, f1 * readable, details)


def normalised(references: Iterable[str]) -> frozenset[str]:
    """The set in which references are compared: each string split at commas, semicolons and line breaks, then normalised."""
    parts = (normal_form(part) for reference in references for part in _SEPARATORS.split(reference))
    return frozenset(part for part in parts if part)


def normal_form(reference: str) -> str:
    """Without differences of case, kinds of blanks and dashes, and punctuation around it.

    Leading zeros, prefixes, and blanks or signs inside stay: how a reference is to be written is part of the task.
    """
    previous = ""
    text = reference
    while text != previous:  # lower case can undo a normal form, and what was inside can come to stand at an end
        previous = text
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).translate(_DASHES).casefold()
        text = " ".join(text.split()).strip(_AROUND)
    return text


def references_of(value: Json, keys: Sequence[str] = _KEYS, depth: int = _DEPTH) -> tuple[str, ...] | None:
    """The references that a JSON value holds (its numbers read as strings); None where that can't be told.

    Strings, lists of such values, null (none) and objects with one of `keys` or a single entry are understood.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        parts = [part.strip() for part in _SEPARATORS.split(value)]
        return () if value.strip().casefold() in _NONE else tuple(part for part in parts if part)
    if isinstance(value, bool) or depth == 0:
        return None
    if isinstance(value, int | float):
        return (str(value),)
    if isinstance(value, dict):
        chosen = _held(value, keys)
        return None if chosen is None else references_of(chosen[0], keys, depth - 1)
    each = [references_of(item, keys, depth - 1) for item in value]
    return None if None in each else tuple(reference for found in each for reference in found or ())


def _held(value: dict[str, Json], keys: Sequence[str]) -> tuple[Json] | None:
    """The entry that holds the references, in a tuple; None where no key says so."""
    plain = {re.sub(r"[\s-]+", "_", str(key).strip()).casefold(): entry for key, entry in value.items()}
    for key in keys:
        if key in plain:
            return (plain[key],)
    return (next(iter(plain.values())),) if len(plain) == 1 else None


def _of_json(value: Json) -> Answer:
    found = references_of(value)
    return UNREADABLE if found is None else Answer(found)


def _json(text: str) -> tuple[bool, Json]:
    """(whether the text is JSON, its value). Numbers stay as they are written. A lone word or number is no JSON here."""
    if not text.startswith(("{", "[", '"')):
        return False, None
    try:
        return True, json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return False, None


def _last_json(text: str) -> tuple[Json] | None:
    """The last list or object that stands in a text and can be understood, in a tuple."""
    decoder = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
    found: tuple[Json] | None = None
    start = 0
    for opening in list(re.finditer(r"[\[{]", text))[:200]:
        if opening.start() < start:
            continue  # inside what was read
        try:
            value, start = decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            continue
        found = (value,)
    return found


def _of_text(text: str) -> Answer:
    """References written without JSON. Prose that names none is unreadable."""
    if text.strip(_AROUND + "\n\t").casefold() in _NONE or text.strip() in ("[]", "{}"):
        return Answer()
    if text.startswith("{"):
        return UNREADABLE  # broken JSON
    references = []
    for part in _SEPARATORS.split(_lead_removed(text.strip("[]"))):
        for word in _AND.split(_lead_removed(_BULLET.sub("", part))):
            word = word.strip(_AROUND + "\t")
            if word and not _may_be_reference(word):
                return UNREADABLE
            references += [word] if word else []
    return Answer(tuple(references)) if references else UNREADABLE


def _lead_removed(text: str) -> str:
    return _LEAD.sub("", _LABEL.sub("", text))


def _may_be_reference(text: str) -> bool:
    """One word, or a few of which one has a digit. Sentences are longer."""
    words = text.split()
    return len(text) <= 100 and (len(words) == 1 or (len(words) <= 4 and any(c.isdigit() for c in text)))
