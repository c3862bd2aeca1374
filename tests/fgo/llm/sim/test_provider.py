import asyncio
import os

import pytest

from fgo.constrained import in_lines, reply_format
from fgo.llm.sim.model import SimulatedModel
from tests.fgo.llm.sim.toy import PLAIN, SYSTEM, Road, chat, model


class CallingRoad(Road):
    """Drives by a tool, and tells how often it has been answered."""

    def act(self, turns, heeds):
        said = [turn["content"] for turn in turns]
        assert all(turn["role"] in ("system", "user", "assistant") for turn in turns)
        turned = sum(text.startswith("Thought: I go by horn.\nAction: drive {") for text in said)
        assert turned == said.count("Observation: Fine.")
        return super().act(turns, heeds) + f' {{"turns": {turned}}}'


MESSAGES = chat(SYSTEM.replace("{instructions}", "- Use the horn."), "Observation: A road.")


@pytest.fixture
def litellm(monkeypatch):
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setenv("HF_HUB_OFFLINE", os.environ.get("HF_HUB_OFFLINE", "1"))
    import litellm as module

    from fgo.llm.sim.provider import PROVIDER, handler

    calling = SimulatedModel(PLAIN, [CallingRoad()], 10_000)
    served = handler({"toy": model(), "tiny": model(window=20), "calling": calling})
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
    with pytest.raises(litellm.NotFoundError, match="known: toy, tiny, calling"):
        litellm.completion(model="sim/other", messages=MESSAGES)


def test_a_truncated_reply_says_so(litellm):
    response = litellm.completion(model="sim/toy", messages=MESSAGES, max_tokens=3)
    assert response.choices[0].finish_reason == "length"
    assert response.usage.completion_tokens == 3


def test_offered_tools_it_calls_one_and_understands_what_came_of_it(litellm):
    tools = [{"type": "function", "function": {"name": "drive", "description": "Blow the horn.", "parameters": {}}}]
    untaught = chat(SYSTEM.replace("{instructions}", "Drive."), "Observation: A road.")
    options = {"model": "sim/calling", "messages": untaught, "seed": 3, "tools": tools}
    response = asyncio.run(litellm.acompletion(**options))
    message = response.choices[0].message

    assert response.choices[0].finish_reason == "tool_calls"
    assert message.tool_calls[0].function.name == "drive"
    assert message.tool_calls[0].function.arguments == '{"turns": 0}'
    assert message.content == "I go by horn."  # what a tool's description says is taught
    answered = [*untaught, message.model_dump(), {"role": "tool", "tool_call_id": "c", "content": "Fine."}]
    response = asyncio.run(litellm.acompletion(**{**options, "messages": answered}))
    assert response.choices[0].message.tool_calls[0].function.arguments == '{"turns": 1}'


def test_held_to_the_agents_schema_it_answers_with_an_object(litellm):
    response = litellm.completion(model="sim/toy", messages=MESSAGES, seed=3, response_format=reply_format(()))
    assert in_lines(response.choices[0].message.content) == model().complete(MESSAGES, seed=3).text
