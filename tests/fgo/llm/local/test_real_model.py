"""With a real model file, where FGO_GGUF names one and llama.cpp is there: that the server is what the fake pretends to be."""

from __future__ import annotations

import asyncio
import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from fgo.constrained import in_lines, reply_format
from fgo.llm.litellm_provider import LiteLLMProvider
from fgo.llm.local.gguf import read_model_file
from fgo.llm.local.provider import LocalProvider
from fgo.llm.local.server import LocalServer
from fgo.llm.provider import AttemptFailed, Completion
from fgo.llm.types import ContextOverflow, Request
from fgo.types import Tool

pytestmark = [
    pytest.mark.skipif("FGO_GGUF" not in os.environ, reason="FGO_GGUF names no model file"),
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="xllamacpp is not installed (the extra local)"),
]
WINDOW = 512
_TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS = (Tool("search", "Look.", _TEXT), Tool("stop", "End.", {"type": "object", "properties": {}}))


def test_it_keeps_to_a_schema_counts_tokens_keeps_prefixes_and_refuses_what_is_too_long(tmp_path: Path) -> None:
    path = Path(os.environ["FGO_GGUF"])
    assert read_model_file(path).context > WINDOW

    async def run() -> tuple[Completion, Completion, AttemptFailed]:
        arguments = [str(path), "--port=0", f"--window={WINDOW}", "--slots=1", "--threads=1"]
        server = LocalServer(arguments, tmp_path / "log", 120, 0, lambda **facts: None)
        provider = LocalProvider(LiteLLMProvider(), {"local/real": server})
        try:
            asked = Request(
                "local/real",
                ({"role": "user", "content": "Search for the word apple. Write one JSON object."},),
                temperature=0.0,
                max_tokens=100,
                seed=1,
                response_format=reply_format(TOOLS),
            )
            first, again = await provider.complete(asked, 120), await provider.complete(asked, 120)
            too_long = Request("local/real", ({"role": "user", "content": "apple " * 1000},), max_tokens=10)
            with pytest.raises(AttemptFailed) as refused:
                await provider.complete(too_long, 120)
            return first, again, refused.value
        finally:
            await provider.close()

    first, again, refused = asyncio.run(run())
    assert (in_lines(first.text) or "").partition("Action: ")[2].split()[0] in ("search", "stop")
    assert first.usage.prompt_tokens > 10
    assert 0 < first.usage.completion_tokens <= 100
    assert again.text == first.text
    assert again.usage.cached_tokens >= first.usage.prompt_tokens - 1
    assert refused.final is ContextOverflow
