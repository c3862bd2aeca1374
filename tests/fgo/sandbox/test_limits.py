"""Code that takes too much is stopped, and told of what, with bubblewrap and without."""

from __future__ import annotations

import time

import pytest

from fgo.sandbox.identity import counted
from tests.fgo.sandbox.conftest import Place

LIVES = "'alive'"


def test_an_endless_loop_ends_at_its_time_whatever_it_catches_or_ignores(place: Place) -> None:
    code = (
        "import signal\n"
        "for number in range(1, 65):\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "print('started')\n"
        "while True:\n"
        "    try:\n"
        "        while True: pass\n"
        "    except BaseException: pass"
    )
    began = time.monotonic()
    stopped, after = place.run(code, LIVES, seconds=0.4)

    assert stopped.limit == "time"
    assert stopped.error.startswith("The code ran longer than 0.4 s. Its Python process was ended")
    assert stopped.output == "started"
    assert after.output.endswith(LIVES)
    assert time.monotonic() - began < 5


def test_sleep_and_a_stopped_process_count_as_time(place: Place) -> None:
    asleep, stopped = place.run("import time; time.sleep(60)", "import os; os.kill(os.getpid(), 19)", seconds=0.3)

    assert (asleep.limit, stopped.limit) == ("time", "time")


def test_cpu_time_of_all_processes_together_is_limited(guarded: Place) -> None:
    code = "import os\nfor _ in range(7): os.fork() == 0 and [None for _ in iter(int, 1)]\nos.wait()"

    assert guarded.one(code, seconds=0.4).limit == "time"


def test_memory_of_one_process_is_an_error_that_code_can_survive(place: Place) -> None:
    failed, after = place.run("x = []\nwhile True: x.append(bytearray(20_000_000))", "len(x) > 3")

    assert failed.limit == ""
    assert failed.error.splitlines()[-2:] == [
        "MemoryError",
        "The code needed more memory than the 256 MB that it may use.",
    ]
    assert after.output == "True"


def test_ten_gigabytes_in_many_processes_are_stopped(place: Place) -> None:
    code = (
        "import os, time\nfor _ in range(10):\n    if os.fork() == 0:\n        data = bytearray(10**9)\n"
        "        time.sleep(60)\ntime.sleep(60)"
    ).replace("10**9", "150_000_000")
    outcome = place.one(code)

    assert outcome.limit == "memory"
    assert outcome.error.startswith("The code's processes used ")
    assert "MB of memory (limit 256)" in outcome.error


def test_memory_that_forks_share_counts_once(guarded: Place) -> None:
    code = (
        "import os, time\ndata = b'x' * 100_000_000\nfor _ in range(5):\n    if os.fork() == 0:\n        time.sleep(0.3)\n"
        "        os._exit(0)\ntime.sleep(0.3)\nlen(data)"
    )

    assert guarded.one(code).output == "100000000"


def test_memory_that_no_process_seems_to_use_can_not_be_had(place: Place) -> None:
    outcomes = place.run(
        "import os\nos.memfd_create('hoard')",
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.shmget(0, 10**7, 0o1600), ctypes.get_errno()",
        "open('/dev/shm/hoard', 'wb').write(bytes(10_000_000))",
    )

    assert outcomes[0].error.splitlines()[-1] == "PermissionError: [Errno 1] Operation not permitted"
    assert outcomes[1].output == "(-1, 1)"
    assert "Error: [Errno" in outcomes[2].error


@pytest.mark.skipif(not counted(), reason="the kernel does not count this root's processes: not safe to try here")
def test_a_fork_bomb_is_stopped_by_count(place: Place) -> None:
    began = time.monotonic()
    stopped, after = place.run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", LIVES)

    assert stopped.limit in (
        "processes",
        "time",
    )  # the kernel holds it below the count where it can't be looked at in time
    assert stopped.error.startswith(("The code had ", "The code ran longer "))
    assert after.output.endswith(LIVES)
    assert time.monotonic() - began < 20


def test_too_many_subprocesses_are_stopped_and_told(place: Place) -> None:
    outcome = place.one(
        "import subprocess\nfor _ in range(20): subprocess.Popen(['sleep', '60'])\nimport time; time.sleep(60)"
    )

    assert outcome.limit == "processes"
    assert outcome.error.startswith("The code had ")
    assert "processes and threads at one time (limit 12)" in outcome.error


def test_a_full_disk_is_an_error_in_bubblewrap(guarded: Place) -> None:
    one, many, room = guarded.run(
        "open('big', 'wb').write(bytes(20_000_000))",
        "for n in range(20): open(f'big{n}', 'wb').write(bytes(1_000_000))",
        "import os\nfor name in os.listdir(): os.remove(name)\nopen('small', 'w').write('fits')",
    )

    assert one.error.endswith("OSError: [Errno 27] File too large")
    assert many.error.endswith("OSError: [Errno 28] No space left on device")
    assert room.output == "4"


def test_a_full_disk_ends_the_process_without_bubblewrap(unguarded: Place) -> None:
    outcome, hidden = unguarded.run(
        "for n in range(20): open(f'big{n}', 'wb').write(bytes(1_000_000))",
        "import os\nfor n in range(250): os.mkdir('deeper' * 5); os.chdir('deeper' * 5)",
    )

    assert (outcome.limit, outcome.error.split(". ")[0]) == ("disk", "The code's files took more than 8 MB")
    assert hidden.limit == "disk"


def test_output_without_end_is_bounded_and_stopped(place: Place) -> None:
    outcome = place.one("print('begin')\nwhile True: print('x' * 100_000)")

    assert outcome.limit in ("output", "time")
    assert outcome.output.startswith("begin\nxxx")
    assert len(outcome.output) < 2200


def test_a_crash_and_an_exit_are_told_for_what_they_are(place: Place) -> None:
    crash, deep, left, after = place.run(
        "import ctypes\nctypes.string_at(0)",
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __getattr__(self, name): return getattr(self, name)\nA().x",
        "print('bye', flush=True)\nimport os\nos._exit(7)",
        LIVES,
    )

    assert (crash.limit, deep.limit, left.limit) == ("exit", "exit", "exit")
    assert crash.error.startswith("The Python process was ended by SIGSEGV: a crash in native code")
    assert "SIGSEGV" in deep.error
    assert left.error.startswith("The Python process ended itself (status 7)")
    assert left.output == "[A new Python process: variables, imports and files of earlier code are gone.]\nbye"
    assert after.output.endswith(LIVES)


def test_writing_into_the_sandbox_s_own_channel_forges_no_answer(place: Place) -> None:
    code = "import os\nfor fd in range(3, 64):\n    try: os.write(fd, {data})\n    except OSError: pass\n'end'"
    garbage, forged, closed, after = place.run(
        code.format(data="b'garbage'"),
        code.format(data="bytes(16) + (8).to_bytes(8, 'big') + bytes(8)"),
        "import os\nos.closerange(3, 256)",
        LIVES,
    )

    assert (garbage.limit, forged.limit) == ("channel", "channel")
    assert garbage.error.startswith("The code wrote to a file descriptor that belongs to the sandbox. ")
    assert closed.limit in ("exit", "channel")
    assert "file descriptor" in closed.error
    assert after.output.endswith(LIVES)
