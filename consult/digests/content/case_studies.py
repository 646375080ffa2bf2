"""Case studies that published comments of a consultation cite, for its digests."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.case_studies import cited
from consult.digests.content.rows import CaseStudyRow

_MOST = 10


def list_rows(session: Session, consultation_id: int) -> list[CaseStudyRow]:
    """The case studies, the most cited first. One statement."""
    return [
        CaseStudyRow(
            slug=one.study.slug or "",
            reference=one.study.reference,
            title=one.study.title,
            comments=one.comments,
            certainty=one.study.certainty,
            appraised=one.study.appraised,
            outcome=one.study.outcome.value if one.study.outcome else None,
            withdrawn=one.study.withdrawn_at is not None,
        )
        for one in cited.list_cited_in(session, consultation_id, most=_MOST)
    ]
