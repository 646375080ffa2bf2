"""A consultation's verbs: set it up, publish it, extend it, announce that it opened or closed.

Each is for the owner or an admin, and says so with a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import following, names
from consult.consultations.model import Consultation, Phase
from consult.consultations.moments import wall_clock
from consult.core.access import Role
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.documents import queries as documents
from consult.documents import service as drafting
from consult.documents.outline import Outline
from consult.ledger import service as ledger
from consult.ledger.model import Kind


class ChangedMeanwhile(Conflict):
    """Somebody else changed the consultation since the form was opened."""


class AlreadyPublished(Conflict):
    """What was asked for can only be done before a consultation is published."""


@dataclass(frozen=True)
class Terms:
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
    terms: Terms,
    slug: str | None = None,
    code: str | None = None,
    at: datetime | None = None,
) -> Consultation:
    """A consultation that only its owner and the admins see, with a document that has no text yet.

    `slug` and `code` are made from the title where none are given. Raises Refusal for a code that another one has.
    """
    _check(terms)
    moment = at or now()
    code = _free_code(session, code or "", terms)
    version = drafting.create(session, title=terms.title, language=terms.language, at=moment)
    row = Consultation(
        **vars(terms), slug=_free_slug(session, slug or names.slug(terms.title) or f"consultation-{code.lower()}"),
        code=code, owner_id=owner.id, document_id=version.document_id, phase=Phase.DRAFT, created_at=moment,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def edit(session: Session, *, number: int, by: Account, revision: int, terms: Terms) -> Consultation:
    """Gives a consultation other terms. `revision` is the one that was read.

    Once it is published its language and dates are fixed (see `extend`); other changes leave a line in the ledger.
    """
    row = own(session, number, by)
    if row.revision != revision:
        raise ChangedMeanwhile(_("Somebody else changed this a moment ago. Open it again, then make your change."))
    changed = [name for name, value in vars(terms).items() if getattr(row, name) != value]
    if row.phase is not Phase.DRAFT and set(changed) & set(_FIXED):
        raise AlreadyPublished(_("Language and dates are fixed once a consultation is published. You can extend it."))
    _check(terms)
    for name in changed:
        setattr(row, name, getattr(terms, name))
    if row.phase is Phase.DRAFT:
        drafting.rename(session, document_id=row.document_id, title=row.title, language=row.language)
    elif changed:
        record(session, Kind.CONSULTATION_CHANGED, row, by=by, at=now(), detail={"changed": sorted(changed)})
    session.flush()
    return row


def write_draft(session: Session, *, number: int, by: Account, text: str) -> Outline:
    """Gives the draft its text. Raises DraftRefused with the problems by line; VersionFrozen once published."""
    row = own(session, number, by)
    version = documents.latest(session, row.document_id)
    if version is None:
        raise NotFound(_("There is no such version of a draft."))
    if row.phase is not Phase.DRAFT:
        raise AlreadyPublished(_("The draft is published: prepare its next version instead."))
    return drafting.replace_text(session, version_id=version.id, text=text)


def publish(session: Session, *, number: int, by: Account, at: datetime | None = None) -> Consultation:
    """Makes it and its draft public, for good. It opens at its time; at once where that has passed.

    `at` is given by who publishes as of another time, such as the sample.
    """
    row, moment = own(session, number, by), at or now()
    if row.phase is not Phase.DRAFT:
        raise AlreadyPublished(_("This consultation is published already."))
    if row.closes_at <= moment:
        raise Refusal(_("The closing time has passed. Choose a later one first."), field="closes_at")
    version = documents.latest(session, row.document_id)
    if version is None:
        raise NotFound(_("There is no such version of a draft."))
    actor = pseudonym("account", by.id)
    drafting.publish(session, version_id=version.id, consultation_id=row.id, actor=actor, at=moment)
    row.version_id, row.phase, row.opens_at = version.id, Phase.UPCOMING, max(row.opens_at, moment)
    record(session, Kind.CONSULTATION_PUBLISHED, row, by=by, at=moment)
    announce(session, at=moment)
    return row


def extend(
    session: Session,
    *,
    number: int,
    by: Account,
    closes_at: datetime,
    answer_by: date | None,
    reason: str,
    at: datetime | None = None,
) -> Consultation:
    """Closes it later than was said: with the reason in the ledger and on its page, and a letter to its followers.

    Never earlier, and not once it has closed.
    """
    row, moment = own(session, number, by), at or now()
    if row.phase is Phase.DRAFT:
        raise Conflict(_("This consultation is not published yet: change its dates instead."))
    if row.closes_at <= moment:
        raise Conflict(_("This consultation has closed. It cannot be opened again."))
    if closes_at <= row.closes_at:
        raise Refusal(_("Choose a time later than the present closing time."), field="closes_at")
    if answer_by is None and row.answer_by is not None:
        raise Refusal(_("A promise to answer stays a promise: give a date."), field="answer_by")
    if not (said := one_line(reason)):
        raise Refusal(_("Say why it stays open for longer."), field="reason")
    late = row.late_until if row.late_until and row.late_until > closes_at else None
    _check(replace(terms_of(row), closes_at=closes_at, answer_by=answer_by, late_until=late))
    was = row.closes_at
    row.closes_at, row.answer_by, row.late_until = closes_at, answer_by, late
    detail = {"was": was.isoformat(), "closes_at": closes_at.isoformat(), "reason": said}
    row.extensions = [*row.extensions, {**detail, "at": moment.isoformat()}]
    record(session, Kind.CONSULTATION_EXTENDED, row, by=by, at=moment, detail=detail)
    session.flush()
    following.tell(session, row, about="extended", key=f"extended:{row.id}:{row.revision}", was=was, reason=said)
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
    for was, phase, instant, kind in moves:
        due = update(Consultation).where(Consultation.phase == was, instant <= at).values(phase=phase)
        for identifier, happened in session.execute(due.returning(Consultation.id, instant)).all():
            ledger.record(session, kind, subject_id=identifier, consultation_id=identifier, at=happened)
            made += 1
    return made


def terms_of(row: Consultation) -> Terms:
    """The present terms of a consultation."""
    return Terms(**{name: getattr(row, name) for name in Terms.__dataclass_fields__})


def owned(row: Consultation | None, by: Account) -> Consultation:
    """The row, for its owner or an admin. Raises NotFound or Forbidden."""
    if row is None:
        raise NotFound(_("There is no consultation of this number."))
    if row.owner_id != by.id and by.role is not Role.ADMIN:
        raise Forbidden(_("This consultation belongs to somebody else."))
    return row


def own(session: Session, number: int, by: Account) -> Consultation:
    """The consultation, locked until the transaction ends, as it stands now."""
    wanted = select(Consultation).where(Consultation.id == number).with_for_update()
    return owned(session.scalar(wanted.execution_options(populate_existing=True)), by)


def _check(terms: Terms) -> None:
    if terms.closes_at <= terms.opens_at:
        raise Refusal(_("The closing time must be later than the opening time."), field="closes_at")
    if terms.late_until and terms.late_until <= terms.closes_at:
        raise Refusal(_("Late submissions are taken until a time after it has closed."), field="late_until")
    if terms.answer_by and terms.answer_by <= wall_clock(terms.closes_at, terms.timezone).date():
        raise Refusal(_("You cannot promise an answer before the consultation has closed."), field="answer_by")


def _free_code(session: Session, typed: str, terms: Terms) -> str:
    """The code that was typed, if it is one and no other consultation has it; else one that is made."""
    lock(session, "consultations.slug")
    taken = set(session.scalars(select(Consultation.code)))
    if not typed:
        made = (code for code in names.codes(terms.title, terms.closes_at.year) if code not in taken)
        typed = next(made, "")
    code = typed.upper()
    if not names.CODE.fullmatch(code):
        raise Refusal(_("The code is four letters or digits, such as DP27."), field="code")
    if code in taken:
        raise Refusal(_("Another consultation has this code. Choose one that no other has."), field="code")
    return code


def _free_slug(session: Session, wanted: str) -> str:
    """The slug, with a number behind it where it is taken. Others who ask wait until this transaction ends."""
    lock(session, "consultations.slug")
    alike = select(Consultation.slug).where(Consultation.slug.startswith(wanted, autoescape=True))
    taken = set(session.scalars(alike))
    slug, count = wanted, 1
    while slug in taken:
        count += 1
        slug = f"{wanted}-{count}"
    return slug


def record(
    session: Session,
    kind: Kind,
    row: Consultation,
    *,
    by: Account,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """An entry in the ledger about the consultation, by whoever did it."""
    ledger.record(
        session, kind, subject_id=row.id, consultation_id=row.id, actor=pseudonym("account", by.id), at=at,
        detail=detail,
    )  # fmt: skip
