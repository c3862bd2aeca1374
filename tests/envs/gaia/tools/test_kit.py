"""The tools of an episode together: calls, pages, costs, and that only the task's own files can be named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from envs.base import EnvironmentFailure
from envs.gaia.tools.kit import TOOLS, ToolKit, ToolSession, ToolSettings, make_kit
from envs.gaia.tools.transcription import OpenAiTranscriber
from envs.toolbox import Toolbox
from fgo.sandbox import Refused, isolation
from tests.envs.gaia.tools.kits import FAST, laid, refused, with_session
from tests.envs.gaia.tools.samples import sample, zipped


def test_a_configuration_chooses_the_tools_and_their_order() -> None:
    kit = make_kit(ToolSettings(("python", "read_file")))

    assert [tool.name for tool in kit.tools] == ["python", "read_file"]
    assert kit.fingerprint()["tools"] == ["python", "read_file"]


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)
def test_every_tool_is_called_by_an_action_that_its_schema_checks(tool: Any) -> None:
    box = Toolbox([tool])
    (needed,) = tool.parameters["required"]

    assert box.parse(f'{tool.name} {{"{needed}": "x"}}').arguments == {needed: "x"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"tools": ("read_file", "fly")}, "expected some of read_file, python, web_search, visit"),
        ({"tools": ("python", "python")}, "each once"),
        ({"web": "yahoo"}, "expected one of corpus, serper, tavily"),
        ({"transcription": "whisper"}, "expected one of none, openai"),
        ({"page_chars": 10}, "expected at least 500"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ToolSettings(**settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (ToolSettings(), "these tasks bring no web corpus"),
        (ToolSettings(web="serper"), "env.web=serper needs a key: set SERPER_API_KEY"),
        (ToolSettings(web="tavily"), "env.web=tavily needs a key: set TAVILY_API_KEY"),
        (ToolSettings(("read_file",), transcription="openai"), "needs a key: set OPENAI_API_KEY"),
    ],
)
def test_what_a_configuration_needs_is_asked_for_before_any_episode(
    settings: ToolSettings, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("SERPER_API_KEY", "TAVILY_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    with pytest.raises(ValueError, match=words):
        make_kit(settings)


def test_a_long_file_is_read_page_by_page_and_only_once(tmp_path: Path) -> None:
    lines = "".join(f"line {number}\n" for number in range(200))
    files = laid(tmp_path, {"long.txt": lines.encode()})

    async def do(session: ToolSession) -> None:
        first = await session.call("read_file", {"path": "long.txt"})
        assert first.startswith("line 0\n")
        assert first.endswith("ask for page 2 to go on]")
        files["long.txt"].unlink()
        assert (
            await session.call("read_file", {"path": "long.txt", "page": 1.0}) == first
        )  # JSON knows one kind of number
        assert "line 199" in await session.call("read_file", {"path": "long.txt", "page": 4})
        assert await refused(session, "read_file", path="long.txt", page=9) == "There is no page 9: this has 4 pages."

    with_session(do, files, ToolSettings(("read_file",), page_chars=500, limits=FAST))


def test_only_the_tasks_own_files_can_be_named(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (tmp_path / "in").mkdir()
    files = laid(tmp_path / "in", {"data.csv": b"a,b\n"})
    link = tmp_path / "in" / "link.txt"
    link.symlink_to(secret)
    pipe = tmp_path / "in" / "pipe"
    os.mkfifo(pipe)
    files |= {"link.txt": link, "pipe": pipe, "gone.txt": tmp_path / "gone.txt", "folder": tmp_path / "in"}

    async def do(session: ToolSession) -> None:
        for name in (
            "../secret.txt",
            str(secret),
            "/etc/passwd",
            "in/../../secret.txt",
            "",
            "data.csv/../x",
            "\0",
            "x" * 9999,
        ):
            said = await refused(session, "read_file", path=name)
            assert "The task's files: 'data.csv'" in said
            assert str(tmp_path) not in said.replace(name, "")
        assert "Did you mean 'data.csv'?" in await refused(session, "read_file", path="date.csv")
        assert "is a link" in await refused(session, "read_file", path="link.txt")
        assert await refused(session, "read_file", path="pipe") == "pipe is no plain file."
        assert await refused(session, "read_file", path="folder") == "folder is no plain file."
        with pytest.raises(EnvironmentFailure, match="can't be opened: No such file"):
            await session.call("read_file", {"path": "gone.txt"})
        assert (await session.call("read_file", {"path": "./data.csv"})).endswith("a,b\n")
        assert session.costs.counts()["tool_errors"] == 13

    with_session(do, files)


def test_a_task_without_files_says_so() -> None:
    async def do(session: ToolSession) -> None:
        assert "this task has no files" in await refused(session, "read_file", path="a.txt")
        assert await refused(session, "dance") == "There is no tool 'dance'. Tools: read_file."

    with_session(do)


def test_a_sheet_of_what_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    async def do(session: ToolSession) -> None:
        assert "no spreadsheet (but a table)" in await refused(session, "read_file", path="a.csv", sheet="1")

    with_session(do, laid(tmp_path, {"a.csv": b"a,b\n"}))


def test_an_episodes_calls_are_counted_and_measured(tmp_path: Path) -> None:
    async def do(session: ToolSession) -> None:
        await session.call("read_file", {"path": "plots.xlsx"})
        await session.call("read_file", {"path": "plots.xlsx", "page": 1})
        await refused(session, "read_file", path="nothing")
        assert session.costs.counts() == {"tool_calls": 3, "tool_errors": 1, "calls_by_tool": {"read_file": 3}}
        measured = session.costs.measures()
        assert measured["tool_bytes"] == len(sample("plots.xlsx"))
        assert 0 < measured["tool_cpu_seconds"] < 10
        assert measured["tool_wall_seconds"] > 0
        assert measured["tool_dollars"] == 0

    with_session(do, laid(tmp_path, {"plots.xlsx": sample("plots.xlsx")}))


def test_a_recording_without_a_transcriber_says_what_can_be_set(tmp_path: Path) -> None:
    async def do(session: ToolSession) -> None:
        said = await session.call("read_file", {"path": "pie.mp3"})
        assert "ripe strawberries" in said
        assert said.endswith("can choose a transcriber with env.transcription=openai.)")

    with_session(do, laid(tmp_path, {"pie.mp3": sample("pie.mp3")}))


@pytest.mark.parametrize("member", ["", "take/one.mp3"])
def test_a_recording_is_transcribed_and_paid_for_once(tmp_path: Path, member: str) -> None:
    import httpx

    heard = []

    def serve(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        assert request.headers["authorization"] == "Bearer sk-test"
        assert sample("pie.mp3") in request.content
        return httpx.Response(200, json={"text": " stir the pie "})

    def kit(settings: ToolSettings) -> ToolKit:
        made = make_kit(settings)
        voice = OpenAiTranscriber(key="sk-test", dollars_per_minute=0.6, transport=httpx.MockTransport(serve))
        return ToolKit(settings, made.pool, None, voice, made.new_python)

    async def do(session: ToolSession) -> None:
        arguments = {"path": "pie", "member": member} if member else {"path": "pie"}
        for _ in range(2):
            assert (await session.call("read_file", arguments)).endswith("Transcript:\nstir the pie")
        assert len(heard) == 1
        assert str(heard[0].url) == "https://api.openai.com/v1/audio/transcriptions"
        assert session.costs.measures()["tool_dollars"] == pytest.approx(0.6 * 1.045 / 60, rel=0.02)

    data = zipped({member: sample("pie.mp3")}) if member else sample("pie.mp3")
    with_session(do, laid(tmp_path, {"pie": data}), kit=kit)


@dataclass
class Said:
    output: str = ""
    error: str = ""


@dataclass
class FakePython:
    """Stands for the sandbox; counts what happens to it."""

    refuses: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    async def start(self, files: Mapping[str, bytes]) -> None:
        if self.refuses:
            raise Refused("no bubblewrap: install it, or set sandbox.unguarded=allow")
        self.files.update(files)
        self.log.append("start")

    async def run(self, code: str) -> Said:
        self.log.append(code)
        return Said("4\n", "") if code == "2+2" else Said("", "NameError: x") if code == "x" else Said()

    async def close(self) -> None:
        self.log.append("close")


def test_python_starts_with_its_first_call_and_ends_with_the_episode(tmp_path: Path) -> None:
    python = FakePython()

    async def do(session: ToolSession) -> None:
        assert python.log == []
        assert await session.call("python", {"code": "2+2"}) == "4"
        assert await session.call("python", {"code": "x"}) == "NameError: x"
        assert await session.call("python", {"code": "pass"}) == "(the code ran and printed nothing)"
        assert python.files == {"a.csv": b"1"}

    settings = ToolSettings(("python",))
    with_session(do, laid(tmp_path, {"a.csv": b"1"}), settings, lambda given: make_kit(given, None, lambda: python))

    assert python.log == ["start", "2+2", "x", "pass", "close"]


def test_a_sandboxed_python_reads_the_tasks_files_and_keeps_its_variables(tmp_path: Path) -> None:
    async def do(session: ToolSession) -> None:
        await session.call("python", {"code": "import csv\nrows = list(csv.reader(open('a.csv')))"})
        assert await session.call("python", {"code": "sum(int(n) for row in rows for n in row)"}) == "10"
        assert "ZeroDivisionError" in await session.call("python", {"code": "1/0"})

    if not isolation().guarded:
        pytest.skip("bubblewrap does not work here")
    with_session(do, laid(tmp_path, {"a.csv": b"1,2\n3,4\n"}), ToolSettings(("python",)))


def test_python_without_isolation_says_what_can_be_set() -> None:
    async def do(session: ToolSession) -> None:
        said = await refused(session, "python", code="1")
        assert said == "Python can't be run here: no bubblewrap: install it, or set sandbox.unguarded=allow"

    with_session(do, None, ToolSettings(("python",)), lambda given: make_kit(given, None, lambda: FakePython(True)))
