"""The examples of docs/sandbox.md run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "sandbox.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(example: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, cwd=PAGE.parents[1], check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_page_has_examples_and_names_every_key() -> None:
    assert len(EXAMPLES) == 2
    for key in ("seconds", "memory_mb", "disk_mb", "processes", "output_chars", "unguarded"):
        assert f"| `{key}` |" in PAGE.read_text("utf-8")
