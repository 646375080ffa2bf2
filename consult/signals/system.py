"""Early warning as a system that the operator can switch off."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.core.i18n import N_, ngettext
from consult.core.web.systems import Duty, System
from consult.signals.model import ReportStanding, Signal, SignalLink, SignalState


def _list_duties(session: Session) -> Sequence[Duty]:
    """Return the duties that remain if early warning is switched off: open signals and waiting reports."""
    signals = session.scalar(select(func.count()).where(Signal.state == SignalState.OPEN)) or 0
    waiting = session.scalar(select(func.count()).where(SignalLink.standing == ReportStanding.WAITING)) or 0
    words = (
        (signals, ngettext("%(num)s open signal", "%(num)s open signals", signals)),
        (waiting, ngettext("%(num)s report waiting", "%(num)s reports waiting", waiting)),
    )
    return [Duty(each, "signal_triage.queue") for count, each in words if count]


SYSTEM = System(
    "signals",
    N_("Early warning"),
    N_("Drug reports, warnings and the people on call."),
    N_("This site does not use early warning."),
    _list_duties,
)
