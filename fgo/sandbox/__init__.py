"""Runs Python that a language model wrote, where it can do no harm. See docs/sandbox.md."""

from fgo.sandbox.isolation import Isolation, isolation
from fgo.sandbox.once import call_function, run_code
from fgo.sandbox.session import PythonSession
from fgo.sandbox.types import Limit, Outcome, Refused, SandboxConfig, SandboxError

__all__ = [
    "Isolation",
    "Limit",
    "Outcome",
    "PythonSession",
    "Refused",
    "SandboxConfig",
    "SandboxError",
    "call_function",
    "isolation",
    "run_code",
]
