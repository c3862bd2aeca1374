"""With a real model file, where FGO_GGUF names one and llama.cpp is there: that the server is what the fake pretends to be."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
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

    async def run() -> tuple[list[Completion], AttemptFailed]:
        arguments = [str(path), "--port=0", f"--window={WINDOW}", "--slots=1", "--threads=1"]
        server = LocalServer(arguments, tmp_path / "log", 120, 0, lambda **facts: None)
        provider = LocalProvider(LiteLLMProvider(), {"local/real": server})
        try:
            asked = Request(
                "local/real",
                ({"role": "user", "content": "Search for the word apple. Write one JSON object."},),
                temperature=0.0,
                max_tokens=250,
                seed=1,
                response_format=reply_format(TOOLS),
            )
            whole = replace(asked, extra={"extra_body": {"cache_prompt": False}}, max_tokens=30)
            answers = [await provider.complete(request, 120) for request in (asked, asked, whole, whole)]
            too_long = Request("local/real", ({"role": "user", "content": "apple " * 1000},), max_tokens=10)
            with pytest.raises(AttemptFailed) as refused:
                await provider.complete(too_long, 120)
            return answers, refused.value
        finally:
            await provider.close()

    (first, again, whole, repeated), refused = asyncio.run(run())
    assert (in_lines(first.text) or "").partition("Action: ")[2].split()[0] in ("search", "stop")
    assert first.usage.prompt_tokens > 10
    assert 0 < first.usage.completion_tokens <= 250
    assert again.usage.cached_tokens >= first.usage.prompt_tokens - 1
    assert whole.usage.cached_tokens == 0
    assert repeated.text == whole.text  # with a kept beginning it need not be: numbers are rounded elsewhere
    assert refused.final is ContextOverflow
