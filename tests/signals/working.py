"""People with seats, and reports, for the tests of early warning."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.web.access import Role
from consult.signals import service
from consult.signals.model import Basis, ReportChannel, Signal, SignalLevel, SignalReport
from consult.signals.reports import service as reports
from consult.signals.reports.values import NewReport
from consult.signals.triage import seats
from tests import factories

KEY = "key-of-a-form-in-a-test-{}"
_counted = iter(range(10**6))


def new_report(**values: Any) -> NewReport:
    """Blue tablets in Esmeraldas, today."""
    known: dict[str, Any] = {
        "country": "EC", "region": "EC-E", "happened_on": date.fromordinal(now().date().toordinal()),
        "product": "Oxycodone M30", "body": "Two people fell asleep within a minute.", "basis": Basis.SEEN,
    }  # fmt: skip
    return NewReport(**known | values)


def form(**values: Any) -> dict[str, Any]:
    """The form of a report, filled in."""
    today = now().date()
    return {
        "country": "EC", "region": "Esmeraldas", "happened_on": [str(today.day), str(today.month), str(today.year)],
        "product": "Oxycodone M30", "body": "Two people fell asleep.", "basis": "seen", "key": "k" * 24,
        "source_kind": "outreach", "form": "tablet",
    } | values  # fmt: skip


def filed(session: Session, *, organisation_id: int | None = None, key: str = "", **values: Any) -> SignalReport:
    """A report that waits, the first of its network."""
    sent = reports.file(
        session, new_report(**{k: v for k, v in values.items() if k not in ("arrival", "at")}),
        key=key or KEY.format(next(_counted)), channel=ReportChannel.WEB, organisation_id=organisation_id,
        arrival=values.get("arrival", 1), at=values.get("at"),
    )  # fmt: skip
    return sent.report


def hospital(session: Session) -> int:
    """The id of a verified organisation."""
    row = factories.organisation(session)
    row.proven_domain, row.proven_at = "hospital.example.org", now()
    session.flush()
    return row.id


def seated(session: Session, *, on_call: bool = False, role: Role = Role.MODERATOR) -> Account:
    """A moderator who checks signals."""
    account = factories.account(session, role)
    seats.give(session, account_id=account.id, on_call=on_call)
    return account


def opened(session: Session, by: Account, *, level: SignalLevel = SignalLevel.WATCH, **values: Any) -> Signal:
    """A signal of one report."""
    return service.open_signal(
        session, filed(session, **values), by=by, level=level, title="Tablets sold as oxycodone; a nitazene suspected",
        reason="A first report.",
    )  # fmt: skip


TEXTS = {"en": {"sold_as": "Oxycodone M30", "signs": "Very slow breathing", "do": "Never alone. Carry naloxone."}}
