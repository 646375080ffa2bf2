"""Slots on the desk and on "What we heard", for packages above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.slots import Slot


@dataclass(frozen=True)
class DeskDue(Slot):
    """On top of a policymaker's desk: what is due from them."""

    name = "desk.due"
    account: Account
    at: datetime


@dataclass(frozen=True)
class HeardAnswers(Slot):
    """Above the arguments of "What we heard"."""

    name = "heard.answers"
    consultation: Consultation
    argued: bool  # whether arguments are shown
