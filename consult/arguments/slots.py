"""Slots on the argument pages, which upper packages fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.slots import Slot


@dataclass(frozen=True)
class ArgumentOutcomes(Slot):
    """Shown at each argument of a list, by ID, after its number of submissions."""

    name = "argument.outcome"
    argument_ids: Sequence[int]


@dataclass(frozen=True)
class ArgumentAnswers(Slot):
    """Shown on the page of one argument, above its statements."""

    name = "argument.answers"
    consultation: Consultation
    argument: Argument
