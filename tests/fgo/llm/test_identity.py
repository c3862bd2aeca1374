"""The cache key covers every field of a request, and nothing but the request."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fgo.llm.identity import call_id, request_json, request_key
from fgo.llm.types import Request
from tests.fgo.llm.scripted import caller

_text = st.text(st.characters(codec="utf-8"), max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=5,
)
_message = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": _text})
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "model": _text,
    "messages": st.lists(_message, max_size=3).map(tuple),
    "temperature": st.none() | st.floats(0, 2),
    "top_p": st.none() | st.floats(0, 1),
    "max_tokens": st.none() | st.integers(1, 9999),
    "stop": st.lists(_text, max_size=2).map(tuple),
    "seed": st.none() | st.integers(0, 2**31),
    "sample": st.integers(0, 2**31),
    "tools": st.lists(_json, max_size=2).map(tuple),
    "response_format": _json,
    "extra": st.dictionaries(_text, _json, max_size=2),
}
_requests = st.builds(Request, **_FIELDS)


def test_the_strategies_know_every_field_of_a_request() -> None:
    assert {field.name for field in fields(Request)} == set(_FIELDS) == set(request_json(Request("m", ())))


@given(_requests, st.data())
def test_a_change_in_any_field_changes_the_key(request: Request, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(_FIELDS)))
    other = replace(request, **{name: data.draw(_FIELDS[name])})
    same = request_json(other) == request_json(request) and repr(request_json(other)) == repr(request_json(request))
    assert (request_key(other) == request_key(request)) == same


def test_the_order_of_keys_and_the_kind_of_number_do_not_matter() -> None:
    one = Request("m", ({"role": "user", "content": "x"},), temperature=1, extra={"a": 1, "b": 2})
    two = Request("m", ({"content": "x", "role": "user"},), temperature=1.0, extra={"b": 2, "a": 1})
    assert request_key(one) == request_key(two)


def test_a_call_is_named_by_request_role_phase_and_scope() -> None:
    names = [
        call_id("k", caller(episode=1)),
        call_id("other", caller(episode=1)),
        call_id("k", caller(episode=2)),
        call_id("k", caller("merger", episode=1)),
        call_id("k", caller(phase="test", episode=1)),
    ]
    assert len(set(names)) == 5
    assert call_id("k", caller(a=1, b=2)) == call_id("k", caller(b=2, a=1))
