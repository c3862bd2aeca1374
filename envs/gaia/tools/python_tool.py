"""python: code that the agent writes, run in a sandboxed Python that lives as long as the episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from envs.base import EnvironmentFailure
from envs.gaia.tools.attachments import Attachments
from envs.gaia.tools.costs import CallCost
from envs.toolbox import ToolError
from fgo.sandbox import Refused, SandboxError
from fgo.types import Json, Tool

PYTHON = Tool(
    "python",
    "Run Python code. Variables, imports and functions are kept from call to call; the task's files lie in the working folder "
    "under their names; there is no network. You see what is printed, and the value of a last expression.",
    {
        "type": "object",
        "properties": {"code": {"type": "string", "description": "the code"}},
        "required": ["code"],
        "additionalProperties": False,
    },
)


class Outcome(Protocol):
    @property
    def output(self) -> str: ...

    @property
    def error(self) -> str: ...


class CodeSession(Protocol):
    """A running Python, as fgo.sandbox.PythonSession."""

    async def start(self, files: Mapping[str, bytes]) -> None: ...

    async def run(self, code: str) -> Outcome: ...

    async def close(self) -> None: ...


class PythonTool:
    """Of one episode. Python starts with the first call: most questions need none."""

    def __init__(self, files: Attachments, new_session: Callable[[], CodeSession]) -> None:
        self._files = files
        self._new_session = new_session
        self._session: CodeSession | None = None

    async def call(self, arguments: Mapping[str, Json], cost: CallCost) -> str:
        session = await self._started()
        try:
            outcome = await session.run(str(arguments["code"]))
        except SandboxError as error:
            raise EnvironmentFailure(f"the sandbox failed: {error}") from error
        said = "\n".join(filter(None, (outcome.output.rstrip("\n"), outcome.error.rstrip("\n"))))
        cost.received += len(said)
        return said or "(the code ran and printed nothing)"

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _started(self) -> CodeSession:
        """Starting sees the files; later calls find them in the folder."""
        if self._session is None:
            session = self._new_session()
            try:
                await session.start(self._files.contents())
            except Refused as error:
                raise ToolError(f"Python can't be run here: {error}") from error
            except SandboxError as error:
                raise EnvironmentFailure(f"the sandbox failed: {error}") from error
            except ValueError as error:  # more files than the sandbox's disk holds
                raise ToolError(f"Python can't be run with this task's files: {error}") from error
            self._session = session
        return self._session
