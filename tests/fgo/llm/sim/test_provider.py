import asyncio
import os

import pytest

from tests.fgo.llm.sim.toy import SYSTEM, chat, model

MESSAGES = chat(SYSTEM.replace("{instructions}", "- Use the horn."), "Observation: A road.")


@pytest.fixture
def litellm(monkeypatch):
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setenv("HF_HUB_OFFLINE", os.environ.get("HF_HUB_OFFLINE", "1"))
    import litellm as module

    from fgo.llm.sim.provider import PROVIDER, handler

    served = handler({"toy": model(), "tiny": model(window=20)})
    monkeypatch.setattr(module, "custom_provider_map", [{"provider": PROVIDER, "custom_handler": served}])
    return module


def test_litellm_reaches_it_like_any_provider_sync_and_async(litellm):
    direct = model().complete(MESSAGES, seed=3)
    options = {"model": "sim/toy", "messages": MESSAGES, "seed": 3, "max_tokens": 100, "stop": ["\nObservation:"]}
    for response in (litellm.completion(**options), asyncio.run(litellm.acompletion(**options))):
        assert response.choices[0].message.content == direct.text
        assert response.choices[0].finish_reason == "stop"
        assert response.usage.prompt_tokens == direct.prompt_tokens
        assert response.usage.completion_tokens == direct.completion_tokens


def test_it_fails_in_litellms_classes(litellm):
    with pytest.raises(litellm.ContextWindowExceededError, match="maximum context length is 20 tokens"):
        litellm.completion(model="sim/tiny", messages=MESSAGES)
    with pytest.raises(litellm.NotFoundError, match="known: toy, tiny"):
        litellm.completion(model="sim/other", messages=MESSAGES)


def test_a_truncated_reply_says_so(litellm):
    response = litellm.completion(model="sim/toy", messages=MESSAGES, max_tokens=3)
    assert response.choices[0].finish_reason == "length"
    assert response.usage.completion_tokens == 3
