"""Every provider that litellm has, one attempt at a time. Only here is litellm imported, which takes two seconds.

Its own cache, retries, limits and budgets stay off: the client has them. Nothing but the calls uses the network.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from fgo.llm.provider import AttemptFailed, Completion
from fgo.llm.retry import retry_after_seconds
from fgo.llm.types import BadRequest, ContextOverflow, Finish, ModelError, ProviderUnavailable, Request
from fgo.types import Json, Usage

_LOCAL = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it downloads its price list on import
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_TELEMETRY": "False",
}
_FINISH: Mapping[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


class LiteLLMProvider:
    """Completes requests through litellm.

    custom: further providers by the name before the slash (`{"sim": handler}`), each a `litellm.CustomLLM`. Keys come
    from the environment variables that litellm documents for each provider.
    """

    def __init__(self, custom: Mapping[str, Any] | None = None) -> None:
        self._litellm = import_litellm()
        names = set(custom or ())
        others = [entry for entry in self._litellm.custom_provider_map if entry["provider"] not in names]
        ours = [{"provider": name, "custom_handler": handler} for name, handler in (custom or {}).items()]
        self._litellm.custom_provider_map = others + ours

    async def complete(self, request: Request, timeout_seconds: float) -> Completion:
        _keep_no_logs()
        try:
            response = await self._litellm.acompletion(
                model=request.model,
                messages=[dict(message) for message in request.messages],
                timeout=timeout_seconds,
                num_retries=0,
                max_retries=0,
                **_options(request),
            )
        except Exception as error:
            if isinstance(error, self._litellm.ContentPolicyViolationError):
                return Completion("", "content_filter", Usage())  # an answer to this request: the run goes on
            failure = self._failure(error)
            if failure is None:
                raise
            raise failure from error
        return _completion(response)

    def missing_keys(self, model: str) -> list[str]:
        """The environment variables that the model's provider needs and that are not set, as far as litellm knows."""
        missing: list[str] = self._litellm.validate_environment(model)["missing_keys"]
        return missing

    def _failure(self, error: Exception) -> AttemptFailed | None:
        """How an attempt failed, or None where the error is no provider's but a fault of the program."""
        litellm = self._litellm
        if not isinstance(error, litellm.exceptions.OpenAIError | litellm.exceptions.openai.OpenAIError):
            return None
        name, message = type(error).__name__, str(error)
        final: type[ModelError] = ProviderUnavailable
        if isinstance(error, litellm.ContextWindowExceededError):
            final = ContextOverflow
        elif _is_refusal(error):
            final = BadRequest
            if isinstance(error, litellm.UnsupportedParamsError):
                message += (
                    " (set the parameter to null in the model's configuration; for seed: model.seeded=false; for "
                    "response_format: agent.constrain=none)"
                )
        retry = final is ProviderUnavailable and "insufficient_quota" not in message
        headers = getattr(error, "litellm_response_headers", None)
        if headers is None:
            headers = getattr(getattr(error, "response", None), "headers", None)
        wait = retry_after_seconds(headers) if retry else None
        return AttemptFailed(message, name=name, retry=retry, final=final, retry_after=wait)

    async def close(self) -> None:
        """Close litellm's connections; the next call opens new ones."""
        await self._litellm.close_litellm_async_clients()
        self._litellm.in_memory_llm_clients_cache.flush_cache()


def _keep_no_logs() -> None:
    """Spare litellm its success records and callbacks, a quarter of a call's CPU: the ledger has what they would say."""
    try:
        from litellm._internal_context import is_internal_call
    except ImportError:  # another litellm, which only makes calls slower
        return
    is_internal_call.set(True)


def import_litellm() -> Any:
    """litellm, told to keep quiet and to stay off the network, before its import and after."""
    for name, value in _LOCAL.items():
        os.environ.setdefault(name, value)
    import litellm  # here alone, and late: see the first lines

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    litellm.num_retries = None
    litellm.cache = None
    litellm.drop_params = False
    for logger in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    return litellm


def _options(request: Request) -> dict[str, Json]:
    """The request's further fields as litellm names them; those without a value stay out."""
    options: dict[str, Json] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
        "stop": list(request.stop) or None,
        "seed": request.seed,
        "tools": list(request.tools) or None,
        "response_format": request.response_format,
        **request.extra,
    }
    return {name: value for name, value in options.items() if value is not None}


def _is_refusal(error: Exception) -> bool:
    """A 4xx other than those that pass: timeout, conflict, too early, too many requests."""
    status = getattr(error, "status_code", None)
    return isinstance(status, int) and 400 <= status < 500 and status not in (408, 409, 425, 429)


def _completion(response: Any) -> Completion:
    usage = _usage(getattr(response, "usage", None))
    if not response.choices:
        raise AttemptFailed("the answer holds no choices", name="EmptyAnswer", retry=True, usage=usage)
    choice = response.choices[0]
    calls = tuple(_clean_json(call.model_dump()) for call in choice.message.tool_calls or ())
    finish: Finish = _FINISH.get(choice.finish_reason or "", "stop")
    return Completion(_clean(choice.message.content or ""), finish, usage, calls, response.model or "")


def _usage(usage: Any) -> Usage:
    if usage is None:
        return Usage()
    prompt = getattr(usage, "prompt_tokens_details", None)
    completion = getattr(usage, "completion_tokens_details", None)
    return Usage(
        prompt_tokens=usage.prompt_tokens or 0,
        cached_tokens=getattr(prompt, "cached_tokens", None) or 0,
        completion_tokens=usage.completion_tokens or 0,
        reasoning_tokens=getattr(completion, "reasoning_tokens", None) or 0,
    )


def _clean(text: str) -> str:
    """The text without lone surrogates, which JSON can escape but no UTF-8 can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _clean_json(value: Json) -> Json:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {_clean(key): _clean_json(inner) for key, inner in value.items()}
    return [_clean_json(inner) for inner in value] if isinstance(value, list) else value
