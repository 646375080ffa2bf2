"""Search lenses for comments and evidence under a taxonomy term, in all consultations."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, or_, select, true
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.i18n import N_, _
from consult.core.text import excerpt
from consult.documents.model import Provision, ProvisionTag, Version
from consult.files.model import State, StoredFile
from consult.ledger.service import PRACTICE
from consult.submissions import stances
from consult.submissions.comments import queries as comments_queries
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.model import Comment, Evidence, EvidenceTag
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem

_LONGEST = 300


def register() -> None:
    """Register both lenses. Safe to repeat."""
    lenses.register(Lens("comments", N_("Comments"), _find_comments, _count_comments, order=10))
    lenses.register(Lens("evidence", N_("Evidence"), _find_evidence, _count_evidence, order=20))


def _provisions(term_ids: Collection[int]) -> Any:
    """Select the provisions tagged with any of the terms, in all drafts and versions."""
    return (
        select(Provision.id)
        .join(Version, Version.id == Provision.version_id)
        .join(ProvisionTag, (ProvisionTag.document_id == Version.document_id) & (ProvisionTag.wid == Provision.wid))
        .where(ProvisionTag.term_id.in_(term_ids))
        .distinct()
        .subquery()
    )


def _select_comments(term_ids: Collection[int], before: int | None, most: int) -> Select[Any]:
    """Select the newest published comments on them, with one index lookup for each provision."""
    wanted = _provisions(term_ids)
    public = (Comment.shown, Comment.consultation_id < PRACTICE)
    latest = select(Comment.id).where(Comment.provision_id == wanted.c.id, *public)
    if before is not None:
        latest = latest.where(Comment.id < before)
    one = latest.order_by(Comment.provision_id.desc(), Comment.id.desc()).limit(most).lateral("latest")
    return select(one.c.id).select_from(wanted).join(one, true()).order_by(one.c.id.desc()).limit(most)


def _find_comments(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    ids = session.scalars(_select_comments(term_ids, before, most)).all()
    voices = comments_queries.get_published_comments(session, ids)
    of = _consultations(session, select(Comment.id, Consultation).where(Comment.id.in_(ids)), Comment)
    return [
        LensItem(
            number,
            voice.name or _("Name not published"),
            "submissions.one",
            {"slug": of[number].slug, "reference": voice.reference},
            words=excerpt(voice.body, _LONGEST),
            language=voice.language,
            at=voice.received_at,
            notes=[str(stances.NAMES[voice.stance])] if voice.stance else [],
            of=(of[number].title, of[number].language),
            anchor=f"c{number}",
        )
        for number in ids
        if (voice := voices.get(number)) is not None and number in of
    ]


def _consultations(session: Session, wanted: Any, table: Any) -> dict[int, Consultation]:
    rows = session.execute(wanted.join(Consultation, Consultation.id == table.consultation_id))
    return {row[0]: row[1] for row in rows}


def _count_comments(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _select_comments(term_ids, None, lenses.MANY + 1))


def _select_evidence(term_ids: Collection[int]) -> Select[Any]:
    about = select(EvidenceTag.evidence_id).where(EvidenceTag.term_id.in_(term_ids))
    clean = or_(Evidence.file_id.is_(None), StoredFile.state == State.CLEAN)
    wanted = select(Evidence.id).outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
    return wanted.where(Evidence.shown, Evidence.consultation_id < PRACTICE, clean, Evidence.id.in_(about))


def _find_evidence(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    wanted = _select_evidence(term_ids)
    if before is not None:
        wanted = wanted.where(Evidence.id < before)
    ids = session.scalars(wanted.order_by(Evidence.id.desc()).limit(most)).all()
    evidence = evidence_queries.get_public_evidence(session, ids)
    of = _consultations(session, select(Evidence.id, Consultation).where(Evidence.id.in_(ids)), Evidence)
    return [
        LensItem(
            number,
            excerpt(piece.row.description, 120),
            "evidence.one",
            {"slug": of[number].slug, "number": number},
            language=piece.row.language,
            by=piece.name or _("Name not published"),
            at=piece.received_at,
            of=(of[number].title, of[number].language),
        )
        for number in ids
        if (piece := evidence.get(number)) is not None and number in of
    ]


def _count_evidence(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _select_evidence(term_ids))
