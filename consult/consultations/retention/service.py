"""The retention period of one consultation, and its scheduled deletions."""

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
    """Return how many days after the end addresses are kept."""
    return row.contacts_days or retention.find_days(session, RULE)


def set_days(session: Session, *, number: int, by: Account, days: int) -> Consultation:
    """Set a consultation's retention period.

    After publication it can only be shortened, because participants have read the longer one. Raises Refusal and
    Forbidden.
    """
    row = service.lock_owned(session, number, by, Deed.DECIDE)
    retention.check_days(RULE, days)
    before = get_days(session, row)
    if row.phase is not Phase.DRAFT and days > before:
        raise Refusal(
            _(
                "You can only shorten this period. When the consultation was published, the period was %(days)s days.",
                days=before,
            ),
            field=RULE,
        )
    if days != before:
        row.contacts_days = days
        if row.phase is not Phase.DRAFT:
            detail = {"changed": ["contacts_days"]}
            service.record_entry(session, Kind.CONSULTATION_CHANGED, row, by=by, at=now(), detail=detail)
    session.flush()
    return row


def list_due(session: Session, row: Consultation) -> Sequence[DueDeletion]:
    """Return the consultation's scheduled deletions."""
    return [due for due in retention.list_due(session) if due.consultation_id == row.id]
