"""Code that looks for what is not its own finds nothing, and its error says so."""

from __future__ import annotations

import ast
import os
import socket
from pathlib import Path

import pytest

import fgo
from fgo.sandbox.bubblewrap import interpreter, libraries
from fgo.sandbox.identity import becomes_other
from tests.fgo.sandbox.conftest import Place


def test_home_and_project_and_other_folders_are_not_there(guarded: Place, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the key")
    project = str(Path(fgo.__file__).parent)
    home = str(Path.home())
    own, project_error, other, users, processes = guarded.run(
        f"import os\nos.listdir({home!r}) if os.path.exists({home!r}) else []",
        f"open({project + '/types.py'!r})",
        f"open({str(secret)!r})",
        "open('/etc/passwd'), open('/etc/shadow')",
        "import os\nsorted(int(name) for name in os.listdir('/proc') if name.isdigit())",
    )

    way = {
        path.relative_to(home).parts[0]
        for path in (interpreter(), *map(Path, libraries()))
        if path.is_relative_to(home)
    }
    assert set(ast.literal_eval(own.output)) == way  # no more than the way to Python
    for outcome in (project_error, other, users):
        assert "FileNotFoundError: [Errno 2] No such file or directory" in outcome.error
    assert processes.output == "[1, 2]"


def test_nothing_outside_the_working_folder_can_be_written(guarded: Place) -> None:
    places = ["/x", "/usr/x", "/dev/x", "/proc/sys/vm/swappiness", "/proc/1/oom_score_adj", "/proc/self/comm"]
    code = (
        "import os, sys\nfailed = []\n"
        f"for path in {places} + [os.path.dirname(os.__file__) + '/x.py', sys.path[-1] + '/x.py']:\n"
        "    try: open(path, 'w')\n"
        "    except OSError as error: failed.append(type(error).__name__ != 'x')\n"
        "len(failed)"
    )
    outside, tmp = guarded.run(
        code,
        "import tempfile\nwith tempfile.NamedTemporaryFile() as file: print(file.write(b'in the folder'), file.name[:9])",
    )

    assert outside.output == str(len(places) + 2)
    assert tmp.output == "13 /scratch/"


def test_no_environment_variable_comes_through(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_API_KEY", "sk-1234")
    own, others = place.run(
        "import os\nsorted(os.environ)",
        "import os\nfound = set()\nfor pid in filter(str.isdigit, os.listdir('/proc')):\n"
        "    try: found |= {b'sk-1234' in open(f'/proc/{pid}/environ', 'rb').read()}\n"
        "    except OSError: pass\nfound",
    )

    assert "PROVIDER_API_KEY" not in own.output
    if place.guarded:
        assert others.output == "{False}"


def test_the_network_can_not_be_reached(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        port = server.getsockname()[1]
        loopback, outside, names = place.run(
            f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)",
            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('192.0.2.1', 9))",
            "import socket\nsocket.getaddrinfo('example.com', 80)",
        )
        with pytest.raises(TimeoutError):
            server.accept()

    for outcome in (loopback, outside):
        assert "Error: [Errno" in outcome.error
    assert "gaierror" in names.error or "Error" in names.error


def test_abstract_sockets_of_this_machine_can_not_be_reached(place: Place) -> None:
    name = f"\0sandbox-test-{os.getpid()}-{os.urandom(4).hex()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        outcome = place.one(f"import socket\nsocket.socket(socket.AF_UNIX).connect({name!r})")

    assert "Error: [Errno" in outcome.error


def test_new_namespaces_and_mounts_and_a_look_at_the_supervisor_are_refused(place: Place) -> None:
    libc = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    user, mount, trace, memory, descriptors = place.run(
        libc + "libc.unshare(0x10000000), ctypes.get_errno()",
        libc + "libc.mount(b'x', b'.', b'tmpfs', 0, None), ctypes.get_errno()",
        libc + "import os\nlibc.ptrace(16, os.getppid(), 0, 0), ctypes.get_errno()",
        "import os\nopen(f'/proc/{os.getppid()}/mem', 'r+b')",
        "import os\nos.listdir(f'/proc/{os.getppid()}/fd')",
    )

    assert (user.output, mount.output, trace.output) == ("(-1, 1)", "(-1, 1)", "(-1, 1)")
    assert memory.error.splitlines()[-1].startswith(("PermissionError", "OSError: [Errno 30]"))
    if place.guarded:
        assert descriptors.error.splitlines()[-1].startswith("PermissionError")


def test_killing_the_parent_or_everybody_does_not_work(guarded: Place) -> None:
    code = (
        "import os\nfailed = []\nfor pid in (os.getppid(), 1, -1):\n    for number in (9, 15, 19):\n"
        "        try: os.kill(pid, number)\n        except OSError as error: failed.append(error)\n'unharmed'"
    )
    first, second = guarded.run(code, "1 + 1")

    assert (first.output, second.output) == ("'unharmed'", "2")


def test_a_process_that_is_killed_by_its_own_child_has_ended_itself(place: Place) -> None:
    code = "import os, time\nif os.fork() == 0:\n    os.kill(os.getppid(), 9)\n    os._exit(0)\ntime.sleep(60)"
    killed, after = place.run(code, "1 + 1")

    assert killed.limit == "exit"
    assert killed.error.startswith("The Python process was ended by SIGKILL")
    assert after.output.endswith("2")


def test_code_that_may_kill_its_supervisor_has_ended_itself(unguarded: Place) -> None:
    mark = f"daemon-{os.urandom(6).hex()}"
    code = f"import os, time\nif os.fork() == 0: os.execv('/bin/sleep', ['{mark}', '60'])\n"
    killed, after = unguarded.run(code + "time.sleep(0.1)\nos.kill(os.getppid(), 9)\ntime.sleep(60)", "1 + 1")

    if becomes_other():  # root's supervisor can't be killed
        assert killed.error.endswith("PermissionError: [Errno 1] Operation not permitted")
    else:
        assert killed.limit == "exit"
    assert after.output.endswith("2")
    assert alive(mark) == []


def daemons(mark: str) -> str:
    """Code that leaves a process in a session of its own, without parent, environment or open files."""
    return (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.closerange(0, 256)\n"
        f"        os.execve('/bin/sleep', ['{mark}', '60'], {{}})\n"
        "    os._exit(0)\n"
        "os.wait()\ntime.sleep(0.1)\n'left'"
    )


def alive(mark: str) -> list[str]:
    """Processes of this machine whose command line begins with the mark."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cmdline").read_bytes().startswith(mark.encode() + b"\0"):
                found.append(process.name)
        except OSError:  # it ended
            continue
    return found


def test_a_daemon_does_not_outlive_its_block(place: Place) -> None:
    mark = f"daemon-{os.urandom(6).hex()}"
    outcome, after = place.run(daemons(mark), "import time\ntime.sleep(0.1)")

    assert (outcome.output, after.error) == ("'left'", "")
    assert alive(mark) == []
