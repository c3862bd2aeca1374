"""What a journal holds, as one digest a kind of event: equal for equal runs, whatever the order, pace, cache or sessions."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

import orjson

from fgo.types import Json

_IDLE = frozenset({"at", "seconds", "cached", "paid"})  # when, how fast and at whose expense something was done
_BITS = 1 << 256


class EventDigests:
    """Feed it every event; holds one number a kind.

    Events that finish a piece of work (those with an id) count. Their hashes are added up, so that the order in which
    concurrent work ended changes nothing, and nothing can be changed, left out or doubled without changing the sum.
    """

    def __init__(self) -> None:
        self._sums: dict[str, int] = defaultdict(int)

    def add(self, event: Mapping[str, Json]) -> None:
        if "id" not in event:
            return
        telling = {key: value for key, value in event.items() if key not in _IDLE}
        line = orjson.dumps(telling, option=orjson.OPT_SORT_KEYS)
        kind = event["kind"]
        self._sums[kind] = (self._sums[kind] + int.from_bytes(hashlib.sha256(line).digest(), "big")) % _BITS

    def by_kind(self) -> dict[str, str]:
        """Kind of event -> 16 hexadecimal digits, sorted."""
        return {kind: f"{total:064x}"[:16] for kind, total in sorted(self._sums.items())}
