"""Slots on the argument pages, for packages above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.slots import Slot


@dataclass(frozen=True)
class ArgumentOutcomes(Slot):
    """At each argument of a list, by its id, after how many voices it has."""

    name = "argument.outcome"
    argument_ids: Sequence[int]


@dataclass(frozen=True)
class ArgumentAnswers(Slot):
    """On the page of one argument, above its statements."""

    name = "argument.answers"
    consultation: Consultation
    argument: Argument
