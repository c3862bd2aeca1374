from __future__ import annotations

import sys
import threading

import pytest

from fgo.optimizers.foreign.quiet import muted


def test_one_threads_words_are_dropped_and_the_others_heard(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with muted():
        print("progress")
        print("warning", file=sys.stderr)
        other = threading.Thread(target=print, args=("result",))
        other.start()
        other.join()
    print("done")
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr() == ("result\ndone\n", "")
