"""What is said in recordings, by a speech-to-text service. Without one the tool says so: no usable model comes as a package."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Protocol

from envs.base import EnvironmentFailure
from envs.toolbox import ToolError

_MOST_BYTES = 25 * 2**20  # what the service takes
KEY = "OPENAI_API_KEY"


class Transcriber(Protocol):
    @property
    def dollars_per_minute(self) -> float: ...

    async def transcribe(self, name: str, data: bytes) -> str:
        """What is said. Raises ToolError where the recording is at fault, EnvironmentFailure where the service is."""


@dataclass(frozen=True)
class OpenAiTranscriber:
    """Any server with OpenAI's /audio/transcriptions. `transport`: an httpx transport, for tests."""

    model: str = "whisper-1"
    base_url: str = "https://api.openai.com/v1"
    dollars_per_minute: float = 0.0
    seconds: float = 120.0
    key: str = field(default_factory=lambda: os.environ.get(KEY, ""), repr=False)
    transport: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError(f"env.transcription=openai needs a key: set {KEY}, or choose env.transcription=none")

    async def transcribe(self, name: str, data: bytes) -> str:
        import httpx

        if len(data) > _MOST_BYTES:
            raise ToolError(
                f"{name} has {len(data):,} bytes; recordings of no more than {_MOST_BYTES:,} are transcribed."
            )
        url = f"{self.base_url.rstrip('/')}/audio/transcriptions"
        form = {"model": self.model, "response_format": "json", "temperature": "0"}
        try:
            async with httpx.AsyncClient(transport=self.transport, timeout=self.seconds) as client:
                reply = await client.post(
                    url, data=form, files={"file": (name, data)}, headers={"Authorization": f"Bearer {self.key}"}
                )
        except httpx.HTTPError as error:
            raise EnvironmentFailure(f"the transcriber at {url} can't be reached ({type(error).__name__})") from error
        if reply.status_code in (400, 413, 415, 422):
            raise ToolError(f"{name} could not be transcribed: the service refuses it (status {reply.status_code}).")
        if not reply.is_success:
            raise EnvironmentFailure(
                f"the transcriber at {url} answers with status {reply.status_code}: {reply.text[:200]}"
            )
        try:
            return str(reply.json()["text"]).strip()
        except (ValueError, KeyError, TypeError) as error:
            raise EnvironmentFailure(
                f"the transcriber at {url} sends no JSON with a text: {reply.text[:200]}"
            ) from error
