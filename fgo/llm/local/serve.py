"""The process that serves a model: llama.cpp's own OpenAI-compatible server, by the package xllamacpp or by a program
llama-server of the user's own, which may be built for the processor at hand.

`python -m fgo.llm.local.serve MODEL --port PORT ...` serves on 127.0.0.1 until its standard input ends, which it does when the
process that started it ends, however that happens.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Have Linux end this process when its parent does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_parent(before: Callable[[], None] = lambda: None) -> None:
    """End this process, after a call of `before`, at once when its standard input ends, or (on Linux) its parent does: native
    code that never lets a Python thread run could outlive the first alone."""
    _die_with_parent()

    def watch() -> None:
        while os.read(0, 1 << 10):
            pass
        before()
        os._exit(0)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def main(arguments: Sequence[str]) -> int:
    """Serve until the parent ends. Does not return, unless the server ends or can't be started."""
    parser = argparse.ArgumentParser(prog="python -m fgo.llm.local.serve")
    parser.add_argument("model")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens of one conversation, reply included")
    parser.add_argument("--slots", type=int, required=True, help="requests under way at once")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--program", help="a llama-server to run in place of xllamacpp")
    given = parser.parse_args(arguments)
    return _serve(given) if given.program is None else _run(given)


def _run(given: argparse.Namespace) -> int:
    """The user's own llama-server; its exit status, when it ends by itself."""
    port = given.port or _free_port()
    options = {
        "model": given.model, "host": "127.0.0.1", "port": port, "ctx-size": given.window * given.slots,
        "parallel": given.slots, "threads": given.threads, "threads-batch": given.threads,
    }  # fmt: skip
    command = [given.program, *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)
    end_with_parent(server.kill)
    print(f"serving {given.model} on http://127.0.0.1:{port}", file=sys.stderr, flush=True)
    return server.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _serve(given: argparse.Namespace) -> int:
    """llama.cpp in this process."""
    end_with_parent()

    import xllamacpp  # 34 MB of native code, needed here alone

    params = xllamacpp.CommonParams()
    params.model.path = given.model
    params.hostnames = ["127.0.0.1"]
    params.port = given.port
    params.n_ctx = given.window * given.slots
    params.n_parallel = given.slots
    params.cpuparams.n_threads = given.threads
    params.cpuparams_batch.n_threads = given.threads
    params.n_threads_http = given.slots + 2  # health checks beside requests
    params.cache_ram_mib = 1024  # of conversations that lost their slot; its own choice is 8 GB
    params.ctx_shift = False  # a conversation that is too long is refused, never cut silently
    params.endpoint_props = False
    params.endpoint_slots = False
    params.ui = False
    params.fit_params = False  # else it chooses another window where memory is short
    server = xllamacpp.Server(params)
    print(f"serving {given.model} on {server.listening_address}", file=sys.stderr, flush=True)
    threading.Event().wait()
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
