"""What a run's header says of it: configuration, command, versions, git state, data, prompts."""

from __future__ import annotations

import contextlib
import inspect
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from envs.base import Environment
from experiments.settings import Settings
from fgo.sandbox import isolation
from fgo.types import Json, digest

_PACKAGES = (
    "fgo-harness",
    "alfworld",
    "textworld",
    "litellm",
    "hydra-core",
    "wandb",
    "datasets",
    "lxml",
    "scikit-learn",
    "tiktoken",
)
_OPTIONAL = ("dspy", "gepa", "optuna", "openpyxl", "pypdf", "rapidocr-onnxruntime")


def identity(settings: Settings) -> dict[str, Json]:
    """What a result depends on besides the configuration: data, texts, and the simulated model's code where it is used.
    The environment must have been prepared."""
    env = settings.env
    return {
        "environment": dict(env.fingerprint()),
        "prompts": digest(prompts_digest(), env.describe(), env.seed_modules().digest),
        "simulation": simulation_digest(env) if settings.simulated else "",
    }


def describe_run(settings: Settings, command: Sequence[str]) -> dict[str, Json]:
    """The fields of a journal's "run" event. The environment must have been prepared."""
    return {
        "config": settings.resolved,
        "fingerprint": settings.fingerprint,
        "point": settings.point.to_json(),
        "simulated": settings.simulated,
        **identity(settings),
        "isolation": isolation().statement,
        "versions": _versions(),
        "command": list(command),
        "git": git_state(),
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
    for name in _OPTIONAL:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def simulation_digest(env: Environment) -> str:
    """A fingerprint of the code that the simulated model's answers depend on: its own, and the benchmark's side of it."""
    benchmark = inspect.getmodule(type(env.simulated()))
    assert benchmark is not None
    assert benchmark.__package__ is not None
    return digest(*_sources("fgo.llm.sim"), *_sources(benchmark.__package__))


def _sources(package: str) -> list[str]:
    texts = {file.name: file for file in files(package).iterdir() if file.name.endswith(".py")}
    return [part for name in sorted(texts) for part in (name, texts[name].read_text(encoding="utf-8"))]


def prompts_digest() -> str:
    """A fingerprint of every prompt text of the harness: other prompts, other results."""
    texts = []
    for package in ("fgo.agents", "fgo.optimizers"):
        folder = files(package) / "prompts"
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            texts += [file.name, file.read_text(encoding="utf-8")]
    return digest(*texts)


def git_state() -> dict[str, Json]:
    """Commit and whether the work tree differs from it; empty outside a checkout or without git."""
    folder = str(files("fgo"))

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True, timeout=20)
        return done.stdout.strip()

    try:
        return {
            "commit": git("rev-parse", "HEAD"),
            "changed": bool(git("status", "--porcelain", "--untracked-files=no")),
        }
    except (OSError, subprocess.SubprocessError):
        return {}
