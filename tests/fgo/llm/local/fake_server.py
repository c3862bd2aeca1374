"""A stand-in for `fgo.llm.local.serve`: the same arguments and protocol, and a model that always says the same.

FAKE_SERVER says how it misbehaves: `exits`, `never ready`, `ends after N` requests, `hangs after N`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from fgo.llm.local.serve import end_with_parent

BEHAVIOUR = os.environ.get("FAKE_SERVER", "")
ANSWER = os.environ.get("FAKE_SERVER_ANSWER", "Thought: fine.\nAction: look")
served = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._send({"status": "ok"})

    def do_POST(self) -> None:
        global served
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        served += 1
        print("asked", json.dumps(body), file=sys.stderr, flush=True)
        if BEHAVIOUR.startswith("ends after") and served > int(BEHAVIOUR.split()[-1]):
            os._exit(9)
        if BEHAVIOUR.startswith("hangs after") and served > int(BEHAVIOUR.split()[-1]):
            server.socket.close()  # nobody is answered any more
            time.sleep(60)
        words = sum(len(message["content"].split()) for message in body["messages"])
        usage = {"prompt_tokens": words, "completion_tokens": 5, "total_tokens": words + 5}
        usage["prompt_tokens_details"] = {"cached_tokens": words // 2}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ANSWER}}
        model = sys.argv[1]
        self._send(
            {"id": "c", "object": "chat.completion", "created": 1, "model": model, "choices": [choice], "usage": usage}
        )

    def _send(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    end_with_parent()
    if BEHAVIOUR == "exits":
        sys.exit("this file is no model")
    if "FAKE_SERVER_PIDS" in os.environ:
        with Path(os.environ["FAKE_SERVER_PIDS"]).open("a") as file:
            print(os.getpid(), file=file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if BEHAVIOUR != "never ready":
        print(f"serving {sys.argv[1]} on http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()
