"""What optimizers demand of their settings, in the same words, before anything is spent: key, value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fgo.optimizers.base import Misconfigured
from fgo.types import Modules


def require_positive(**values: float) -> None:
    """Raises ValueError for a key of the optimizer that is not at least 1."""
    for key, value in values.items():
        if value < 1:
            raise ValueError(f"optimizer.{key}={value}: expected at least 1")


def require_named(key: str, names: Sequence[str]) -> None:
    """Raises ValueError where `key` names no module at all."""
    if not names:
        raise ValueError(f"{key} is empty: name at least one module, such as instructions")


def require_modules(key: str, names: Iterable[str], modules: Modules) -> None:
    """Raises Misconfigured where a module that `key` names is none of the agent's."""
    unknown = [name for name in names if name not in modules.texts]
    if unknown:
        raise Misconfigured(
            f"{key} names {', '.join(unknown)}: this environment's modules are {', '.join(modules.texts)}"
        )
