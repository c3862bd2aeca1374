"""Mistakes of the user's, told apart from bugs: they end in a message without a traceback."""

from __future__ import annotations


class UsageError(Exception):
    """A configuration, a folder or data that can't be used. The message says what, where, and what to do next."""
