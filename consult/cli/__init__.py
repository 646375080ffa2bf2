"""The `consult` command line."""

from __future__ import annotations

from consult.cli.main import main

__all__ = ["main"]
