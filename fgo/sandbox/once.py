"""One block of code, or one call of a helper function, in a sandbox of its own."""

from __future__ import annotations

from collections.abc import Mapping

from fgo.sandbox.session import PythonSession
from fgo.sandbox.types import DEFAULTS, Outcome, SandboxConfig
from fgo.types import Json


async def run_code(
    code: str,
    files: Mapping[str, bytes] | None = None,
    config: SandboxConfig = DEFAULTS,
    arguments: Mapping[str, Json] | None = None,
) -> Outcome:
    """Run a block in a new Python process. `files` (plain names) stand in its working folder, `arguments` are variables.

    Raises ValueError for the files, Refused without isolation, SandboxError where the sandbox itself fails.
    """
    async with PythonSession(config) as session:
        await session.start(files)
        return await session.run(code, arguments)


async def call_function(
    source: str,
    name: str,
    arguments: Mapping[str, Json],
    files: Mapping[str, bytes] | None = None,
    config: SandboxConfig = DEFAULTS,
) -> Outcome:
    """Run the source of helper functions in a new Python process and call one, with keyword arguments.

    The output is what was printed and then the value returned: a str as it is, else JSON where that is possible, else its
    repr. Raises as `run_code`.
    """
    async with PythonSession(config) as session:
        await session.start(files)
        return await session.call(name, arguments, source)
