"""Sentences that claim more than a number, each with the condition under which it is true.

`render/claims.py` lists them. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec

P = ParamSpec("P")


@dataclass(frozen=True)
class ConditionalSentence(Generic[P]):
    """A fixed sentence and the condition under which it is true, both based on the same counts."""

    name: str
    may_say: Callable[P, bool]
    fill: Callable[P, str]

    def __call__(self, *given: P.args, **named: P.kwargs) -> str:
        """Return the sentence in the current language, or an empty string if its condition is false."""
        return self.fill(*given, **named) if self.may_say(*given, **named) else ""
