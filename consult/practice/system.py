"""Practice mode as a system that the operator can switch off."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.core.web.systems import System

SYSTEM = System(
    "practice",
    N_("Practice mode"),
    N_("Copies of consultations to practise on, and exercises for moderators."),
    N_("This site does not use practice mode."),
    lambda _session: [],
)
