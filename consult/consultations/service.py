"""Consultations: create, publish, extend, announce opening and closing. Who may do what: rights.py."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.consultations import names, rights, slugs
from consult.consultations.datetimes import NoSuchTime, to_instant, to_wall_clock
from consult.consultations.followers import service as followers
from consult.consultations.joint import agreement
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
    """Somebody else changed the consultation since the form was opened."""


class AlreadyPublished(Conflict):
    """What was asked for can only be done before a consultation is published."""


@dataclass(frozen=True)
class ConsultationTerms:
    """What a consultation says of itself. Times are aware; `timezone` is the IANA zone they are spoken of in."""

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
    """A consultation that only its owner, its body and the admins see, with a document that has no text yet.

    It is of the body of that name, if the owner works there. `slug` and `code` are made from the title where none are
    given. Raises Refusal for a code that another one has.
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
    """Gives a consultation other terms. `revision` is the one that was read.

    Before it is published its address and code follow the title: a `code` or `slug` that was typed is taken. Then its
    language and dates are fixed (see `extend`); other changes leave a line in the ledger.
    """
    row = lock_owned(session, number, by)
    if row.revision != revision:
        raise ChangedMeanwhile(_("Somebody else changed this a moment ago. Open it again, then make your change."))
    terms_before = get_terms(row)
    changed = [name for name, value in vars(terms).items() if getattr(row, name) != value]
    if row.phase is not Phase.DRAFT and set(changed) & set(_FIXED):
        raise AlreadyPublished(_("Language and dates are fixed once a consultation is published. You can extend it."))
    if "body" in changed and row.body_id is not None and row.phase is not Phase.DRAFT:
        raise AlreadyPublished(_("Who asks is fixed once a consultation is published: the promise is theirs."))
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


def write_draft(session: Session, *, number: int, by: Account, text: str, split: Outline | None = None) -> Outline:
    """Gives the draft its text. Raises DraftRefused with the problems by line; VersionFrozen once published."""
    row = lock_owned(session, number, by)
    version = documents_queries.get_latest(session, row.document_id)
    if version is None:
        raise NotFound(_("There is no such version of a draft."))
    if row.phase is not Phase.DRAFT:
        raise AlreadyPublished(_("The draft is published: prepare its next version instead."))
    settle_copy(row, "draft")
    return documents.replace_text(session, version_id=version.id, text=text, split=split)


def publish(session: Session, *, number: int, by: Account, at: datetime | None = None) -> Consultation:
    """Makes it and its draft public, for good. It opens at its time; at once where that has passed.

    `at` is given by who publishes as of another time, such as the sample.
    """
    row, moment = lock_owned(session, number, by, Deed.DECIDE), at or now()
    if row.phase is not Phase.DRAFT:
        raise AlreadyPublished(_("This consultation is published already."))
    if row.is_practice:
        raise Refusal(_("This is a copy to practise on: it is never published."))
    if row.closes_at <= moment:
        raise Refusal(_("The closing time has passed. Choose a later one first."), field="closes_at")
    start.check_given(session)
    agreement.check_agreed(session, row)
    version = documents_queries.get_latest(session, row.document_id)
    if version is None:
        raise NotFound(_("There is no such version of a draft."))
    actor = pseudonym("account", by.id)
    documents.publish(session, version_id=version.id, consultation_id=row.id, actor=actor, at=moment)
    row.version_id, row.phase, row.opens_at = version.id, Phase.UPCOMING, max(row.opens_at, moment)
    record_entry(session, Kind.CONSULTATION_PUBLISHED, row, by=by, at=moment)
    announce(session, at=moment)
    return row


@dataclass(frozen=True)
class Extension:
    """A consultation that closes later: all that it then says of its end."""

    closes_at: datetime
    answer_by: date | None
    grace_minutes: int
    late_until: datetime | None
    reason: str

    @property
    def detail(self) -> dict[str, Any]:
        """What the ledger and its page keep; of the time after closing only where something comes in then."""
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
    """What closing later would mean, where it can be done. What was promised stays: the answer, the grace, late time.

    Grace that is not given stays as it is, and late time moves with the closing time. Raises a refusal.
    """
    check_extensible(row, at or now())
    if closes_at <= row.closes_at:
        raise Refusal(_("Choose a time later than the present closing time."), field="closes_at")
    if answer_by is None and row.answer_by is not None:
        raise Refusal(_("A promise to answer stays a promise: give a date."), field="answer_by")
    if not (said := one_line(reason)):
        raise Refusal(_("Say why it stays open for longer."), field="reason")
    grace = row.grace_minutes if grace_minutes is None else grace_minutes
    if grace < row.grace_minutes:
        raise Refusal(_("The grace that was promised stays: choose as much, or more."), field="grace_minutes")
    late = late_until or _shift_late_time(row, closes_at)
    if row.late_until and late and late < row.late_until:
        raise Refusal(
            _("Late submissions were promised to be taken for longer: choose that time or a later one."),
            field="late_until",
        )
    moved = replace(get_terms(row), closes_at=closes_at, answer_by=answer_by, grace_minutes=grace, late_until=late)
    _check_terms(moved)
    return Extension(closes_at, answer_by, grace, late, said)


def _apply_extension(row: Consultation, made: Extension, at: datetime) -> dict[str, Any]:
    """Moves the times of the row; gives what the ledger keeps of it."""
    detail = {"was": row.closes_at.isoformat(), **made.detail}
    row.closes_at, row.answer_by = made.closes_at, made.answer_by
    row.grace_minutes, row.late_until = made.grace_minutes, made.late_until
    row.extensions = [*row.extensions, {**detail, "at": at.isoformat()}]
    return detail


def _shift_late_time(row: Consultation, closes_at: datetime) -> datetime | None:
    """As long after the new closing time as was said after the present one, by the clocks of its place."""
    if row.late_until is None:
        return None
    was, late, moved = (to_wall_clock(one, row.timezone) for one in (row.closes_at, row.late_until, closes_at))
    try:
        return max(to_instant(moved + (late - was), row.timezone), row.late_until)
    except NoSuchTime:
        return closes_at + (row.late_until - row.closes_at)


def check_extensible(row: Consultation, at: datetime) -> None:
    """Raises Conflict, with the way out, where a consultation cannot be extended."""
    if row.phase is Phase.DRAFT:
        raise Conflict(_("This consultation is not published yet: change its dates instead."))
    if row.closes_at <= at:
        raise Conflict(_("This consultation has closed. It cannot be opened again: set up another one like it."))


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
    """Closes it later than was said: with the reason in the ledger and on its page, and a letter to its followers.

    Never earlier, and not once it has closed. What comes after closing: see `extension`.
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
    """Moves what has opened or closed by `at` on to its phase, with the entry of the instant it happened.

    Time decides what is open; this only says so. Gives how many moves it made; may run any number of times.
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
    """The present terms of a consultation."""
    return ConsultationTerms(**{name: getattr(row, name) for name in ConsultationTerms.__dataclass_fields__})


def check_owned(session: Session, row: Consultation | None, by: Account, deed: Deed = Deed.PREPARE) -> Consultation:
    """The row, for who may do that with it. Raises NotFound or Forbidden."""
    if row is None:
        raise NotFound(_("There is no consultation of this number."))
    if not rights.may(session, by, row, deed):
        if deed is Deed.SEE or not rights.may(session, by, row, Deed.SEE):
            raise Forbidden(_("This consultation belongs to somebody else."))
        raise Forbidden(_("Your role in this body does not let you do this. Ask one of its leads."))
    return row


def lock_owned(session: Session, number: int, by: Account, deed: Deed = Deed.PREPARE) -> Consultation:
    """The consultation, locked until the transaction ends.

    Who prepares one changes what other bodies agreed to: they are asked again.
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
        raise Refusal(_("Late submissions are taken until a time after it has closed."), field="late_until")
    if terms.answer_by and terms.answer_by <= to_wall_clock(terms.closes_at, terms.timezone).date():
        raise Refusal(_("You cannot promise an answer before the consultation has closed."), field="answer_by")


def settle_copy(row: Consultation, step: str) -> None:
    """Notes that the owner has saved a part that was copied from another consultation; nothing where it was not."""
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
    """Writes a ledger entry about the consultation, with its actor."""
    ledger.record(
        session,
        kind,
        subject_id=row.id,
        consultation_id=row.id,
        actor=pseudonym("account", by.id),
        at=at,
        detail=detail,
    )
