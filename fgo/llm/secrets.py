"""Keeps keys out of what is written down: requests and configurations may hold none, error messages are cleaned."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from fgo.types import Json

_FIELD = re.compile(r"(?i)^(authorization|.*(api|secret|access|auth)[-_]?(key|token)|.*password|.*secret)$")
_VARIABLE = re.compile(r"(?i)(key|token|secret|password|credentials)$")


def secret_key_in(value: Json) -> str:
    """The dotted path of the first field that is named like a secret, or ""."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if _FIELD.match(str(key)):
                return str(key)
            found = secret_key_in(inner)
            if found:
                return f"{key}.{found}"
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        for index, inner in enumerate(value):
            found = secret_key_in(inner)
            if found:
                return f"{index}.{found}"
    return ""


def without_secrets(text: str) -> str:
    """The text with the value of every environment variable named like a secret replaced by the variable's name."""
    for name, value in os.environ.items():
        if len(value) >= 8 and _VARIABLE.search(name):
            text = text.replace(value, f"[{name}]")
    return text
