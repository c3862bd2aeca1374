"""The simulated model as a litellm custom provider, `sim/NAME`: reached like any other, through the same client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fgo.constrained import is_reply_format
from fgo.llm.litellm_provider import import_litellm
from fgo.llm.sim.model import Completion, SimulatedModel, WindowExceeded

PROVIDER = "sim"


def handler(models: Mapping[str, SimulatedModel]) -> Any:
    """A litellm CustomLLM that answers `sim/NAME` from these models by NAME. Imports litellm, and enters them in its table.

    Sync and async are the same computation, well under a millisecond for an agent's turn.
    """
    litellm = import_litellm()
    from litellm.exceptions import ContextWindowExceededError, NotFoundError
    from litellm.llms.custom_llm import CustomLLM

    for name, model in models.items():  # one that is not in the table is searched for at every call
        facts = {
            "litellm_provider": PROVIDER,
            "mode": "chat",
            "input_cost_per_token": 0.0,
            "output_cost_per_token": 0.0,
        }
        litellm.register_model({f"{PROVIDER}/{name}": {**facts, "max_input_tokens": model.window}})

    class Simulated(CustomLLM):
        def completion(self, *args: Any, **kwargs: Any) -> Any:
            name = kwargs["model"].removeprefix(f"{PROVIDER}/")
            if name not in models:
                known = ", ".join(models)
                raise NotFoundError(
                    f"there is no simulated model {name!r}; known: {known}", model=name, llm_provider=PROVIDER
                )
            options = kwargs.get("optional_params") or {}
            stop = options.get("stop") or ()
            try:
                completion = models[name].complete(
                    kwargs["messages"],
                    seed=int(options.get("seed") or 0),
                    max_tokens=options.get("max_completion_tokens") or options.get("max_tokens"),
                    stop=(stop,) if isinstance(stop, str) else tuple(stop),
                    tools=options.get("tools") or (),
                    as_object=is_reply_format(options.get("response_format")),
                )
            except WindowExceeded as error:
                raise ContextWindowExceededError(str(error), model=name, llm_provider=PROVIDER) from error
            return _response(kwargs["model_response"], completion, name)

        async def acompletion(self, *args: Any, **kwargs: Any) -> Any:
            return self.completion(*args, **kwargs)

    return Simulated()


def _response(response: Any, completion: Completion, name: str) -> Any:
    """litellm's empty response, filled in."""
    import litellm

    response.model = f"{PROVIDER}/{name}"
    message = response.choices[0].message
    message.content = completion.text
    if completion.tool_calls:
        message.tool_calls = [litellm.ChatCompletionMessageToolCall(**call) for call in completion.tool_calls]
    response.choices[0].finish_reason = completion.finish
    response.usage = litellm.Usage(
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        total_tokens=completion.prompt_tokens + completion.completion_tokens,
    )
    return response
