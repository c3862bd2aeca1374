"""A stand-in for a llama-server of the user's own: takes its options, says them, and is healthy."""

from __future__ import annotations

import os
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.fgo.llm.local.fake_server import Handler

if __name__ == "__main__":
    print("given", *sys.argv[1:], file=sys.stderr, flush=True)
    Path(os.environ["FAKE_SERVER_PIDS"]).write_text(str(os.getpid()))
    port = int(sys.argv[sys.argv.index("--port") + 1])
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
