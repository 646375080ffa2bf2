"""Practice copies of consultations: made by anyone with an account, visible to them only, erased by the scheduler.

Copies have ids in a separate range (`ledger.PRACTICE`), so that code that writes entries recognises them without a
query. Their phase stays DRAFT, so lists, feeds, searches and counts of published consultations leave them out.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Phase, Question
from consult.consultations.names import PRACTICE_CODE, PRACTICE_SLUG
from consult.consultations.questions import service as questions
from consult.core.clock import now
from consult.core.db import Base
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.documents import service as documents
from consult.documents.model import Version
from consult.ledger import service as ledger
from consult.submissions.erasure import service as submissions_erasure
from consult.submissions.model import Submission

KEPT = timedelta(days=30)
MOST = 3
"""Maximum number of copies for one person."""
_COPIED = (
    "body",
    "summary",
    "purpose",
    "language",
    "tags",
    "timezone",
    "eligible",
    "name_rules",
    "groups",
    "languages",
)
_KEEPS = frozenset({"ledger"})
"""Tables without deletions. Ledger entries of practice hold no text, and nothing counts them."""


def begin_copy(session: Session, row: Consultation, *, by: Account, at: datetime | None = None) -> Consultation:
    """Copy a published consultation with its draft and questions. The copy is open at once, for its owner only.

    Raises NotFound for a draft, and Refusal for too many copies.
    """
    if row.phase is Phase.DRAFT or row.version_id is None:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    session.execute(select(Account.id).where(Account.id == by.id).with_for_update())
    if len(list_copies(session, by)) >= MOST:
        raise Refusal(_("You already have %(most)s practice copies. Erase one first.", most=MOST))
    moment, source = at or now(), session.get_one(Version, row.version_id).source
    version = documents.create(session, title=row.title, language=row.language, at=moment)
    documents.replace_text(session, version_id=version.id, text=source)
    made = Consultation(
        id=ledger.PRACTICE + secrets.randbelow(2**60),
        slug=f"{PRACTICE_SLUG}{secrets.token_hex(6)}",
        code=f"{PRACTICE_CODE}00",
        title=row.title,
        owner_id=by.id,
        document_id=version.document_id,
        opens_at=moment - timedelta(seconds=1),
        closes_at=moment + KEPT,
        practice_until=moment + KEPT,
        phase=Phase.DRAFT,
        created_at=moment,
        **{name: getattr(row, name) for name in _COPIED},
    )
    session.add(made)
    session.flush()
    documents.publish(session, version_id=version.id, consultation_id=made.id, actor=None, at=moment)
    made.version_id = version.id
    asked = select(Question).where(Question.consultation_id == row.id).order_by(Question.position)
    questions.copy_questions(session, session.scalars(asked).all(), into=made)
    session.flush()
    return made


def list_copies(session: Session, by: Account) -> Sequence[Consultation]:
    """Return the account's copies, newest first."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.owner_id == by.id, Consultation.practice_until.is_not(None))
        .order_by(Consultation.created_at.desc(), Consultation.id)
    ).all()


def list_sources(session: Session) -> Sequence[Consultation]:
    """Return the latest published consultations for a copy, open ones first."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.phase != Phase.DRAFT)
        .order_by(Consultation.phase != Phase.OPEN, Consultation.id.desc())
        .limit(50)
    ).all()


def get_source(session: Session, slug: str) -> Consultation:
    """Return a consultation that can be copied. Raises NotFound, also for a copy."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    return row


def get_until(session: Session, slug: str, account_id: int | None) -> datetime:
    """Return the end of a copy's life. Raises NotFound for everybody but the owner, to protect their privacy."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug))
    if row is None or row.practice_until is None or row.owner_id != account_id:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    return row.practice_until


def end_copy(session: Session, slug: str, *, by: Account) -> None:
    """Erase a copy early, for its owner. Raises NotFound, Forbidden."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug).with_for_update())
    if row is None or not row.is_practice:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    if row.owner_id != by.id:
        raise Forbidden(_("Only the person who created this practice copy can erase it."))
    _erase(session, row)


def erase_due(session: Session, *, at: datetime) -> int:
    """Erase expired copies and return their number. Safe to repeat."""
    rows = session.scalars(
        select(Consultation).where(Consultation.practice_until <= at).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _erase(session, row)
    return len(rows)


def _erase(session: Session, row: Consultation) -> None:
    """Delete all rows of a copy in every table, files and e-mails first."""
    number, document_id = row.id, row.document_id
    sent = session.scalars(select(Submission).where(Submission.consultation_id == number)).all()
    for submission in sent:
        submissions_erasure.clear(session, submission)
    gone = {
        "consultation_id": [number],
        "submission_id": [received.id for received in sent],
        "document_id": [document_id],
        "version_id": list(session.scalars(select(Version.id).where(Version.document_id == document_id))),
    }
    session.flush()
    for table in reversed(Base.metadata.sorted_tables):
        ends = [table.c[name].in_(ids) for name, ids in gone.items() if ids and name in table.c]
        if table.name == "consultation":
            ends = [table.c.id == number]
        elif table.name == "document":
            ends = [table.c.id == document_id]
        if ends and table.name not in _KEEPS:
            session.execute(delete(table).where(or_(*ends)))
    session.expire_all()
