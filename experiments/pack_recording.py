"""`python -m experiments.pack_recording FILE.jsonl ... FILE.jsonl.zst`: finished recordings as one, small enough to keep with
results.

`replay=FILE.jsonl.zst` answers from it as from the plain one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fgo.llm.recording import DamagedRecording, packed


def main(arguments: list[str]) -> int:
    """Exit status."""
    if len(arguments) < 2:
        print("usage: python -m experiments.pack_recording RECORDING.jsonl ... PACKED.jsonl.zst", file=sys.stderr)
        return 2
    *sources, target = map(Path, arguments)
    try:
        size = packed(sources, target)
    except (OSError, ValueError, DamagedRecording) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{target}: {size:,} bytes of {sum(source.stat().st_size for source in sources):,}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
