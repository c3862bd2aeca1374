"""read_file: the task's own files as text, page by page."""

from __future__ import annotations

from collections.abc import Mapping

from envs.gaia.tools.attachments import Attachments
from envs.gaia.tools.costs import CallCost
from envs.gaia.tools.pool import ReaderPool, Request
from envs.gaia.tools.transcription import Transcriber
from envs.toolbox import ToolError, paged
from fgo.types import Json, Tool

READ_FILE = Tool(
    "read_file",
    "Read a file that is attached to the task, as text: spreadsheets with formulas and cell colours, documents, slides, PDF, "
    "tables, source, JSON, XML, molecules, pictures (the writing in them), recordings (tags, and what is said where a "
    "transcriber is set up), zip archives (a list, then their members). Long files come in pages.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "the file's name"},
            "page": {"type": "integer", "minimum": 1, "description": "which page of a long text; 1 is the first"},
            "member": {
                "type": "string",
                "description": 'a file in a zip archive or an office file; "inner.zip!notes.txt" for one in an archive in it',
            },
            "sheet": {"type": "string", "description": "one sheet of a spreadsheet, by name or number"},
        },
        "required": ["path"],
        "additionalProperties": False,
    },
)
_SILENT = (
    "(What is said or heard in it is not transcribed: the user of this harness can choose a transcriber with "
    "env.transcription=openai.)"
)


class FileTool:
    """Of one episode. A file is read once; its further pages come from memory."""

    def __init__(
        self,
        files: Attachments,
        pool: ReaderPool,
        page_chars: int,
        transcriber: Transcriber | None,
        recognise: bool,
    ) -> None:
        self._files = files
        self._pool = pool
        self._page_chars = page_chars
        self._transcriber = transcriber
        self._recognise = recognise
        self._texts: dict[tuple[str, str, str], str] = {}

    async def call(self, arguments: Mapping[str, Json], cost: CallCost) -> str:
        member, sheet = str(arguments.get("member") or ""), str(arguments.get("sheet") or "")
        key = str(arguments["path"]), member, sheet
        if key not in self._texts:
            self._texts[key] = await self._read(*key, cost)
        return paged(self._texts[key], int(arguments.get("page", 1)), self._page_chars)

    async def close(self) -> None:
        self._texts.clear()

    async def _read(self, path: str, member: str, sheet: str, cost: CallCost) -> str:
        name, data = self._files.read(path)
        cost.received += len(data)
        request = Request(name, data, member, sheet, recognise=self._recognise)
        answer = await self._pool.read(request)
        cost.cpu += answer.cpu
        if sheet and answer.kind != "spreadsheet":
            raise ToolError(f"{name} is no spreadsheet (but a {answer.kind}), so it has no sheets.")
        if answer.kind != "recording":
            return answer.text
        if self._transcriber is None:
            return f"{answer.text}\n{_SILENT}"
        sound = await self._pool.extract(request) if member else data
        said = await self._transcriber.transcribe(member.rpartition("/")[2] or name, sound)
        cost.dollars += self._transcriber.dollars_per_minute * float(answer.facts.get("audio_seconds", 0)) / 60
        return f"{answer.text}\nTranscript:\n{said or '(nothing is said)'}"
