"""Contact addresses of authors without an account, or for other e-mail addresses: encrypted, in a separate table."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, cast, delete, func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.crypto import blind_index, seal
from consult.core.i18n import N_
from consult.operator import retention
from consult.operator.retention import DueDeletion, RetentionRule
from consult.submissions.model import Contact, Submission
from consult.submissions.values import Submitter

RULE = "contacts"


def keep_contact(session: Session, who: Submitter) -> Contact | None:
    """Store the e-mail address, unless it is that of the author's account, which is used anyway."""
    if not who.email:
        return None
    salt, index = secrets.token_bytes(32), blind_index(who.email)
    account = session.get(Account, who.account_id) if who.account_id else None
    if account is not None and account.email_index == index:
        return None
    contact = Contact(salt=salt, email_sealed=seal(who.email, salt=salt), email_index=index)
    session.add(contact)
    session.flush()
    return contact


def list_due(session: Session, days: int) -> Sequence[DueDeletion]:
    """Return when the addresses of each consultation are deleted, for a retention in days."""
    counted = _select_kept(days).order_by("day", Consultation.id)
    return [DueDeletion(RULE, *row) for row in session.execute(counted)]


def delete_expired(session: Session, *, today: date) -> int:
    """Delete addresses of consultations whose retention has ended, and return their number. Submissions remain."""
    gone = 0
    for consultation_id, _title, _language, day, _count in session.execute(
        _select_kept(retention.find_days(session, RULE))
    ).all():
        if day > today:
            continue
        where = Submission.consultation_id == consultation_id, Submission.contact_id.is_not(None)
        ids = session.scalars(select(Submission.contact_id).where(*where).with_for_update()).all()
        session.execute(update(Submission).where(*where).values(contact_id=None))
        session.execute(delete(Contact).where(Contact.id.in_(ids)))
        retention.record_ended(session, RULE, consultation_id, len(ids))
        gone += len(ids)
    return gone


def _select_kept(days: int) -> Select[Any]:
    """Select consultations with addresses: id, title, language, day of deletion and number of addresses."""
    last = func.greatest(
        cast(func.timezone("UTC", func.greatest(Consultation.closes_at, Consultation.late_until)), Date),
        Consultation.answer_by,
    )
    day = (last + func.coalesce(Consultation.contacts_days, days)).label("day")
    return (
        select(Consultation.id, Consultation.title, Consultation.language, day, func.count())
        .join(Submission, Submission.consultation_id == Consultation.id)
        .where(Submission.contact_id.is_not(None))
        .group_by(Consultation.id)
    )


retention.RULES[RULE] = RetentionRule(
    RULE,
    N_("E-mail addresses given with a submission"),
    N_("Counted from the closing date, or from the date answers are due."),
    default=730,
    least=30,
    most=3650,
    list_due=list_due,
)
