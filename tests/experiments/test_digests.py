from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from experiments.digests import EventDigests
from tests.experiments.synthetic import Event, Synthetic, shuffled

EVENTS = Synthetic().events()
WITH_ID = [i for i, event in enumerate(EVENTS) if "id" in event]


def digests(events: list[Event]) -> dict[str, str]:
    found = EventDigests()
    for event in events:
        found.add(event)
    return found.by_kind()


def test_order_pace_cache_and_sessions_change_nothing() -> None:
    other = Synthetic(pace=3.0, started=5.0, cached=True).events()
    session: Event = {"kind": "session", "at": 0.0, "pid": 7, "dropped": 3}

    assert digests([session, *shuffled(other, 1)]) == digests(EVENTS)


@pytest.mark.parametrize("seed", range(20))
def test_any_event_changed_left_out_or_doubled_shows_in_its_kind_and_in_no_other(seed: int) -> None:
    rng = random.Random(seed)
    index = rng.choice(WITH_ID)
    kind = EVENTS[index]["kind"]
    changed: Any = copy.deepcopy(EVENTS)
    match seed % 3:
        case 0:
            key = rng.choice([key for key in changed[index] if key not in ("at", "seconds", "cached", "paid", "kind")])
            changed[index][key] = "tampered"
        case 1:
            del changed[index]
        case _:
            changed.append(changed[index])
    before, after = digests(EVENTS), digests(changed)

    assert before.get(kind) != after.get(kind)
    assert {other for other in before if before[other] != after.get(other)} == {kind}
