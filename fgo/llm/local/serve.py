"""The process that serves a model: llama.cpp's own OpenAI-compatible server, by the package xllamacpp.

`python -m fgo.llm.local.serve MODEL --port PORT ...` serves on 127.0.0.1 until its standard input ends, which it does when the
process that started it ends, however that happens.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """End this process at once when its standard input ends, or (on Linux) its parent does: native code that never lets
    a Python thread run could outlive the first alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.read(0, 1 << 10):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def main(arguments: Sequence[str]) -> int:
    """Serve until the parent ends. Does not return, unless the server can't be started."""
    parser = argparse.ArgumentParser(prog="python -m fgo.llm.local.serve")
    parser.add_argument("model")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--window", type=int, required=True, help="tokens of one conversation, reply included")
    parser.add_argument("--slots", type=int, required=True, help="requests under way at once")
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args(arguments)
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
