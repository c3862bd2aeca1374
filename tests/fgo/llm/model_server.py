"""An OpenAI-compatible model server on 127.0.0.1 for tests: it answers as scripted, badly too, and keeps count."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["_Handler", dict[str, Any]], None]


@dataclass
class ModelServer:
    """What the server was asked, what it is to do next (`script`, then `otherwise`) and what it has charged for."""

    url: str = ""
    script: list[Behaviour] = field(default_factory=list)
    otherwise: Behaviour | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    answered: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    asked: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)


def answer(text: str = "Thought: fine.\nAction: look", finish: str = "stop", **message: Any) -> Behaviour:
    """A good answer. Its usage depends on the request and is added to the server's own count."""

    def behave(handler: _Handler, body: dict[str, Any]) -> None:
        handler.send_json(200, completion(handler.log, body, text, finish, message))

    return behave


def completion(
    log: ModelServer, body: dict[str, Any], text: str, finish: str, message: dict[str, Any]
) -> dict[str, Any]:
    prompt = 7 + sum(len(str(part["content"]).split()) for part in body["messages"])
    words = len(text.split()) + 1
    with log.lock:
        log.answered += 1
        log.prompt_tokens += prompt
        log.cached_tokens += prompt // 3
        log.completion_tokens += words
        log.reasoning_tokens += words // 2
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": words,
        "total_tokens": prompt + words,
        "prompt_tokens_details": {"cached_tokens": prompt // 3},
        "completion_tokens_details": {"reasoning_tokens": words // 2},
    }
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
    return {
        "id": "c", "object": "chat.completion", "created": 1, "model": "served", "choices": [choice], "usage": usage,
    }  # fmt: skip


def slowly(seconds: float, then: Behaviour | None = None) -> Behaviour:
    def behave(handler: _Handler, body: dict[str, Any]) -> None:
        time.sleep(seconds)
        (then or answer())(handler, body)

    return behave


def dripping(seconds: float) -> Behaviour:
    """A good answer, a byte at a time, so that no single read is slow."""

    def behave(handler: _Handler, body: dict[str, Any]) -> None:
        data = json.dumps(completion(handler.log, body, "slow", "stop", {})).encode()
        handler.start(200, len(data))
        for index in range(len(data)):
            handler.wfile.write(data[index : index + 1])
            time.sleep(seconds / len(data))

    return behave


def failing(status: int, message: str = "no", headers: dict[str, str] | None = None, **error: Any) -> Behaviour:
    def behave(handler: _Handler, body: dict[str, Any]) -> None:
        handler.send_json(status, {"error": {"message": message, "type": "error", **error}}, headers)

    return behave


def context_error() -> Behaviour:
    message = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
    return failing(400, message, code="context_length_exceeded")


def cut_off() -> Behaviour:
    """The connection breaks in the middle of the body."""

    def behave(handler: _Handler, body: dict[str, Any]) -> None:
        data = json.dumps({"id": "c", "choices": []}).encode()
        handler.start(200, len(data) * 2)
        handler.wfile.write(data)
        handler.hang_up()

    return behave


def malformed(data: bytes = b'{"id": "c", "choices": [{') -> Behaviour:
    def behave(handler: _Handler, body: dict[str, Any]) -> None:
        handler.start(200, len(data))
        handler.wfile.write(data)

    return behave


def silence() -> Behaviour:
    """The connection is closed without a word."""
    return lambda handler, body: handler.hang_up()


def raw(payload: dict[str, Any]) -> Behaviour:
    return lambda handler, body: handler.send_json(200, payload)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        log = self.log
        with log.lock:
            log.requests.append(body)
            log.headers.append({name.lower(): value for name, value in self.headers.items()})
            log.times.append(time.monotonic())
            log.in_flight += 1
            log.most_in_flight = max(log.most_in_flight, log.in_flight)
            behave = log.script.pop(0) if log.script else log.otherwise or answer()
        log.asked.set()
        try:
            behave(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client gave up, as some tests want it to
        finally:
            with log.lock:
                log.in_flight -= 1

    def start(self, status: int, length: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def send_json(self, status: int, payload: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(payload).encode()
        self.start(status, len(data), headers)
        self.wfile.write(data)

    def hang_up(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@contextmanager
def model_server() -> Iterator[ModelServer]:
    log = ModelServer()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"log": log}))
    log.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield log
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> str:
    """The address of a server that isn't there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"
