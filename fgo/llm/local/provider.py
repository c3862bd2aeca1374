"""Requests to models that this process serves itself: to their servers' addresses, which no request's identity names.

A port is another at each start; what answers depend on is the model file's hash, which requests carry as `served_file`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from fgo.llm.local.config import PREFIX
from fgo.llm.local.server import LocalServer, ServerDown
from fgo.llm.provider import AttemptFailed, Completion, Provider
from fgo.llm.types import Request

FILE_FIELD = "served_file"
_ROUTE = "hosted_vllm/"  # litellm's quickest way to servers that speak OpenAI's protocol


class LocalProvider:
    """Completes requests to `servers`' models (by name) there and all others with `others`, which speaks HTTP for both."""

    def __init__(self, others: Provider, servers: Mapping[str, LocalServer]) -> None:
        self._others, self._servers = others, dict(servers)

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        server = self._servers.get(request.model)
        if server is None:
            return await self._others.complete(request, timeout_seconds)
        try:
            url = await server.ready()
        except ServerDown as error:
            raise AttemptFailed(str(error), name="ServerDown", retry=False) from error
        try:
            completion = await self._others.complete(_addressed(request, url), timeout_seconds)
        except AttemptFailed as error:
            if error.retry:
                server.suspect()
            raise
        except asyncio.CancelledError:  # by the timeout, perhaps
            server.suspect()
            raise
        return replace(completion, model=request.model)  # the server's word for it is the file's path

    async def close(self) -> None:
        try:
            await self._others.close()
        finally:
            for server in set(self._servers.values()):
                await server.stop()


def _addressed(request: Request, url: str) -> Request:
    body = {name: value for name, value in request.extra.get("extra_body", {}).items() if name != FILE_FIELD}
    extra = {name: value for name, value in request.extra.items() if name != "extra_body"}
    return replace(
        request,
        model=_ROUTE + request.model.removeprefix(PREFIX),
        extra={**extra, **({"extra_body": body} if body else {}), "api_base": f"{url}/v1"},
    )
