"""Facilitated submissions: a facilitator records the group and its consent, writes and sends.

Each counts as one submission and is marked as facilitated. The size of the group is public.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.datetimes import to_wall_clock
from consult.consultations.model import Consultation
from consult.consultations.participation import facilitators
from consult.core.clock import now
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.submissions.facilitation.model import Consent, Facilitation, WrittenGroup
from consult.submissions.model import Submission

MOST = 1000


def begin(
    session: Session,
    *,
    consultation: Consultation,
    by: Account,
    present: int,
    consent: Consent,
    held_on: date,
    group: str = "",
    at: datetime | None = None,
) -> Facilitation:
    """Record a group's meeting and replace an open one. The account's next submission is for this group.

    Raises Forbidden and Refusal.
    """
    if not facilitators.may_facilitate(session, consultation=consultation, account_id=by.id):
        raise Forbidden(_("The consultation owner has not asked you to submit for groups."))
    moment = at or now()
    if not 1 <= present <= MOST:
        raise Refusal(_("Enter the number of people present, from 1 to %(most)s.", most=MOST), field="present")
    if held_on > to_wall_clock(moment, consultation.timezone).date():
        raise Refusal(_("The date of the meeting cannot be in the future."), field="held_on")
    if group and group not in {it["name"] for it in consultation.groups}:
        raise Refusal(_("Choose a group from the list."), field="group")
    row = get_open_meeting(session, consultation.id, by.id)
    if row is None:
        row = Facilitation(consultation_id=consultation.id, account_id=by.id, created_at=moment)
        session.add(row)
    row.present, row.consent, row.held_on, row.group = present, consent, held_on, group
    session.flush()
    return row


def get_open_meeting(session: Session, consultation_id: int, account_id: int) -> Facilitation | None:
    """Return the open meeting of an account, or None."""
    return session.scalar(
        select(Facilitation).where(
            Facilitation.consultation_id == consultation_id,
            Facilitation.account_id == account_id,
            Facilitation.submission_id.is_(None),
        )
    )


def stop(session: Session, *, consultation: Consultation, by: Account) -> None:
    """End the open meeting. The draft remains as the account's own."""
    session.execute(
        delete(Facilitation).where(
            Facilitation.consultation_id == consultation.id,
            Facilitation.account_id == by.id,
            Facilitation.submission_id.is_(None),
        )
    )


def attach_meeting(session: Session, submission: Submission) -> Submission:
    """Link a submission to its account's open meeting, if any, and return it."""
    if submission.account_id is None or submission.present is not None:
        return submission
    row = get_open_meeting(session, submission.consultation_id, submission.account_id)
    if row is not None:
        row.submission_id, submission.present = submission.id, row.present
        session.flush()
    return submission


def say_group(session: Session, submission: Submission, group: str) -> None:
    """Set the group that a written submission speaks for, or none with "".

    Facilitated submissions are counted by their meeting and cannot have one. Raises a Refusal.
    """
    known = {it["name"] for it in session.get_one(Consultation, submission.consultation_id).groups}
    if submission.present is not None or (group and group not in known):
        raise Refusal(_("Choose a group from the list."), field="group")
    session.execute(delete(WrittenGroup).where(WrittenGroup.submission_id == submission.id))
    if group:
        session.add(WrittenGroup(submission_id=submission.id, group=group))
    session.flush()


def get_group(session: Session, submission_id: int) -> str:
    """Return the group named by the author, or ""."""
    row = session.get(WrittenGroup, submission_id)
    return row.group if row else ""
