"""Deadlines of the alert levels, as data. `proposal` says which level is reached."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("levels.toml")


@dataclass(frozen=True)
class LevelRule:
    """A level and the hours within which to assess and to warn. None means no such duty."""

    name: str
    assess_within_hours: int
    warn_within_hours: int | None = None


@lru_cache(maxsize=1)
def load_levels() -> tuple[LevelRule, ...]:
    """Return the levels in `levels.toml`, lowest first. Raises TypeError for an unknown key."""
    return tuple(LevelRule(**row) for row in tomllib.loads(_FILE.read_text("utf-8"))["level"])
