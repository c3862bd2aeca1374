"""What a provider's prompt cache could save of a run's prompts: `python -m experiments.prefixes RECORDING JOURNAL`.

Providers charge less for the beginning of a prompt that they have seen before (OpenAI: from 1,024 tokens on, in steps of 128;
https://platform.openai.com/docs/guides/prompt-caching). This counts, request by request in the order of the run, how many prompt
tokens begin like an earlier prompt; a cache that never forgets would save them. Tokens by o200k_base, without the chat's frame.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import orjson

from experiments.errors import UsageError
from fgo.journal import read_events
from fgo.llm.recording import DamagedRecording, RecordingFile
from fgo.llm.tokens import tokens_of
from fgo.types import Json

LEAST, STEP = 1024, 128


@dataclass(frozen=True, slots=True)
class Saved:
    """Prompt tokens of some calls, and how many of them a prompt cache could have saved."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0

    @property
    def share(self) -> float:
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else 0.0


class PrefixCache:
    """Remembers every beginning of every prompt, in steps of `STEP` tokens."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def ask(self, tokens: list[int]) -> int:
        """How many tokens of a prompt begin like an earlier one; remembers it."""
        hasher = blake2b(digest_size=12)
        known, still = 0, True
        for end in range(STEP, len(tokens) + 1, STEP):
            hasher.update(repr(tokens[end - STEP : end]).encode())
            key = hasher.digest()
            still = still and key in self._seen
            known = end if still else known
            self._seen.add(key)
        return known if known >= LEAST else 0


def saved(recording: RecordingFile, events: Iterable[Mapping[str, Json]]) -> dict[str, Saved]:
    """By role, what a prompt cache could have saved of a run's calls, in the order of its journal.

    Raises UsageError where the journal has a call that the recording does not hold.
    """
    cache = PrefixCache()
    found: dict[str, Saved] = {}
    for event in events:
        if event["kind"] != "call":
            continue
        line = recording.call(event["key"])
        if line is None:
            raise UsageError(
                f"{recording.path} does not hold the call {event['id']}: it is no recording of this journal"
            )
        text = "\n".join(orjson.dumps(recording.message(digest)).decode() for digest in line["request"]["messages"])
        tokens = tokens_of(text)
        before = found.get(event["role"], Saved())
        found[event["role"]] = Saved(
            before.calls + 1, before.prompt_tokens + len(tokens), before.cached_tokens + cache.ask(tokens)
        )
    return found


def main(arguments: list[str]) -> int:
    """Exit status."""
    if len(arguments) != 2:
        print("usage: python -m experiments.prefixes RECORDING JOURNAL", file=sys.stderr)
        return 2
    try:
        recording = RecordingFile(Path(arguments[0]))
        found = saved(recording, read_events(Path(arguments[1])))
    except (FileNotFoundError, DamagedRecording, UsageError) as error:
        print(error, file=sys.stderr)
        return 2
    recording.close()
    for role, line in sorted(found.items()):
        print(
            f"{role:<10} {line.calls:>6} calls {line.prompt_tokens:>10,} prompt tokens {line.share:7.1%} could be cached"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
