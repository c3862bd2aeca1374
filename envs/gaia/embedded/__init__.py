"""The embedded set: questions in GAIA's manner over files and a web of this project's own; nothing of GAIA is in it."""

from envs.gaia.embedded.write import write_set

__all__ = ["write_set"]
