"""Account deletion: unfinished submissions are deleted, and filed ones are detached from the account."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from consult.core.crypto import hash_token
from consult.submissions.coalitions import service as coalitions
from consult.submissions.coalitions.model import CoalitionNote
from consult.submissions.evidence import service as evidence
from consult.submissions.facilitation.model import Facilitation
from consult.submissions.model import Contact, CoSignature, Draft, State, Submission
from consult.submissions.organisations.model import SignOff, SignOffEvent


def detach_account(session: Session, *, account_id: int, tokens: Collection[str] = ()) -> None:
    """Delete the account's drafts with their files, and detach its submissions from it and its address.

    Submissions stay as filed, under the name chosen then, and their private links still work. Drafts that this browser
    began without signing in (`tokens`) are deleted too.
    """
    begun = Draft.account_id.is_(None) & Draft.organisation_id.is_(None)
    _delete_drafts(session, Draft.account_id == account_id)
    _delete_drafts(session, begun & Draft.token.in_([hash_token(token) for token in tokens]))
    going_on = Facilitation.submission_id.is_(None)
    session.execute(delete(Facilitation).where(Facilitation.account_id == account_id, going_on))
    # Nobody waits for a deleted account. Approvals of submissions already sent remain.
    unsent = SignOff.submission_id.is_(None)
    session.execute(delete(SignOff).where(SignOff.account_id == account_id, unsent))
    session.execute(update(SignOff).where(SignOff.asked_by == account_id).values(asked_by=None))
    untied_acts = {"account_id": None, "salt": None, "sealed": None}
    session.execute(update(SignOffEvent).where(SignOffEvent.account_id == account_id).values(**untied_acts))
    session.execute(update(CoalitionNote).where(CoalitionNote.account_id == account_id).values(account_id=None))
    session.execute(update(CoSignature).where(CoSignature.account_id == account_id).values(account_id=None))
    theirs = select(Submission.contact_id).where(
        Submission.account_id == account_id, Submission.contact_id.is_not(None)
    )
    contacts = session.scalars(theirs).all()
    untied = update(Submission).where(Submission.account_id == account_id)
    session.execute(untied.values(account_id=None, contact_id=None))
    session.execute(delete(Contact).where(Contact.id.in_(contacts)))


def clear_organisation(session: Session, *, organisation_id: int) -> bool:
    """Delete the open work of an organisation without members, and return whether it has filed or signed anything."""
    _delete_drafts(session, Draft.organisation_id == organisation_id)
    open_ones = CoSignature.confirmed_at.is_(None)
    session.execute(delete(CoSignature).where(CoSignature.organisation_id == organisation_id, open_ones))
    return coalitions.has_filed_or_signed(session, organisation_id)


def list_withdrawable(session: Session, account_id: int, most: int) -> list[Submission]:
    """Return up to `most` submissions of an account that can still be withdrawn, newest first."""
    query = select(Submission).where(
        Submission.account_id == account_id, Submission.state.not_in((State.WITHDRAWN, State.ERASED))
    )
    return list(session.scalars(query.order_by(Submission.id.desc()).limit(most)))


def _delete_drafts(session: Session, which: ColumnElement[bool]) -> None:
    named = session.scalars(delete(Draft).where(which).returning(Draft.file_ids)).all()
    evidence.discard_files(session, [int(number) for numbers in named for number in numbers])
