"""Services for calls: edit, open, close and reopen.

Members of the organisation edit a call. One who may sign for it opens and closes it. It also closes on its last day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.analysis.campaigns import public_queries as campaigns
from consult.calls.model import MAX_PLACES, MAX_PROMPT_LENGTH, MAX_PROMPTS, CommentCall
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import commit_public
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
    """The text of a call in one language: the reason, and prompts for each place by its permanent ID."""

    why: str
    prompts: Mapping[str, Sequence[str]] = field(default_factory=dict)


def create(
    session: Session, *, by: Account, organisation_id: int, consultation: Consultation, slug: str, language: str
) -> CommentCall:
    """Create an empty call that only members can see. Raises a Refusal if the slug is taken."""
    organisations.get_for_member(session, organisation_id, by)
    if now() >= consultation.closes_at:
        raise Refusal(_("This consultation has closed."), field="consultation")
    advisory_lock(session, "calls.slug")
    if session.scalar(select(CommentCall.id).where(CommentCall.slug == slug)) is not None:
        raise Refusal(_("Another call already uses this web address. Choose a different one."), field="address")
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
    """Return a call of an organisation for a member. Raises NotFound."""
    organisations.get_for_member(session, organisation_id, by)
    row = session.scalar(
        select(CommentCall).where(CommentCall.id == number, CommentCall.organisation_id == organisation_id)
    )
    if row is None:
        raise NotFound(_("We cannot find this call for comments."))
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
    at: datetime | None = None,
) -> None:
    """Replace the text in one language and the parts of the draft of all languages.

    Raises a Refusal for invalid input, and Conflict if a colleague has changed the call in the meantime.
    """
    if row.closed_at is not None:
        raise Conflict(_("This call is closed and can no longer be changed."))
    if row.revision != revision:
        raise Conflict(_("A colleague has just changed this call. Copy your text, reload the page and enter it again."))
    consultation = session.get_one(Consultation, row.consultation_id)
    known = {provision.wid for provision in documents.list_provisions(session, consultation.version_id or 0)}
    wanted = list(dict.fromkeys(places))
    if not set(wanted) <= known:
        raise Refusal(_("Choose parts of the current draft."))
    if len(wanted) > MAX_PLACES:
        raise Refusal(_("Choose at most %(most)s parts of the draft.", most=MAX_PLACES))
    if ends_at > consultation.closes_at:
        raise Refusal(_("The call cannot end after the consultation closes."), field="ends")
    before = compute_commitment(row)
    prompts = {wid: _clean_prompts(text.prompts.get(wid, ())) for wid in wanted}
    row.places, row.ends_at = wanted, ends_at
    row.texts = {**row.texts, language: {"why": clean_text(text.why), "prompts": prompts}}
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict(
            _("A colleague has just changed this call. Copy your text, reload the page and enter it again.")
        ) from error
    _record_change(session, row, before, at)


def tie_letter(
    session: Session, row: CommentCall, *, campaign_id: int | None, by: Account, at: datetime | None = None
) -> None:
    """Link a declared letter to a call, or unlink it with None. Raises a Refusal for another person's letter."""
    if campaign_id == row.campaign_id:
        return
    mine = {letter.id for letter in campaigns.list_declared_by(session, row.consultation_id, by.id)}
    if campaign_id is not None and campaign_id not in mine:
        raise Refusal(_("Choose a campaign letter that you declared yourself."), field="letter")
    before = compute_commitment(row)
    row.campaign_id = campaign_id
    _record_change(session, row, before, at)


def _clean_prompts(prompts: Sequence[str]) -> list[str]:
    """Return cleaned prompts. Their length is limited, because longer ones would be texts to copy."""
    lines = [shown for line in prompts if (shown := one_line(line))]
    if len(lines) > MAX_PROMPTS:
        raise Refusal(_("Write at most %(most)s prompts for each part of the draft, one per line.", most=MAX_PROMPTS))
    if any(len(line) > MAX_PROMPT_LENGTH for line in lines):
        most = MAX_PROMPT_LENGTH
        raise Refusal(
            _(
                "Shorten each prompt to %(most)s characters or fewer. A prompt is a question, not a text to copy.",
                most=most,
            )
        )
    return lines


def open_call(session: Session, row: CommentCall, *, by: Account, at: datetime | None = None) -> None:
    """Open a call to the public. Safe to repeat. Raises a Refusal if it is not ready."""
    _check_signatory(session, row, by)
    if row.closed_at is not None:
        raise Conflict(_("This call is closed and can no longer be changed."))
    if row.opened_at is not None:
        return
    text, moment = row.texts.get(row.language, {}), at or now()
    if not text.get("why") or not row.places:
        raise Refusal(_("Before you open the call, say why you are asking for comments and choose parts of the draft."))
    if not all(text["prompts"].get(wid) for wid in row.places):
        raise Refusal(_("Before you open the call, write at least one prompt for each part."))
    if row.ends_at <= moment:
        raise Refusal(_("The last day of this call has passed."))
    row.opened_at = moment
    _record(session, Kind.CALL_OPENED, row, moment)


def close_call(session: Session, row: CommentCall, *, by: Account) -> None:
    """Close a call. Its counts are kept. Safe to repeat. Raises a Refusal."""
    _check_signatory(session, row, by)
    if row.opened_at is None:
        raise Refusal(_("This call is not open yet."))
    if row.closed_at is None:
        row.closed_at = now()
        _record(session, Kind.CALL_CLOSED, row, row.closed_at)


def close_due(session: Session, *, at: datetime) -> int:
    """Close calls whose end has passed and return their number. Safe to repeat."""
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
    """Reopen calls that a wrong clock closed early, with a ledger entry, and return their number.

    Calls closed by a member stay closed.
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
        raise Forbidden(_("Only members with permission to submit can open and close calls."))


def compute_commitment(row: CommentCall) -> bytes:
    """Return the ledger's commitment to a call's public page. It needs no salt because the page is public."""
    moments = {"ends_at": row.ends_at, "opened_at": row.opened_at, "closed_at": row.closed_at}
    shown = {
        "call": row.slug,
        "organisation": row.organisation_id,
        "consultation": row.consultation_id,
        "places": list(row.places),
        "texts": row.texts,
        "language": row.language,
        "letter": row.campaign_id,
        **{name: at.astimezone(UTC).isoformat() if at else None for name, at in moments.items()},
    }
    return commit_public(shown)


def _record_change(session: Session, row: CommentCall, before: bytes, at: datetime | None) -> None:
    """Record a ledger entry if an open call changed. Before a call is opened, only members see it."""
    if row.opened_at is not None and compute_commitment(row) != before:
        _record(session, Kind.CALL_CHANGED, row, at or now())


def _record(session: Session, kind: Kind, row: CommentCall, at: datetime) -> None:
    detail = {"call": row.slug, "organisation": row.organisation_id, "places": list(row.places)}
    ledger.record(
        session,
        kind,
        subject_id=row.id,
        consultation_id=row.consultation_id,
        at=at,
        detail=detail,
        commitment=compute_commitment(row),
    )
