from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pytest

from experiments.components import build, load, structure, without_effect
from experiments.errors import UsageError
from fgo.types import Json

HERE = f"{__name__}.Part"


@dataclass(frozen=True)
class Nested:
    depth: int = 1
    rate: float = 0.5


@dataclass(frozen=True)
class Part:
    size: int
    kind: Literal["round", "square"] = "round"
    names: Sequence[str] = ("a",)
    nested: Nested = Nested()
    maybe: Nested | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)
    workers: int = field(default=1, metadata={"affects_result": False})
    _made: list[int] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"part.size={self.size}: expected at least 1")


def refusal(node: Mapping[str, Json]) -> str:
    with pytest.raises(UsageError) as refused:
        build("part", node)
    return str(refused.value)


def test_a_node_becomes_its_dataclass_with_everything_nested() -> None:
    node = {"size": 2, "kind": "square", "names": ["b", "c"], "nested": {"rate": 1}, "maybe": {"depth": 3}}
    part = build("part", {"_target_": HERE, **node, "extra": {"any": [1, {"thing": None}]}})

    assert part.size == 2
    assert list(part.names) == ["b", "c"]
    assert (part.nested, part.maybe) == (Nested(1, 1.0), Nested(3))
    assert part.extra == {"any": [1, {"thing": None}]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sise": 2}, ("part.sise: no such key", "did you mean size?", "part has size, kind, names")),
        ({"nested": {"dept": 2}}, ("part.nested.dept: no such key", "did you mean depth?", "part.nested has depth, rate")),
        ({"maybe": {"wide": 2}}, ("part.maybe.wide: no such key", "part.maybe has depth, rate")),
        ({"_made": [1]}, ("part._made: no such key",)),
        ({"size": "two"}, ("part.size='two'", "valid integer")),
        ({"size": 2.5}, ("part.size=2.5", "valid integer")),
        ({"size": True}, ("part.size=True", "valid integer")),
        ({"size": "2"}, ("part.size='2'", "valid integer")),
        ({"kind": "oval"}, ("part.kind='oval'", "'round' or 'square'")),
        ({"names": "b"}, ("part.names='b'",)),
        ({"names": ["b", 3]}, ("part.names.1=3", "valid string")),
        ({"nested": {"depth": "deep"}}, ("part.nested.depth='deep'", "valid integer")),
        ({"nested": 3}, ("part.nested=3",)),
        ({"size": 0}, ("part.size=0: expected at least 1",)),
        ({"size": None}, ("part.size=None", "valid integer")),
    ],
)  # fmt: skip
def test_a_wrong_key_type_or_value_is_named_with_what_is_allowed(change: dict[str, Json], words: Sequence[str]) -> None:
    message = refusal({"_target_": HERE, "size": 1, **change})

    for word in words:
        assert word in message


def test_all_problems_are_told_at_once() -> None:
    message = refusal({"_target_": HERE, "kind": "oval", "names": 1})

    assert message.splitlines()[0] == "part.size: is missing"
    assert len(message.splitlines()) >= 3


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("no.such.module", "can't be loaded"),
        (f"{__name__}.Nope", "has no attribute 'Nope'"),
        ("os.path.join", "expected a dataclass"),
        ("nodots", "can't be loaded"),
    ],
)
def test_a_target_that_is_no_dataclass_is_refused(target: str, words: str) -> None:
    assert words in refusal({"_target_": target})
    assert f"part._target_={target}" in refusal({"_target_": target})


def test_a_node_without_target_is_refused() -> None:
    assert "part._target_ is missing" in refusal({"size": 1})


def test_keys_at_the_top_have_no_prefix() -> None:
    with pytest.raises(UsageError, match=r"^sise: no such key; did you mean size\? the configuration has size"):
        structure("", {"sise": 1}, Part)
    with pytest.raises(UsageError, match=r"^nested\.dept: no such key"):
        structure("", {"size": 1, "nested": {"dept": 1}}, Part)
    with pytest.raises(UsageError, match=r"^size: is missing"):
        structure("", {}, Part)


def test_keys_without_effect_are_those_that_say_so() -> None:
    assert without_effect(load("part", HERE)) == {"workers"}
