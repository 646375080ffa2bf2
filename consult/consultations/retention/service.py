"""A period of its own for one consultation, and what of it goes on which day."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import service
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.ledger.model import Kind
from consult.operator import retention
from consult.operator.retention import DueDeletion

RULE = "contacts"


def get_days(session: Session, row: Consultation) -> int:
    """For how many days addresses are kept here after its end."""
    return row.contacts_days or retention.find_days(session, RULE)


def set_days(session: Session, *, number: int, by: Account, days: int) -> Consultation:
    """Gives a consultation a period of its own. Once it is published, only a shorter one: people were told.

    Raises Refusal, Forbidden.
    """
    row = service.lock_owned(session, number, by, Deed.DECIDE)
    retention.check_days(RULE, days)
    before = get_days(session, row)
    if row.phase is not Phase.DRAFT and days > before:
        raise Refusal(
            _("It is published: people were told %(days)s days, so it can only be shorter.", days=before), field=RULE
        )
    if days != before:
        row.contacts_days = days
        if row.phase is not Phase.DRAFT:
            detail = {"changed": ["contacts_days"]}
            service.record_entry(session, Kind.CONSULTATION_CHANGED, row, by=by, at=now(), detail=detail)
    session.flush()
    return row


def list_due(session: Session, row: Consultation) -> Sequence[DueDeletion]:
    """What of it goes on which day."""
    return [due for due in retention.list_due(session) if due.consultation_id == row.id]
