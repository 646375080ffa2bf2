"""Queries of consultations, their drafts and questions as records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.reading import collections, records
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.documents import queries as documents
from consult.documents.model import Version
from consult.ledger import service as ledger
from consult.submissions import queries as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.queries import get_consultation, list_questions
from consult.submissions.service import get_by_reference

__all__ = ["get_consultation"]


def to_iso(moment: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def list_consultations(session: Session, asked: PageQuery, phase: str) -> ListPage[records.ConsultationRecord]:
    """Return a page of published consultations, oldest first."""
    after = read_cursor("consultations", {"phase": phase}, asked.cursor)
    at, as_of = now(), ledger.head(session) - 1
    query = select(Consultation).where(Consultation.phase != Phase.DRAFT, Consultation.id > after)
    if phase:
        query = query.where(_is_in(Phase(phase), at))
    rows = session.scalars(query.order_by(Consultation.id).limit(asked.limit + 1)).all()
    shown = rows[: asked.limit]
    more = make_cursor("consultations", {"phase": phase}, shown[-1].id) if len(rows) > asked.limit else None
    return ListPage([records.ConsultationRecord(**_fields(row, at)) for row in shown], as_of, more)


def _is_in(phase: Phase, at: datetime) -> Any:
    if phase is Phase.UPCOMING:
        return Consultation.opens_at > at
    is_closed = Consultation.closes_at <= at
    return is_closed if phase is Phase.CLOSED else (Consultation.opens_at <= at) & ~is_closed


def get_detail(session: Session, slug: str) -> records.ConsultationDetail:
    """Return a published consultation with its count. Raises NotFound."""
    row = get_consultation(session, slug)
    books = submissions.get_books(session, row.id)
    return records.ConsultationDetail(
        **_fields(row, now()),
        purpose=row.purpose,
        version=session.get_one(Version, row.version_id).number,
        count=records.SubmissionCount(**vars(books)),
    )


def _fields(row: Consultation, at: datetime) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "code": row.code,
        "title": row.title,
        "body": row.body,
        "summary": row.summary,
        "language": row.language,
        "phase": str(row.phase_at(at)),
        "opens_at": to_iso(row.opens_at),
        "closes_at": to_iso(row.closes_at),
        "timezone": row.timezone,
        "answer_by": row.answer_by.isoformat() if row.answer_by else None,
        "takes_part": str(row.takes_part),
        "name_rules": row.name_rules,
        "countries": row.countries,
        "page": public_url("site.consultation", slug=row.slug),
    }


def list_versions(session: Session, slug: str) -> Sequence[records.VersionRecord]:
    """Return the published versions of a consultation's draft, oldest first."""
    row = get_consultation(session, slug)
    return [
        records.VersionRecord(
            version.number, to_iso(version.published_at or version.created_at), version.id == row.version_id
        )
        for version in documents.list_published_versions(session, row.document_id)
    ]


def list_provisions(session: Session, slug: str, number: int) -> Sequence[records.ProvisionRecord]:
    """Return all provisions of a published version in order. Raises NotFound."""
    row = get_consultation(session, slug)
    versions = documents.list_published_versions(session, row.document_id)
    version = next((each for each in versions if each.number == number), None)
    if version is None:
        raise NotFound(_("This draft has no published version with this number."))
    provisions = documents.list_provisions(session, version.id)
    labels, ids = documents.spoken_labels(provisions), {row.id: row.wid for row in provisions}
    return [
        records.ProvisionRecord(
            part.wid, ids.get(part.parent_id or 0), str(part.kind), labels[part.id], part.heading, part.text, part.depth
        )
        for part in provisions
    ]


def list_asked(session: Session, slug: str) -> Sequence[records.QuestionRecord]:
    """Return the questions of a consultation in order."""
    row = get_consultation(session, slug)
    return [
        records.QuestionRecord(
            question.position + 1,
            question.wording,
            question.hint,
            str(question.kind),
            question.required,
            [records.ChoiceRecord(choice["key"], choice["label"]) for choice in question.options],
            question.other,
        )
        for question in list_questions(session, row.id)
    ]


def get_submission(session: Session, reference: str) -> records.SubmissionDetail:
    """Return a published submission. Raises NotFound, with the reason if that is public."""
    row = get_by_reference(session, reference)
    consultation = session.get_one(Consultation, row.consultation_id)
    comments_queries.get_published_submission(session, consultation.id, row.reference)
    parts = {
        name: collections.read_all(
            session, collections.COLLECTIONS[name], consultation.id, {"reference": row.reference}
        )
        for name in ("submissions", "comments", "evidence")
    }
    if not parts["submissions"]:
        raise NotFound(submissions.why_not_shown(None))
    return records.SubmissionDetail(parts["submissions"][0], parts["comments"], parts["evidence"])
