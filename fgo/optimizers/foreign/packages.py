"""Optional packages: imported when they are used, and named when they are missing."""

from __future__ import annotations

import importlib
from typing import Any

from fgo.optimizers.base import Misconfigured


def required(module: str) -> Any:
    """A module of an optional package. Raises Misconfigured, saying how to install it, where the package is missing."""
    package = module.split(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise Misconfigured(
            f"this optimizer runs the package {package!r}, which is not installed: pip install 'fgo-harness[rivals]'"
        ) from error
