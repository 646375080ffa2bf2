"""Answers of joint consultations: one body answers, and other bodies can add their own view below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries as arguments
from consult.arguments.model import Argument
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.consultations.joint import service as joint
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import commit_public, commitment, pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.responses import service
from consult.responses.model import AnswerOutcome, Obligation, Response, ResponseBeside

OUTCOMES = tuple(outcome for outcome in AnswerOutcome if outcome is not AnswerOutcome.DEFERRED)
"""Views of other bodies are not owed, so they cannot be deferred."""


@dataclass(frozen=True)
class AnswerBeside:
    """The view of another body on an argument."""

    said: ResponseBeside
    body: PublicBody


def list_beside(session: Session, argument_id: int) -> Sequence[AnswerBeside]:
    """Return the views of other bodies on an argument, by name. One statement."""
    rows = session.execute(
        select(ResponseBeside, PublicBody)
        .join(PublicBody, PublicBody.id == ResponseBeside.body_id)
        .where(ResponseBeside.argument_id == argument_id)
        .order_by(PublicBody.name)
    )
    return [AnswerBeside(said, body) for said, body in rows]


def hand_on(session: Session, *, argument_id: int, by: Account, body_id: int, at: datetime | None = None) -> None:
    """Assign an argument to another body of the consultation. Its leads are notified the next morning.

    Raises a Refusal.
    """
    argument = arguments.get_argument(session, argument_id)
    row = session.get_one(Consultation, argument.consultation_id)
    service.check_is_owner(session, row, by)
    if body_id not in {body.id for body in joint.list_asking(session, row)} or body_id == row.body_id:
        raise Refusal(_("Choose one of the bodies that run this consultation."), field="owner")
    lead = session.scalar(
        select(BodyMember.account_id)
        .where(BodyMember.body_id == body_id, BodyMember.role == BodyRole.LEAD)
        .order_by(BodyMember.since, BodyMember.id)
        .limit(1)
    )
    if lead is None:
        raise Refusal(_("This body has no members yet."), field="owner")
    if session.scalar(select(Response.id).where(Response.argument_id == argument.id)) is not None:
        error = _("This argument has an answer. Another body can add its own answer below.")
        raise Refusal(error, field="owner")
    values = {"owner_id": lead, "given_by": by.id, "given_at": at or now(), "told_at": None, "body_id": body_id}
    adding = insert(Obligation).values(argument_id=argument.id, **values)
    session.execute(adding.on_conflict_do_update(index_elements=["argument_id"], set_=values))
    session.get(Obligation, argument.id, populate_existing=True)
    _record(session, Kind.ANSWER_HANDED_ON, row, argument, by, at or now(), {"body": body_id})


def list_speaking(session: Session, row: Consultation, argument: Argument, by: Account) -> Sequence[PublicBody]:
    """Return the bodies that the account leads and that may add a view: those that do not answer the argument."""
    holder = service.find_body(session, row, argument)
    led = set(
        session.scalars(
            select(BodyMember.body_id).where(BodyMember.account_id == by.id, BodyMember.role == BodyRole.LEAD)
        )
    )
    if not led or row.body_id is None:
        return ()
    return [body for body in joint.list_asking(session, row) if body.id in led and body.id != holder]


def answer_beside(
    session: Session,
    *,
    argument_id: int,
    by: Account,
    body_id: int,
    outcome: AnswerOutcome,
    reasons: str,
    at: datetime | None = None,
) -> ResponseBeside:
    """Add the view of another body below the answer. Raises NotFound, Forbidden, Refusal."""
    argument = arguments.get_argument(session, argument_id)
    row, moment = session.get_one(Consultation, argument.consultation_id), at or now()
    if body_id not in {body.id for body in list_speaking(session, row, argument, by)}:
        raise Forbidden(_("Only a lead of another consulting body can add an answer below this one."))
    said = clean_text(reasons)
    if not said:
        raise Refusal(_("Enter the reasons. An answer cannot be published without them."), field="reasons")
    if len(said) > service.MAX_REASONS_LENGTH:
        raise Refusal(_("The reasons are too long. Shorten them."), field="reasons")
    if outcome not in OUTCOMES:
        raise Refusal(_("You cannot defer an answer that you add below another one."), field="outcome")
    advisory_lock(session, "response.beside", argument.id)
    values = {"outcome": outcome, "reasons": said, "account_id": by.id, "said_at": moment}
    adding = insert(ResponseBeside).values(argument_id=argument.id, body_id=body_id, **values)
    session.execute(adding.on_conflict_do_update(index_elements=["argument_id", "body_id"], set_=values))
    session.flush()
    stored = session.get_one(ResponseBeside, (argument.id, body_id), populate_existing=True)
    detail = {"body": body_id, "outcome": str(outcome)}
    _record(session, Kind.ANSWER_BESIDE, row, argument, by, moment, detail, compute_commitment(stored))
    return stored


def compute_commitment(row: ResponseBeside) -> bytes:
    """Return the ledger's commitment to a view. The text is public and permanent, so it needs no salt."""
    return commit_public({"outcome": str(row.outcome), "reasons": row.reasons})


def compute_first_commitment(row: ResponseBeside) -> bytes:
    """Return the older form of the commitment, which covers the reasons only."""
    return commitment(b"", row.reasons.encode())


def _record(
    session: Session,
    kind: Kind,
    row: Consultation,
    argument: Argument,
    by: Account,
    at: datetime,
    detail: dict[str, object],
    sealed: bytes | None = None,
) -> None:
    ledger.record(
        session,
        kind,
        subject_id=argument.id,
        consultation_id=row.id,
        actor=pseudonym("account", by.id),
        commitment=sealed,
        at=at,
        detail=detail,
    )
