from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli import main
from tests.experiments.page.large import write_large
from tests.experiments.synthetic import Synthetic

MEASURED = """
import re, sys, time
from pathlib import Path
from experiments.cli import main
assert main(sys.argv[1:]) == 0
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text()).group(1)
print("measured", time.process_time(), int(peak) / 1024)
"""


def test_a_page_is_written_beside_the_runs_or_where_one_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (0, 1):
        Synthetic(seed=seed).write(tmp_path / "smoke" / f"run{seed}")

    assert main(["report", str(tmp_path / "smoke"), "--html"]) == 0
    assert "report.html: 2 runs" in capsys.readouterr().out
    assert main(["report", f"--html={tmp_path / 'a.html'}", str(tmp_path / "smoke")]) == 0
    assert main(["report", "--html", str(tmp_path / "b" / "c.html"), str(tmp_path / "smoke")]) == 0
    pages = [tmp_path / "smoke" / "report.html", tmp_path / "a.html", tmp_path / "b" / "c.html"]
    assert len({page.read_bytes() for page in pages}) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_a_run_named_twice_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Synthetic().write(tmp_path / "run")
    assert main(["report", "--html", str(tmp_path), str(tmp_path / "run")]) == 0
    assert "report.html: 1 run," in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--html"], "name the folders of runs or studies"),
        (["--htm", "runs"], "no option --htm; there are --html"),
        (["--html", "EMPTY"], "holds no journal.jsonl, nor does any folder below it"),
    ],
)
def test_wrong_usage_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    words = [str(tmp_path) if word == "EMPTY" else word for word in words]
    assert main(["report", *words]) == 2
    assert message in capsys.readouterr().err


def test_ten_thousand_episodes_take_less_than_5_seconds_and_300_mb(tmp_path: Path) -> None:
    write_large(tmp_path / "run", 10_000)
    command = [sys.executable, "-c", MEASURED, "report", "--html", str(tmp_path)]
    for _ in range(3):  # a busy processor only adds: the least is what it takes
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, megabytes = map(float, done.stdout.split("measured")[1].split())
        if seconds < 5:
            break

    assert seconds < 5
    assert megabytes < 300
