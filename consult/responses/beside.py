"""Answers of joint consultations: one body holds each, and another that asks may say its own below it."""

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
"""Nothing is owed below an answer, so nothing can be put off there."""


@dataclass(frozen=True)
class AnswerBeside:
    """What another body says, and which."""

    said: ResponseBeside
    body: PublicBody


def list_beside(session: Session, argument_id: int) -> Sequence[AnswerBeside]:
    """What other bodies say to an argument, by name. One statement."""
    rows = session.execute(
        select(ResponseBeside, PublicBody)
        .join(PublicBody, PublicBody.id == ResponseBeside.body_id)
        .where(ResponseBeside.argument_id == argument_id)
        .order_by(PublicBody.name)
    )
    return [AnswerBeside(said, body) for said, body in rows]


def hand_on(session: Session, *, argument_id: int, by: Account, body_id: int, at: datetime | None = None) -> None:
    """Another body that asks is to answer an argument: a lead of it is asked, and told by letter the next morning."""
    argument = arguments.get_argument(session, argument_id)
    row = session.get_one(Consultation, argument.consultation_id)
    service.check_is_owner(session, row, by)
    if body_id not in {body.id for body in joint.list_asking(session, row)} or body_id == row.body_id:
        raise Refusal(_("Choose a body that asks in this consultation."), field="owner")
    lead = session.scalar(
        select(BodyMember.account_id)
        .where(BodyMember.body_id == body_id, BodyMember.role == BodyRole.LEAD)
        .order_by(BodyMember.since, BodyMember.id)
        .limit(1)
    )
    if lead is None:
        raise Refusal(_("Nobody works for this body yet."), field="owner")
    if session.scalar(select(Response.id).where(Response.argument_id == argument.id)) is not None:
        said = _("This argument has its answer. Another body can say its own below it.")
        raise Refusal(said, field="owner")
    values = {"owner_id": lead, "given_by": by.id, "given_at": at or now(), "told_at": None, "body_id": body_id}
    adding = insert(Obligation).values(argument_id=argument.id, **values)
    session.execute(adding.on_conflict_do_update(index_elements=["argument_id"], set_=values))
    session.get(Obligation, argument.id, populate_existing=True)
    _record(session, Kind.ANSWER_HANDED_ON, row, argument, by, at or now(), {"body": body_id})


def list_speaking(session: Session, row: Consultation, argument: Argument, by: Account) -> Sequence[PublicBody]:
    """The bodies that somebody leads, that ask, and that do not answer the argument: each may say something below."""
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
    """Says what another body thinks, below the answer. Raises NotFound, Forbidden, Refusal."""
    argument = arguments.get_argument(session, argument_id)
    row, moment = session.get_one(Consultation, argument.consultation_id), at or now()
    if body_id not in {body.id for body in list_speaking(session, row, argument, by)}:
        raise Forbidden(_("Only a lead of another body that asks can say something below the answer."))
    said = clean_text(reasons)
    if not said:
        raise Refusal(_("Give the reasons: an answer cannot be published without them."), field="reasons")
    if len(said) > service.MAX_REASONS_LENGTH:
        raise Refusal(_("The reasons are too long."), field="reasons")
    if outcome not in OUTCOMES:
        raise Refusal(_("Below an answer nothing can be deferred."), field="outcome")
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
    """The ledger's commitment to what another body says. The words are public and stay, so it needs no salt."""
    return commit_public({"outcome": str(row.outcome), "reasons": row.reasons})


def compute_first_commitment(row: ResponseBeside) -> bytes:
    """As it was committed to at first: by its reasons only."""
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
