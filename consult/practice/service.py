"""Copies of consultations to practise on: made by whoever has an account, open to them alone, erased by the clock.

A copy has a number of a range of its own (`ledger.PRACTICE`), so that whoever writes an entry knows it as one without
asking, and its phase stays DRAFT, so that no list, feed, search or count has ever heard of it.
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
"""Copies that one person has at a time."""
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
"""Tables of which no row is ever deleted: the entries of practice hold no word, and nothing counts them."""


def begin_copy(session: Session, row: Consultation, *, by: Account, at: datetime | None = None) -> Consultation:
    """A copy of a published consultation with its draft and questions, open at once, for its owner alone."""
    if row.phase is Phase.DRAFT or row.version_id is None:
        raise NotFound(_("There is no consultation at this address."))
    session.execute(select(Account.id).where(Account.id == by.id).with_for_update())
    if len(list_copies(session, by)) >= MOST:
        raise Refusal(_("You have %(most)s copies to practise on already. Erase one first.", most=MOST))
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
    """Somebody's copies, the newest first."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.owner_id == by.id, Consultation.practice_until.is_not(None))
        .order_by(Consultation.created_at.desc(), Consultation.id)
    ).all()


def list_sources(session: Session) -> Sequence[Consultation]:
    """What can be practised on: the last that were published, the open ones first."""
    return session.scalars(
        select(Consultation)
        .where(Consultation.phase != Phase.DRAFT)
        .order_by(Consultation.phase != Phase.OPEN, Consultation.id.desc())
        .limit(50)
    ).all()


def get_source(session: Session, slug: str) -> Consultation:
    """A consultation that can be copied. Raises NotFound, for a copy too."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("There is no consultation at this address."))
    return row


def get_until(session: Session, slug: str, account_id: int | None) -> datetime:
    """Until when a copy is kept. Raises NotFound for everybody but its owner: that there is one tells of somebody."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug))
    if row is None or row.practice_until is None or row.owner_id != account_id:
        raise NotFound(_("There is no consultation at this address."))
    return row.practice_until


def end_copy(session: Session, slug: str, *, by: Account) -> None:
    """Erases a copy before its time, for its owner."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug).with_for_update())
    if row is None or not row.is_practice:
        raise NotFound(_("There is no consultation at this address."))
    if row.owner_id != by.id:
        raise Forbidden(_("Only whoever practises on a copy can erase it."))
    _erase(session, row)


def erase_due(session: Session, *, at: datetime) -> int:
    """Erases the copies whose time is over; gives how many. May be run any number of times."""
    rows = session.scalars(
        select(Consultation).where(Consultation.practice_until <= at).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _erase(session, row)
    return len(rows)


def _erase(session: Session, row: Consultation) -> None:
    """Deletes every row of a copy in every table, whatever tables there are: files and letters first."""
    number, document_id = row.id, row.document_id
    sent = session.scalars(select(Submission).where(Submission.consultation_id == number)).all()
    for submission in sent:
        submissions_erasure.clear(session, submission)
    gone = {
        "consultation_id": [number],
        "submission_id": [one.id for one in sent],
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
