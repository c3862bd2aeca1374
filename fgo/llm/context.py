"""What to do when a prompt exceeds its limit: pure functions that say what is kept and what was left out.

Nothing is cut silently: whoever calls them journals what was left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar, get_args

from fgo.llm.types import ContextOverflow, Message

Policy = Literal["drop_trajectories", "split", "fail"]
Drop = Literal["oldest", "newest", "random"]
Count = Callable[[tuple[Message, ...]], int]
"""Prompt tokens of messages, as `Door.count_tokens` gives them."""

_SEPARATOR = 2  # tokens that joining two pieces by an empty line can add


class Labelled(Protocol):
    """A part of a prompt. One with a label may be left out whole; one without belongs to every prompt."""

    @property
    def text(self) -> str: ...

    @property
    def label(self) -> str: ...


P = TypeVar("P", bound=Labelled)


@dataclass(frozen=True, slots=True)
class Fitted(Generic[P]):
    """groups: the pieces of each prompt, in their order (one prompt but for "split").

    left_out: labels that no prompt has. tokens: what one prompt of all pieces would have had.
    """

    groups: list[list[P]]
    left_out: tuple[str, ...]
    tokens: int


def fit(
    system: str,
    pieces: Sequence[P],
    limit: int,
    policy: str,
    count: Count,
    *,
    drop: str = "newest",
    rng: random.Random | None = None,
) -> Fitted[P]:
    """The prompts of at most `limit` tokens that a system text and pieces (joined by empty lines) make.

    policy: "drop_trajectories" leaves out labelled pieces from the end that `drop` names until the rest fits (pieces
    stand in order of age; "random" needs `rng`); "split" spreads them, in order, over several prompts; "fail" raises.
    Raises ContextOverflow where the policy can't help: under "fail", or where not even one labelled piece fits.
    """
    if policy not in get_args(Policy):
        raise ValueError(f"overflow={policy!r}: expected one of {', '.join(get_args(Policy))}")
    if drop not in get_args(Drop):
        raise ValueError(f"drop={drop!r}: expected one of {', '.join(get_args(Drop))}")
    empty = count(())
    sizes = [count(({"role": "user", "content": piece.text},)) - empty + _SEPARATOR for piece in pieces]
    frame = count(({"role": "system", "content": system}, {"role": "user", "content": ""}))
    frame += sum(size for piece, size in zip(pieces, sizes, strict=True) if not piece.label)
    tokens = frame + sum(size for piece, size in zip(pieces, sizes, strict=True) if piece.label)
    if tokens <= limit:
        return Fitted([list(pieces)], (), tokens)
    movable = [index for index, piece in enumerate(pieces) if piece.label]
    if policy == "fail" or not any(frame + sizes[index] <= limit for index in movable):
        raise ContextOverflow(
            f"the prompt has {tokens} tokens, {limit} fit; {frame} of them belong to every prompt "
            f'(overflow policy "{policy}"). Choose a longer window, fewer tasks a prompt, or another policy.'
        )
    room = limit - frame
    chosen = _split(movable, sizes, room) if policy == "split" else [_kept(movable, sizes, room, drop, rng)]
    shown = {index for group in chosen for index in group}
    groups = [[piece for i, piece in enumerate(pieces) if not piece.label or i in group] for group in chosen]
    return Fitted(groups, tuple(pieces[index].label for index in movable if index not in shown), tokens)


def _kept(movable: list[int], sizes: list[int], room: int, drop: str, rng: random.Random | None) -> set[int]:
    """The pieces that stay: those too large for any prompt go first, then from the end that `drop` names."""
    kept = [index for index in movable if sizes[index] <= room]
    if drop == "random":
        if rng is None:
            raise ValueError("drop='random' needs a seeded generator (rng)")
        rng.shuffle(kept)
    total = sum(sizes[index] for index in kept)
    while total > room:
        total -= sizes[kept.pop(0 if drop == "oldest" else -1)]
    return set(kept)


def _split(movable: list[int], sizes: list[int], room: int) -> list[set[int]]:
    """Groups in order, each as full as it gets; a piece too large for any prompt is in none."""
    groups: list[set[int]] = [set()]
    used = 0
    for index in movable:
        if sizes[index] > room:
            continue
        if used + sizes[index] > room:
            groups.append(set())
            used = 0
        groups[-1].add(index)
        used += sizes[index]
    return groups


def drop_oldest_steps(messages: Sequence[Message], limit: int, count: Count) -> tuple[list[Message], int]:
    """A conversation within `limit` tokens, and how many of its oldest steps had to be left out.

    A step is an assistant's message and what follows it up to the next one. What stands before the first step (system
    prompt and opening) and the newest step are always kept; a line at the opening's end says how many are missing.
    Raises ContextOverflow where that is still too long.
    """
    if count(tuple(messages)) <= limit:
        return list(messages), 0
    starts = [index for index, message in enumerate(messages) if message["role"] == "assistant"]
    opening = list(messages[: starts[0]] if starts else messages)
    empty = count(())
    sizes = [count((message,)) - empty for message in messages]
    total = empty + sum(sizes)
    for left_out, start in enumerate(starts[1:], start=1):
        total -= sum(sizes[starts[left_out - 1] : start])
        noted = [*opening[:-1], _with_note(opening[-1], left_out)] if opening else []
        if total + count(tuple(noted)) - count(tuple(opening)) <= limit:
            return [*noted, *messages[start:]], left_out
    raise ContextOverflow(
        f"the conversation has {count(tuple(messages))} tokens, {limit} fit; its opening and newest step have more"
    )


def _with_note(message: Message, left_out: int) -> Message:
    steps = "1 step" if left_out == 1 else f"{left_out} steps"
    note = f"[The next {steps} of this conversation had to be left out to fit the context window.]"
    content = message["content"]
    if isinstance(content, str):
        return {**message, "content": f"{content}\n\n{note}"}
    return {**message, "content": [*content, {"type": "text", "text": note}]}
