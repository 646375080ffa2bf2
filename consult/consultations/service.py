"""Services for consultations: create, publish, extend, announce opening and closing.

For access rights see rights.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.consultations import agreement, names, rights, slugs
from consult.consultations.datetimes import NoSuchTime, to_instant, to_wall_clock
from consult.consultations.followers import service as followers
from consult.consultations.model import COPIED, Consultation, Phase
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.documents import queries as documents_queries
from consult.documents import service as documents
from consult.documents.outline.reader import Outline
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.operator import start


class ChangedMeanwhile(Conflict):
    """Another person changed the consultation since the form was opened."""


class AlreadyPublished(Conflict):
    """The action is only possible before a consultation is published."""


@dataclass(frozen=True)
class ConsultationTerms:
    """The editable data of a consultation. Times are aware; `timezone` is the IANA zone in which they are shown."""

    title: str
    body: str
    summary: str
    purpose: str
    language: str
    opens_at: datetime
    closes_at: datetime
    timezone: str
    answer_by: date | None = None
    tags: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    grace_minutes: int = 0
    late_until: datetime | None = None


_FIXED = ("language", "opens_at", "closes_at", "timezone", "answer_by", "grace_minutes", "late_until")


def create(
    session: Session,
    *,
    owner: Account,
    terms: ConsultationTerms,
    slug: str | None = None,
    code: str | None = None,
    at: datetime | None = None,
) -> Consultation:
    """Create a consultation with an empty draft, visible to its owner, its body and administrators.

    It belongs to the body with the given name if the owner works there. `slug` and `code` are made from the title if
    missing. Raises Refusal for a code that is already used.
    """
    _check_terms(terms)
    moment = at or now()
    if slug:
        names.check_free_slug(session, slug)
    code = names.free_code(session, code or "", terms)
    version = documents.create(session, title=terms.title, language=terms.language, at=moment)
    row = Consultation(
        **vars(terms),
        slug=names.free_slug(session, slug or slugs.make_slug(terms.title) or f"consultation-{code.lower()}"),
        code=code,
        owner_id=owner.id,
        body_id=_find_body(session, terms.body, owner),
        document_id=version.document_id,
        phase=Phase.DRAFT,
        created_at=moment,
    )
    session.add(row)
    session.flush()
    return row


def edit(
    session: Session,
    *,
    number: int,
    by: Account,
    revision: int,
    terms: ConsultationTerms,
    code: str | None = None,
    slug: str | None = None,
) -> Consultation:
    """Change the data of a consultation. `revision` is the one that was read.

    Before publication, slug and code follow the title unless typed. Afterwards language and dates are fixed (see
    `extend`), and other changes are recorded in the ledger. Raises ChangedMeanwhile.
    """
    row = lock_owned(session, number, by)
    if row.revision != revision:
        raise ChangedMeanwhile(_("Someone else has just changed this. Reload the page, then make your change again."))
    terms_before = get_terms(row)
    changed = [name for name, value in vars(terms).items() if getattr(row, name) != value]
    if row.phase is not Phase.DRAFT:
        _check_fixed(row, changed)
    _check_terms(terms)
    for name in changed:
        setattr(row, name, getattr(terms, name))
    if row.phase is Phase.DRAFT:
        if "body" in changed:
            row.body_id = _find_body(session, terms.body, by)
        documents.rename(session, document_id=row.document_id, title=row.title, language=row.language)
        names.update_names(session, row, terms_before, code=code, slug=slug)
        settle_copy(row, "about")
    elif changed:
        record_entry(session, Kind.CONSULTATION_CHANGED, row, by=by, at=now(), detail={"changed": sorted(changed)})
    session.flush()
    return row


def _check_fixed(row: Consultation, changed: Collection[str]) -> None:
    """Refuse changes that are not possible once a consultation is published."""
    if set(changed) & set(_FIXED):
        raise AlreadyPublished(
            _("You cannot change the language or dates after publication. You can extend the consultation.")
        )
    if "body" in changed and row.body_id is not None:
        raise AlreadyPublished(
            _("You cannot change the consulting body after publication, because it has committed to answer comments.")
        )


def write_draft(session: Session, *, number: int, by: Account, text: str, split: Outline | None = None) -> Outline:
    """Set the text of the draft. Raises DraftRefused with problems by line, and VersionFrozen after publication."""
    row = lock_owned(session, number, by)
    version = documents_queries.get_latest(session, row.document_id)
    if version is None:
        raise NotFound(_("We cannot find this version of the draft."))
    if row.phase is not Phase.DRAFT:
        raise AlreadyPublished(_("The draft is published. Prepare its next version instead."))
    settle_copy(row, "draft")
    return documents.replace_text(session, version_id=version.id, text=text, split=split)


def publish(session: Session, *, number: int, by: Account, at: datetime | None = None) -> Consultation:
    """Publish a consultation and its draft permanently. It opens at its opening time, or now if that has passed.

    `at` is set to publish as of another time, for example in the sample. Raises AlreadyPublished, NotFound and Refusal.
    """
    row, moment = lock_owned(session, number, by, Deed.DECIDE), at or now()
    if row.phase is not Phase.DRAFT:
        raise AlreadyPublished(_("This consultation is already published."))
    if row.is_practice:
        raise Refusal(_("This consultation is in practice mode and cannot be published."))
    if row.closes_at <= moment:
        raise Refusal(_("The closing time has passed. Choose a later one first."), field="closes_at")
    start.check_given(session)
    agreement.check_agreed(session, row)
    version = documents_queries.get_latest(session, row.document_id)
    if version is None:
        raise NotFound(_("We cannot find this version of the draft."))
    actor = pseudonym("account", by.id)
    documents.publish(session, version_id=version.id, consultation_id=row.id, actor=actor, at=moment)
    row.version_id, row.phase, row.opens_at = version.id, Phase.UPCOMING, max(row.opens_at, moment)
    record_entry(session, Kind.CONSULTATION_PUBLISHED, row, by=by, at=moment)
    announce(session, at=moment)
    return row


@dataclass(frozen=True)
class Extension:
    """A later closing time, with all related dates."""

    closes_at: datetime
    answer_by: date | None
    grace_minutes: int
    late_until: datetime | None
    reason: str

    @property
    def detail(self) -> dict[str, Any]:
        """Return the details for the ledger and the page. Late periods are included only if they exist."""
        kept: dict[str, Any] = {"closes_at": self.closes_at.isoformat(), "reason": self.reason}
        if self.grace_minutes:
            kept["grace_minutes"] = self.grace_minutes
        if self.late_until:
            kept["late_until"] = self.late_until.isoformat()
        return kept


def plan_extension(
    row: Consultation,
    *,
    closes_at: datetime,
    answer_by: date | None,
    reason: str,
    grace_minutes: int | None = None,
    late_until: datetime | None = None,
    at: datetime | None = None,
) -> Extension:
    """Return the extension if it is possible. Due dates, grace and late periods cannot be shortened.

    Without a value the grace period is unchanged, and the late period moves with the closing time. Raises a Refusal.
    """
    check_extensible(row, at or now())
    if closes_at <= row.closes_at:
        raise Refusal(_("Choose a time later than the current closing time."), field="closes_at")
    if answer_by is None and row.answer_by is not None:
        raise Refusal(_("A due date for answers cannot be removed. Enter a date."), field="answer_by")
    if not (said := one_line(reason)):
        raise Refusal(_("Give the reason for the extension."), field="reason")
    grace = row.grace_minutes if grace_minutes is None else grace_minutes
    if grace < row.grace_minutes:
        raise Refusal(
            _("You cannot shorten the grace period. Choose the same period or a longer one."), field="grace_minutes"
        )
    late = late_until or _shift_late_time(row, closes_at)
    if row.late_until and late and late < row.late_until:
        raise Refusal(
            _("You cannot shorten the time for late submissions. Choose the published time or a later one."),
            field="late_until",
        )
    moved = replace(get_terms(row), closes_at=closes_at, answer_by=answer_by, grace_minutes=grace, late_until=late)
    _check_terms(moved)
    return Extension(closes_at, answer_by, grace, late, said)


def _apply_extension(row: Consultation, made: Extension, at: datetime) -> dict[str, Any]:
    """Update the dates of the row and return the details for the ledger."""
    detail = {"was": row.closes_at.isoformat(), **made.detail}
    row.closes_at, row.answer_by = made.closes_at, made.answer_by
    row.grace_minutes, row.late_until = made.grace_minutes, made.late_until
    row.extensions = [*row.extensions, {**detail, "at": at.isoformat()}]
    return detail


def _shift_late_time(row: Consultation, closes_at: datetime) -> datetime | None:
    """Return the end of the late period, moved by as much local time as the closing time."""
    if row.late_until is None:
        return None
    was, late, moved = (to_wall_clock(one, row.timezone) for one in (row.closes_at, row.late_until, closes_at))
    try:
        return max(to_instant(moved + (late - was), row.timezone), row.late_until)
    except NoSuchTime:
        return closes_at + (row.late_until - row.closes_at)


def check_extensible(row: Consultation, at: datetime) -> None:
    """Raise Conflict with advice if a consultation cannot be extended."""
    if row.phase is Phase.DRAFT:
        raise Conflict(_("This consultation is not published yet. Change its dates instead."))
    if row.closes_at <= at:
        raise Conflict(_("This consultation has closed and cannot be reopened. Set up a new one like it."))


def extend(
    session: Session,
    *,
    number: int,
    by: Account,
    closes_at: datetime,
    answer_by: date | None,
    reason: str,
    grace_minutes: int | None = None,
    late_until: datetime | None = None,
    at: datetime | None = None,
) -> Consultation:
    """Extend a consultation. The reason is shown on its page and in the ledger, and followers are e-mailed.

    The closing time becomes later, and the consultation must still be open. See `plan_extension` for late periods.
    """
    row, moment = lock_owned(session, number, by, Deed.DECIDE), at or now()
    made = plan_extension(
        row,
        closes_at=closes_at,
        answer_by=answer_by,
        reason=reason,
        grace_minutes=grace_minutes,
        late_until=late_until,
        at=moment,
    )
    was, detail = row.closes_at, _apply_extension(row, made, moment)
    record_entry(session, Kind.CONSULTATION_EXTENDED, row, by=by, at=moment, detail=detail)
    session.flush()
    followers.notify_followers(
        session,
        row,
        about="extended",
        key=f"extended:{row.id}:{row.revision}",
        was=was,
        reason=made.reason,
        grace_minutes=made.grace_minutes,
        late_until=made.late_until,
    )
    return row


def announce(session: Session, *, at: datetime) -> int:
    """Advance consultations that opened or closed by `at` to their phase, with a ledger entry of that time.

    The dates decide whether it is open; this only announces it. Returns the number of changes. Safe to repeat.
    """
    session.flush()
    moves = (
        (Phase.UPCOMING, Phase.OPEN, Consultation.opens_at, Kind.CONSULTATION_OPENED),
        (Phase.OPEN, Phase.CLOSED, Consultation.closes_at, Kind.CONSULTATION_CLOSED),
    )
    made = 0
    for was, phase, time, kind in moves:
        due = update(Consultation).where(Consultation.phase == was, time <= at).values(phase=phase)
        for identifier, happened in session.execute(due.returning(Consultation.id, time)).all():
            ledger.record(session, kind, subject_id=identifier, consultation_id=identifier, at=happened)
            made += 1
    return made


def get_terms(row: Consultation) -> ConsultationTerms:
    """Return the terms that a consultation has now."""
    return ConsultationTerms(**{name: getattr(row, name) for name in ConsultationTerms.__dataclass_fields__})


def check_owned(session: Session, row: Consultation | None, by: Account, deed: Deed = Deed.PREPARE) -> Consultation:
    """Return the consultation if the person has this right. Raises NotFound and Forbidden."""
    if row is None:
        raise NotFound(_("We cannot find this consultation. Check the number."))
    if not rights.may(session, by, row, deed):
        if deed is Deed.SEE or not rights.may(session, by, row, Deed.SEE):
            raise Forbidden(_("Someone else owns this consultation."))
        raise Forbidden(_("Your role in this body does not let you do this. Ask one of its leads."))
    return row


def lock_owned(session: Session, number: int, by: Account, deed: Deed = Deed.PREPARE) -> Consultation:
    """Return the consultation, locked until the transaction ends.

    Preparing an unpublished consultation cancels the agreement of other bodies.
    """
    wanted = select(Consultation).where(Consultation.id == number).with_for_update()
    row = check_owned(session, session.scalar(wanted.execution_options(populate_existing=True)), by, deed)
    if deed is Deed.PREPARE and row.phase is Phase.DRAFT:
        agreement.lapse(session, row)
    return row


def _find_body(session: Session, name: str, by: Account) -> int | None:
    found = bodies.find_by_name(session, name, by)
    return found.id if found else None


def _check_terms(terms: ConsultationTerms) -> None:
    if terms.closes_at <= terms.opens_at:
        raise Refusal(_("The closing time must be later than the opening time."), field="closes_at")
    if terms.late_until and terms.late_until <= terms.closes_at:
        raise Refusal(_("The time limit for late submissions must be after the closing time."), field="late_until")
    if terms.answer_by and terms.answer_by <= to_wall_clock(terms.closes_at, terms.timezone).date():
        raise Refusal(_("The due date for answers must be after the closing date."), field="answer_by")


def settle_copy(row: Consultation, step: str) -> None:
    """Record that the owner saved a part copied from another consultation. Does nothing for others."""
    if COPIED in row.settled and step not in row.settled:
        row.settled = [*row.settled, step]


def record_entry(
    session: Session,
    kind: Kind,
    row: Consultation,
    *,
    by: Account,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Record a ledger entry about the consultation, with its actor."""
    ledger.record(
        session,
        kind,
        subject_id=row.id,
        consultation_id=row.id,
        actor=pseudonym("account", by.id),
        at=at,
        detail=detail,
    )
