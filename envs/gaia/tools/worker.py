"""A worker process: reads files that may be malicious for its parent. It gets bytes, never paths, and has no secrets.

A request is a line of JSON, then as many bytes as it says; an answer is a line of JSON:

    {"operation": "read", "name": NAME, "size": BYTES, "member": ..., "sheet": ..., "url": ..., "media": ...,
     "recognise": BOOL}
        -> {"text": TEXT, "kind": KIND, "facts": {...}, "cpu": SECONDS}
    {"operation": "extract", ...} -> {"data": BASE64 of the member, "cpu": SECONDS}

What can't be read is answered with {"problem": MESSAGE, "cpu": SECONDS}, what needs too much memory with {"memory": true, ...}.
Whoever takes too much time is ended by the kernel. The worker ends when its stdin does, so it can't outlive its parent for long.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import resource
import signal
import sys
import time
import warnings
from typing import Any

from envs.gaia.tools.readers import timer
from envs.gaia.tools.readers.kinds import descend, read
from envs.gaia.tools.readers.source import Source, Unreadable, proper


def main() -> None:
    """Arguments: memory in MB, CPU seconds a reading, CPU seconds for recognising writing in a picture."""
    memory, seconds, recognition = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when to stop.
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Whatever prints must not garble the answers.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (memory * 2**20, memory * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # Reading writes nothing to disk.
    try:
        while line := requests.readline():
            request = json.loads(line)
            data = requests.read(request["size"])
            timer.start(seconds, {"recognition": recognition})
            started = time.process_time()
            answer = _answer(request, data)
            timer.stop()
            answer["cpu"] = time.process_time() - started
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()
    except BrokenPipeError:
        os._exit(0)  # The parent is gone.


def _answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    about = {name: request[name] for name in ("name", "sheet", "url", "media", "recognise")}
    source = Source(data=data, **about)
    try:
        if request["operation"] == "extract":
            return {"data": base64.b64encode(descend(source, request["member"]).data).decode()}
        kind, reading = read(source, request["member"])
        return {"text": reading.text, "kind": kind, "facts": dict(reading.facts)}
    except Unreadable as error:
        return {"problem": proper(str(error))}
    except MemoryError:
        return {"memory": True}


if __name__ == "__main__":
    main()
