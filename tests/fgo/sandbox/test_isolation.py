"""Without isolation nothing runs unless it was allowed, and what then holds is said plainly."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from fgo.sandbox import Refused, SandboxConfig, SandboxError, isolation, run_code
from tests.fgo.sandbox.conftest import Place


def test_where_bubblewrap_works_the_statement_says_what_is_guaranteed(guarded: Place) -> None:
    found = isolation()

    assert found.guarded
    assert found.why == ""
    assert found.statement.startswith("bubblewrap: model-written code sees no network")


def test_without_bubblewrap_code_is_refused_with_a_way_out(unguarded: Place) -> None:
    found = isolation()

    assert not found.guarded
    assert re.search(r"NOT guaranteed: it can read .*files", found.statement)
    with pytest.raises(
        Refused, match=r"bwrap\) is not installed.*apt-get install bubblewrap.*sandbox\.unguarded=allow"
    ):
        asyncio.run(run_code("1", {}, SandboxConfig()))
    assert asyncio.run(run_code("1", {}, SandboxConfig(unguarded="allow"))).output == "1"


def fake(folder: Path, script: str) -> None:
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_a_bubblewrap_that_does_not_work_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "echo 'bwrap: No permissions to create new namespace' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = isolation()

    assert not found.guarded
    assert "installed but does not work here: bwrap: No permissions to create new namespace" in found.why
    with pytest.raises(Refused, match="user namespaces"):
        asyncio.run(run_code("1"))


def test_a_sandbox_that_stops_working_is_a_failure_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        tmp_path,
        f"if [ -e {tmp_path}/tried ]; then echo 'no more mounts' >&2; exit 1; fi; : > {tmp_path}/tried; echo works",
    )
    monkeypatch.setenv("PATH", str(tmp_path))

    assert isolation().guarded
    with pytest.raises(SandboxError, match="ended without an answer: no more mounts"):
        asyncio.run(run_code("1"))
