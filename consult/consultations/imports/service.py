"""Drafts that take long to read: stored, read and parsed outside requests, and deleted after a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, undefer

from consult.consultations.imports.model import DraftImport, ImportForm
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import N_, _, current_language, force_locale
from consult.core.logs import log
from consult.core.queue import find_task, nudge
from consult.documents.formats import markdown_writer, source
from consult.documents.outline.outline_json import dump_outline, load_outline
from consult.documents.outline.reader import Outline, is_quick, parse_outline
from consult.operator import retention
from consult.operator.retention import FixedPeriod

LEASE = timedelta(minutes=2)
"""The maximum duration of an attempt. A parser may take 30 seconds."""
MAX_ATTEMPTS = 3
_KEPT = timedelta(days=7)
retention.FIXED.append(FixedPeriod(N_("Draft files uploaded for import"), _KEPT.days))


@dataclass(frozen=True)
class _TakenImport:
    id: int
    form: ImportForm
    data: bytes
    name: str
    language: str
    locale: str


def keep(
    session: Session, *, consultation_id: int, page: str, data: bytes, name: str, form: ImportForm = ImportForm.FILE
) -> DraftImport:
    """Store a file or a text that a worker will read."""
    row = DraftImport(
        consultation_id=consultation_id,
        page=page,
        form=form,
        name=name[:200],
        size=len(data),
        data=data,
        locale=current_language(),
        created_at=now(),
        attempts=0,
    )
    session.add(row)
    session.flush()
    nudge(session, find_task("files.read_draft"), row.id)
    return row


def get_import(session: Session, *, consultation_id: int, import_id: int, whole: bool = False) -> DraftImport:
    """Return an import of a consultation, including its text if `whole`. Raises NotFound."""
    query = select(DraftImport).where(DraftImport.id == import_id, DraftImport.consultation_id == consultation_id)
    row = session.scalars(query.options(undefer(DraftImport.text)) if whole else query).one_or_none()
    if row is None:
        raise NotFound(_("We no longer have this file. Choose it again."))
    return row


def find_outline(session: Session, *, consultation_id: int, text: str, language: str) -> Outline | None:
    """Return how a text is split: parsed here if quick, else as parsed by a worker. None if that is not done yet."""
    if is_quick(text):
        return parse_outline(text, language=language)
    told = session.scalar(
        select(DraftImport.outline)
        .where(
            DraftImport.consultation_id == consultation_id,
            DraftImport.text_hash == _hash(text, language, current_language()),
            DraftImport.outline.is_not(None),
        )
        .order_by(DraftImport.id.desc())
        .limit(1)
    )
    return load_outline(told) if told else None


def _hash(text: str, language: str, locale: str) -> bytes:
    """Return the key of a parsed text. It depends on the locale because problems are stored in words."""
    return sha256("\0".join((language, locale, text)).encode()).digest()


def try_again(session: Session, row: DraftImport) -> None:
    """Read a failed file again. Does nothing for other files."""
    if row.problem is not None:
        row.problem = row.ended_at = row.taken_at = None
        row.attempts, row.created_at = 0, now()
        nudge(session, find_task("files.read_draft"), row.id)


def read(import_id: int) -> bool:
    """Read a waiting file unless another worker does, and return True if it was read.

    No database connection is held in the meantime.
    """
    with transaction() as session:
        taken = _take(session, import_id)
    if taken is None:
        return False
    text, outline, problem = "", None, None
    with force_locale(taken.locale):
        try:
            text = _read_text(taken)
            outline = dump_outline(parse_outline(text, language=taken.language))
        except Refusal as refusal:
            problem = str(refusal.message)
        except Exception as error:  # stored for the user, who can choose another file
            log.error("consultations.import_failed", id=taken.id, error=type(error).__name__)
            text, problem = "", _("We could not read this file. Save it in another format, or paste the text.")
    with transaction() as session:
        row = session.get(DraftImport, taken.id)
        if row is not None:
            row.text, row.problem, row.ended_at = text, problem, now()
            row.outline, row.text_hash = outline, _hash(text, taken.language, taken.locale)
    return True


def _read_text(taken: _TakenImport) -> str:
    """Return the draft in Markdown."""
    if taken.form is ImportForm.TEXT:
        return taken.data.decode()
    if taken.form is ImportForm.OUTLINE:
        return markdown_writer.write_markdown(load_outline(taken.data.decode()), language=taken.language)
    return source.read_draft(taken.data, taken.name, language=taken.language)


def _take(session: Session, import_id: int) -> _TakenImport | None:
    row = session.scalars(
        select(DraftImport)
        .where(DraftImport.id == import_id, DraftImport.ended_at.is_(None))
        .where(or_(DraftImport.taken_at.is_(None), DraftImport.taken_at < now() - LEASE))
        .options(undefer(DraftImport.data))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    if row.attempts >= MAX_ATTEMPTS:
        row.ended_at = now()
        with force_locale(row.locale):
            row.problem = _(
                "We tried three times and could not read this file. Split it, or save it in a simpler format."
            )
        return None
    row.taken_at, row.attempts = now(), row.attempts + 1
    language = session.scalars(select(Consultation.language).where(Consultation.id == row.consultation_id)).one()
    return _TakenImport(row.id, row.form, row.data, row.name, language, row.locale)


def list_due(session: Session, *, at: datetime, older_than: timedelta = timedelta(0)) -> list[int]:
    """Return the IDs of files that no worker is reading, oldest first."""
    return list(
        session.scalars(
            select(DraftImport.id)
            .where(DraftImport.ended_at.is_(None), DraftImport.created_at <= at - older_than)
            .where(or_(DraftImport.taken_at.is_(None), DraftImport.taken_at < at - LEASE))
            .order_by(DraftImport.id)
            .limit(20)
        )
    )


def purge(session: Session, *, at: datetime) -> None:
    """Delete files after a week."""
    session.execute(delete(DraftImport).where(DraftImport.created_at < at - _KEPT))
