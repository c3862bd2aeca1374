"""A Python session for an agent: variables and files live from one block of code to the next, until a limit ends it."""

from __future__ import annotations

import asyncio
import json
import marshal
from collections.abc import Mapping
from types import TracebackType
from typing import cast

from fgo.sandbox.launch import PATIENCE, Answer, Child, launch
from fgo.sandbox.output import cut
from fgo.sandbox.types import DEFAULTS, Outcome, SandboxConfig, checked_files
from fgo.types import Json

LOST = "[A new Python process: variables, imports and files of earlier code are gone.]\n"

_AFTER = "Its Python process was ended: variables and files are lost. The next code starts in a new one."


class PythonSession:
    """One Python process in a sandbox. Use as an async context manager, or call `start` and `close`.

    Calls of one session wait for each other. A cancelled call kills the process; the next one starts a new one.
    """

    def __init__(self, config: SandboxConfig = DEFAULTS) -> None:
        self.config = config
        self._files: dict[str, bytes] = {}
        self._child: Child | None = None
        self._lost = False
        self._closed = False
        self._turn = asyncio.Lock()

    async def start(self, files: Mapping[str, bytes] | None = None) -> None:
        """Launch it with these files (plain names) in its working folder.

        Raises ValueError for the files, Refused without isolation, SandboxError where the sandbox itself fails.
        """
        async with self._turn:
            if self._child is not None or self._closed:
                raise RuntimeError("this session was started already")
            self._files = checked_files(files or {}, self.config)
            self._child = await launch(self._files, self.config)

    async def run(self, code: str, variables: Mapping[str, Json] | None = None) -> Outcome:
        """Run a block as at Python's prompt: what it prints, and the `repr` of a last expression.

        `variables` are set before. Raises SandboxError only where the sandbox itself fails.
        """
        return await self._ask({"code": _text(code), "variables": _plain(variables), "function": None, "arguments": ""})

    async def call(self, function: str, arguments: Mapping[str, Json], source: str | None = None) -> Outcome:
        """Run `source`, if given, then call one of the session's functions with keyword arguments.

        The output ends in what it returns: a str as it is, else JSON where that is possible, else its repr.
        """
        return await self._ask(
            {
                "code": None if source is None else _text(source),
                "variables": {},
                "function": function,
                "arguments": json.dumps(dict(arguments)),
            }
        )

    async def _ask(self, command: dict[str, Json]) -> Outcome:
        async with self._turn:
            if self._closed:
                raise RuntimeError("this session is closed")
            child = self._child
            if child is None:
                child = await launch(self._files, self.config)
            self._child = None  # until the answer is here: whatever happens before costs the process
            try:
                child.ask(marshal.dumps(command))
                answer = await child.answer(self.config.seconds + PATIENCE)
            except BaseException:
                self._lost = True
                await child.kill()
                raise
            outcome = self._read(answer, repl=command["function"] is None)
            if outcome.limit:
                await child.kill()
            else:
                self._child = child
            if self._lost:
                outcome = Outcome(LOST + outcome.output, outcome.error, outcome.limit)
            self._lost = bool(outcome.limit)
            return outcome

    def _read(self, answer: Answer | None, repl: bool) -> Outcome:
        if answer is None:
            return Outcome("", f"The code ran longer than {self.config.seconds:g} s. {_AFTER}", "time")
        output = cut(answer.head, answer.tail, answer.dropped, self.config.output_chars)
        if repl:
            output = output.removesuffix("\n")
        error = f"{answer.message}. {_AFTER}" if answer.limit else answer.message
        return Outcome(output, error, answer.limit)

    async def close(self) -> None:
        """End it and all that it started. Safe to call twice."""
        async with self._turn:
            child, self._child = self._child, None
            self._closed = True
            if child is not None:
                await child.kill()

    async def __aenter__(self) -> PythonSession:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _text(code: str) -> str:
    """Code that a pipe can carry: a lone surrogate can't be in a source file either."""
    return code.encode("utf-8", "backslashreplace").decode()


def _plain(variables: Mapping[str, Json] | None) -> dict[str, Json]:
    """A copy made of JSON's types alone; raises TypeError for anything else."""
    return cast(dict[str, Json], json.loads(json.dumps(dict(variables or {}))))
