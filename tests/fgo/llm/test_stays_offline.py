"""Neither importing nor calling through litellm touches the network, but for the calls themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fgo.llm.model_server import answer, failing, model_server

_SCRIPT = """
import socket, sys, threading
attempts = []

def watch(name):
    original = getattr(socket.socket, name)
    def watched(self, address, *rest):
        if isinstance(address, tuple) and address[0] != "127.0.0.1":
            attempts.append([name, str(address)])
            raise OSError("the test has no network")
        return original(self, address, *rest)
    setattr(socket.socket, name, watched)

for name in ("connect", "connect_ex", "sendto"):
    watch(name)
resolve = socket.getaddrinfo
def getaddrinfo(host, *rest, **more):
    if host not in ("127.0.0.1", None):
        attempts.append(["getaddrinfo", str(host)])
        raise socket.gaierror("the test has no network")
    return resolve(host, *rest, **more)
socket.getaddrinfo = getaddrinfo

import asyncio, json, time
from pathlib import Path
from typing import Any
from fgo.journal import Journal
from fgo.llm.cache import Cache
from fgo.llm.client import Client
from fgo.llm.config import ModelConfig, Prices
from fgo.llm.recording import Recording
from fgo.llm.types import BadRequest, Caller, Request

assert "litellm" not in sys.modules
from fgo.llm.litellm_provider import LiteLLMProvider
assert "litellm" not in sys.modules
url, folder = sys.argv[1], Path(sys.argv[2])

async def main(part):
    names = ["openai/gpt-4o-mini", "hosted_vllm/meta-llama/Meta-Llama-3-8B-Instruct"]
    models = [ModelConfig(name, window=9000, max_output=50, prices=Prices(1, 2), api_base=url) for name in names]
    with Journal(folder / "journal") as journal:
        cache, recording = Cache(folder / "cache"), Recording(folder / "recording")
        async with Client(LiteLLMProvider(), journal, models, cache=cache, recording=recording) as client:
            for model in models:
                for text in ("hello", "refuse me"):
                    asked = Request(model.name, ({"role": "user", "content": text + part},), extra=model.extra())
                    try:
                        await client.complete(asked, Caller("agent", "test", {"part": part}))
                    except BadRequest as error:
                        assert "Incorrect API key" in str(error)
            await asyncio.sleep(0.1)  # whatever litellm does in the background

asyncio.run(main("one"))
asyncio.run(main("two"))  # a second event loop in the same process, as in a multirun
time.sleep(0.2)
print(json.dumps({"attempts": attempts, "threads": [t.name for t in threading.enumerate() if not t.daemon]}))
"""


def test_litellm_stays_offline_and_quiet_and_no_key_is_written_down(tmp_path: Path) -> None:
    key = "sk-never-to-be-written-0123456789"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LITELLM", "HF_", "TIKTOKEN"))},
        "OPENAI_API_KEY": key,
        "HOSTED_VLLM_API_KEY": key,
    }
    with model_server() as server:

        def behave(handler: Any, body: dict[str, Any]) -> None:
            refused = body["messages"][0]["content"].startswith("refuse")
            (failing(401, f"Incorrect API key provided: {key}") if refused else answer())(handler, body)

        server.otherwise = behave
        done = subprocess.run(
            [sys.executable, "-W", "error::ResourceWarning", "-c", _SCRIPT, server.url, str(tmp_path)],
            cwd=Path(__file__).parents[3], env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"attempts": [], "threads": ["MainThread"]}
    assert done.stderr == ""
    assert server.answered == 4
    assert all(headers["authorization"] == f"Bearer {key}" for headers in server.headers)
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Incorrect API key provided: [" in written
    assert key.encode() not in written
