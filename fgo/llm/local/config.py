"""A model file on this machine and how it is served: the keys of conf/model/local.yaml that other models have not."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from fgo.llm.local.gguf import ModelFile, NotGGUF, read_model_file

PREFIX = "local/"
"""Begins the names of models that this process serves itself."""

WHERE = (
    "name a GGUF file with model.path=FILE. A small one that runs on a laptop: qwen2.5-coder-1.5b-instruct-q4_k_m.gguf (1.1 GB) "
    "from https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF (Apache 2.0). A server that runs already is model=server"
)


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """program: a llama-server of the user's own (a path or a name in PATH); null: llama.cpp as the package xllamacpp has it,
    which runs on any processor but is built for none. threads: of the server; null: one less than there are cores, since others
    need one. start_seconds: how long it may take to load the model. restarts: how often in a session it is started again after
    it ended or hung."""

    program: str | None = None
    threads: int | None = None
    start_seconds: float = 180.0
    restarts: int = 3

    def __post_init__(self) -> None:
        if self.program is not None and shutil.which(self.program) is None:
            raise ValueError(f"model.server.program={self.program}: there is no such program; null takes xllamacpp")
        if self.threads is not None and self.threads < 1:
            raise ValueError(f"model.server.threads={self.threads}: expected null or a whole number of at least 1")
        if self.start_seconds <= 0:
            raise ValueError(f"model.server.start_seconds={self.start_seconds}: expected a positive number")
        if self.restarts < 0:
            raise ValueError(f"model.server.restarts={self.restarts}: expected a whole number of at least 0")

    @property
    def thread_count(self) -> int:
        return self.threads or max(1, (os.cpu_count() or 2) - 1)


@dataclass(frozen=True, slots=True)
class LocalModel:
    """path: the file; null where it is known by its hash alone, which is enough to replay a recording. sha256: of its contents.
    file: its facts; null without a path."""

    path: str | None
    sha256: str
    server: ServerConfig
    file: ModelFile | None


def find_model(path: str | None, sha256: str | None, server: ServerConfig) -> LocalModel:
    """The model at a path. `sha256`: what its contents must be, null: whatever they are.

    Raises ValueError saying what is missing and where to get it.
    """
    if path is None and sha256:
        return LocalModel(None, sha256, server, None)
    if path is None:
        raise ValueError(f"model.path=null: {WHERE}; for a replay model.sha256 and model.name suffice")
    try:
        file = read_model_file(Path(path))
    except (FileNotFoundError, NotGGUF) as error:
        raise ValueError(f"model.path={path}: {error}; {WHERE}") from error
    if sha256 and sha256 != file.sha256:
        raise ValueError(
            f"model.path={path}: its SHA-256 is {file.sha256}, but model.sha256={sha256}: it is another model file; "
            "set model.sha256=null to take it all the same"
        )
    return LocalModel(path, file.sha256, server, file)
