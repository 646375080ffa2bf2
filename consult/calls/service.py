"""Calls: written by members of an organisation, opened by one who may sign for it, closed by hand or by the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.analysis.campaigns import public_queries as campaigns
from consult.calls.model import MAX_PLACES, MAX_PROMPT_LENGTH, MAX_PROMPTS, CommentCall
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.documents import queries as documents
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.submissions.organisations import service as submissions_organisations


@dataclass(frozen=True)
class CallText:
    """What a call says in one language: why, and what people could say on each place, by its permanent id."""

    why: str
    prompts: Mapping[str, Sequence[str]] = field(default_factory=dict)


def create(
    session: Session, *, by: Account, organisation_id: int, consultation: Consultation, slug: str, language: str
) -> CommentCall:
    """An empty call, seen by members only. Raises a Refusal where its address is taken."""
    organisations.get_for_member(session, organisation_id, by)
    if now() >= consultation.closes_at:
        raise Refusal(_("This consultation has closed."), field="consultation")
    advisory_lock(session, "calls.slug")
    if session.scalar(select(CommentCall.id).where(CommentCall.slug == slug)) is not None:
        raise Refusal(_("Another call has this address. Choose one that no other has."), field="address")
    row = CommentCall(
        slug=slug,
        organisation_id=organisation_id,
        consultation_id=consultation.id,
        places=[],
        texts={},
        language=language,
        ends_at=consultation.closes_at,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def get_for_member(session: Session, *, organisation_id: int, number: int, by: Account) -> CommentCall:
    """A call of an organisation, for its members. Raises NotFound."""
    organisations.get_for_member(session, organisation_id, by)
    row = session.scalar(
        select(CommentCall).where(CommentCall.id == number, CommentCall.organisation_id == organisation_id)
    )
    if row is None:
        raise NotFound(_("There is no such call."))
    return row


def edit(
    session: Session,
    row: CommentCall,
    *,
    revision: int,
    places: Sequence[str],
    text: CallText,
    language: str,
    ends_at: datetime,
) -> None:
    """Puts the text in one language in place of what it was; the places are those of all languages.

    Raises a Refusal for what cannot be asked, and Conflict where a colleague has changed the call meanwhile.
    """
    if row.closed_at is not None:
        raise Conflict(_("This call is closed. Nothing of it can be changed."))
    if row.revision != revision:
        raise Conflict(_("A colleague has changed this call meanwhile. Reload the page, then put in what you typed."))
    consultation = session.get_one(Consultation, row.consultation_id)
    known = {one.wid for one in documents.list_provisions(session, consultation.version_id or 0)}
    wanted = list(dict.fromkeys(places))
    if not set(wanted) <= known:
        raise Refusal(_("Choose places of the present draft."))
    if len(wanted) > MAX_PLACES:
        raise Refusal(_("Ask about %(most)s places at most.", most=MAX_PLACES))
    if ends_at > consultation.closes_at:
        raise Refusal(_("The call cannot end after the consultation closes."), field="ends")
    prompts = {wid: _clean_prompts(text.prompts.get(wid, ())) for wid in wanted}
    row.places, row.ends_at = wanted, ends_at
    row.texts = {**row.texts, language: {"why": clean_text(text.why), "prompts": prompts}}
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(
            _("A colleague has changed this call meanwhile. Reload the page, then put in what you typed.")
        ) from error


def tie_letter(session: Session, row: CommentCall, *, campaign_id: int | None, by: Account) -> None:
    """Says which declared letter goes with a call; None: no letter does. Raises a Refusal for a letter of others."""
    if campaign_id == row.campaign_id:
        return
    mine = {letter.id for letter in campaigns.list_declared_by(session, row.consultation_id, by.id)}
    if campaign_id is not None and campaign_id not in mine:
        raise Refusal(_("Choose a letter that you declared yourself."), field="letter")
    row.campaign_id = campaign_id


def _clean_prompts(prompts: Sequence[str]) -> list[str]:
    """Short questions. What is longer than a question would be a text to copy."""
    said = [shown for line in prompts if (shown := one_line(line))]
    if len(said) > MAX_PROMPTS:
        raise Refusal(_("Write %(most)s prompts a place at most, each on a line of its own.", most=MAX_PROMPTS))
    if any(len(line) > MAX_PROMPT_LENGTH for line in said):
        most = MAX_PROMPT_LENGTH
        raise Refusal(_("A prompt has at most %(most)s characters: it asks, and is not a text to copy.", most=most))
    return said


def open_call(session: Session, row: CommentCall, *, by: Account, at: datetime | None = None) -> None:
    """From now on anybody with the address is asked. Safe to repeat. Raises a Refusal for what is not ready."""
    _check_signatory(session, row, by)
    if row.closed_at is not None:
        raise Conflict(_("This call is closed. Nothing of it can be changed."))
    if row.opened_at is not None:
        return
    text, moment = row.texts.get(row.language, {}), at or now()
    if not text.get("why") or not row.places:
        raise Refusal(_("Say why you ask, and about which places, before you open the call."))
    if not all(text["prompts"].get(wid) for wid in row.places):
        raise Refusal(_("Write at least one prompt for each place before you open the call."))
    if row.ends_at <= moment:
        raise Refusal(_("The last day of this call has passed."))
    row.opened_at = moment
    _record(session, Kind.CALL_OPENED, row, moment)


def close_call(session: Session, row: CommentCall, *, by: Account) -> None:
    """Nobody is asked any more; the numbers stay. Safe to repeat."""
    _check_signatory(session, row, by)
    if row.opened_at is None:
        raise Refusal(_("This call was not opened yet."))
    if row.closed_at is None:
        row.closed_at = now()
        _record(session, Kind.CALL_CLOSED, row, row.closed_at)


def close_due(session: Session, *, at: datetime) -> int:
    """Closes the calls whose last moment has passed; gives how many. May be run any number of times."""
    rows = session.scalars(
        select(CommentCall)
        .where(CommentCall.opened_at.is_not(None), CommentCall.closed_at.is_(None), CommentCall.ends_at <= at)
        .order_by(CommentCall.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.closed_at, row.closed_by_clock = at, True
        _record(session, Kind.CALL_CLOSED, row, at)
    return len(rows)


def reopen_early(session: Session, *, at: datetime) -> int:
    """Opens the calls again that a wrong clock closed before their last moment, with an entry; gives how many.

    What a member closed by hand stays closed, also where the clock was wrong then.
    """
    early = CommentCall.closed_by_clock & (CommentCall.closed_at > at) & (CommentCall.ends_at > at)
    rows = session.scalars(select(CommentCall).where(early).order_by(CommentCall.id).with_for_update()).all()
    for row in rows:
        row.closed_at, row.closed_by_clock = None, False
        _record(session, Kind.CALL_OPENED, row, at)
    session.flush()
    return len(rows)


def _check_signatory(session: Session, row: CommentCall, by: Account) -> None:
    if not submissions_organisations.may_sign(session, by.id, row.organisation_id):
        raise Forbidden(_("Only members who can send in the name of the organisation open and close its calls."))


def _record(session: Session, kind: Kind, row: CommentCall, at: datetime) -> None:
    detail = {"call": row.slug, "organisation": row.organisation_id, "places": list(row.places)}
    ledger.record(session, kind, subject_id=row.id, consultation_id=row.consultation_id, at=at, detail=detail)
