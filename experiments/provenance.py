"""What a run's header says of it: configuration, command, versions, git state, data, prompts."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files

from experiments.settings import Settings
from fgo.types import Json, digest

_PACKAGES = (
    "fgo-harness",
    "alfworld",
    "textworld",
    "litellm",
    "hydra-core",
    "wandb",
    "datasets",
    "scikit-learn",
    "tiktoken",
)


def describe_run(settings: Settings, command: Sequence[str]) -> dict[str, Json]:
    """The fields of a journal's "run" event. The environment must have been prepared."""
    return {
        "config": settings.resolved,
        "fingerprint": settings.fingerprint,
        "point": settings.point.to_json(),
        "simulated": settings.simulated,
        "environment": dict(settings.env.fingerprint()),
        "prompts": prompts_digest(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "command": list(command),
        "git": git_state(),
    }


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
