"""Ledger commitments of case studies, and the check that a page shows the last edition."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.case_studies.content import from_json
from consult.case_studies.model import (
    Appraisal,
    CaseStudy,
    CaseStudyEdition,
    CaseStudyPart,
    CaseStudySource,
)
from consult.core.crypto import commit_public

COLUMNS = (
    "title",
    "country",
    "region",
    "began",
    "ended",
    "setting",
    "run_by",
    "paid_by",
    "summary",
    "language",
    "told",
)
"""The fields of an edition that are stored as columns of the case study."""


def commit_edition(row: CaseStudyEdition) -> bytes:
    return commit_public({"number": row.number, "content": row.content})


def commit_appraisal(row: Appraisal) -> bytes:
    """Return the commitment of a review, without computed values: certainty and conflicts found later."""
    fields = {name: getattr(row, name) for name in ("edition", "domains", "equity", "rights", "interests")}
    return commit_public({**fields, "direction": str(row.direction)})


def is_shown_as_published(session: Session, row: CaseStudy, edition: CaseStudyEdition) -> bool:
    """Return True if the page shows the words of the edition.

    Files and topics are not compared, because they can be deleted or renamed.
    """
    content = from_json(edition.content)
    parts = select(CaseStudyPart).where(CaseStudyPart.case_study_id == row.id)
    rests_on = select(CaseStudySource).where(CaseStudySource.case_study_id == row.id, CaseStudySource.file_id.is_(None))
    return (
        all(getattr(row, name) == getattr(content, name) for name in COLUMNS)
        and list(row.authors) == list(content.authors)
        and {it.kind: it.body for it in session.scalars(parts)} == content.parts
        and [
            (it.citation, it.design, it.n, it.independent)
            for it in session.scalars(rests_on.order_by(CaseStudySource.position))
        ]
        == [(it.citation, it.design, it.n, it.independent) for it in content.sources if it.file_id is None]
    )
