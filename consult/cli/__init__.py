"""The command line. Each command calls services only."""

from __future__ import annotations

from consult.cli.main import main

__all__ = ["main"]
