"""Citations of case studies in comments, found by reference when a comment is published."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.case_studies.model import REFERENCE_PREFIX, CaseStudy, CaseStudyCitation, StudyState
from consult.core.clock import now
from consult.ledger.followers import Follower, Window
from consult.ledger.model import Kind
from consult.submissions.evidence.slots import EvidenceAside
from consult.submissions.model import Comment
from consult.submissions.pages.slots import CheckHints, CommentFoot

_REFERENCE = re.compile(rf"\b{REFERENCE_PREFIX}-([1-9]\d{{0,9}})\b", re.IGNORECASE)
_PUBLIC = (StudyState.PUBLISHED, StudyState.WITHDRAWN)


def list_references(words: str) -> list[int]:
    """Return the IDs of case studies named in a text.

    >>> list_references("See CASE-12, case-3 and CASE-12; not SHOWCASE-4.")
    [12, 3]
    """
    return list(dict.fromkeys(int(match[1]) for match in _REFERENCE.finditer(words)))


def find_citations(session: Session, submission_ids: Sequence[int]) -> None:
    """Replace the stored citations of the published comments of submissions. Safe to repeat."""
    comments = session.scalars(select(Comment).where(Comment.submission_id.in_(submission_ids))).all()
    session.execute(
        delete(CaseStudyCitation).where(CaseStudyCitation.comment_id.in_([comment.id for comment in comments]))
    )
    named = {comment.id: list_references(comment.public_body) for comment in comments if comment.shown}
    numbers = {number for references in named.values() for number in references}
    if not numbers:
        return
    known = set(session.scalars(select(CaseStudy.id).where(CaseStudy.id.in_(numbers), CaseStudy.state.in_(_PUBLIC))))
    rows = [
        {"case_study_id": number, "comment_id": comment_id, "found_at": now()}
        for comment_id, references in named.items()
        for number in references
        if number in known
    ]
    if rows:
        session.execute(insert(CaseStudyCitation).on_conflict_do_nothing(), rows)


def _handle(session: Session, window: Window) -> None:
    entries = FOLLOWER.list_entries(session, window)
    if entries:
        find_citations(session, sorted({entry.subject_id for entry in entries}))


FOLLOWER = Follower("case_studies", (Kind.PUBLISHED, Kind.COVERED, Kind.AMENDED), _handle, site=True)


@dataclass(frozen=True)
class CitedStudy:
    """A case study cited by a comment."""

    study: CaseStudy

    @property
    def is_withdrawn(self) -> bool:
        return self.study.state is StudyState.WITHDRAWN


def find_under_comments(session: Session, given: CommentFoot) -> Mapping[int, Sequence[CitedStudy]]:
    """Return cited case studies by comment. Runs no query if no comment on the page contains a reference."""
    wanted = [number for number, words in given.words.items() if _REFERENCE.search(words)]
    if not wanted:
        return {}
    comments: dict[int, list[CitedStudy]] = defaultdict(list)
    rows = session.execute(
        select(CaseStudyCitation.comment_id, CaseStudy)
        .join(CaseStudy, CaseStudy.id == CaseStudyCitation.case_study_id)
        .where(CaseStudyCitation.comment_id.in_(wanted))
        .order_by(CaseStudy.state == StudyState.WITHDRAWN, CaseStudy.id)
    )
    for comment_id, study in rows:
        comments[comment_id].append(CitedStudy(study))
    return comments


def find_from_evidence(session: Session, given: EvidenceAside) -> Sequence[CaseStudy]:
    """Return published case studies that were made from a piece of evidence."""
    wanted = select(CaseStudy).where(CaseStudy.evidence_id == given.evidence_id, CaseStudy.state.in_(_PUBLIC))
    return session.scalars(wanted.order_by(CaseStudy.state == StudyState.WITHDRAWN, CaseStudy.id)).all()


def find_unknown(session: Session, given: CheckHints) -> Sequence[str]:
    """Return references in a draft's comments that match no published case study. Runs no query without references."""
    comments = given.page.frame.writing.comments.values()
    numbers = list(dict.fromkeys(number for comment in comments for number in list_references(comment.body)))
    if not numbers:
        return []
    known = set(session.scalars(select(CaseStudy.id).where(CaseStudy.id.in_(numbers), CaseStudy.state.in_(_PUBLIC))))
    return [f"{REFERENCE_PREFIX}-{number}" for number in numbers if number not in known]


@dataclass(frozen=True)
class StudyCitedHere:
    """A case study with the number of published comments of a consultation that cite it."""

    study: CaseStudy
    comments: int


def list_cited_in(session: Session, consultation_id: int, *, most: int = 20) -> list[StudyCitedHere]:
    """Return case studies cited by published comments of a consultation, most cited first, withdrawn ones last.

    Uses one query.
    """
    n = func.count()
    rows = session.execute(
        select(CaseStudy, n)
        .join(CaseStudyCitation, CaseStudyCitation.case_study_id == CaseStudy.id)
        .join(Comment, Comment.id == CaseStudyCitation.comment_id)
        .where(Comment.consultation_id == consultation_id, Comment.shown)
        .group_by(CaseStudy.id)
        .order_by(CaseStudy.state == StudyState.WITHDRAWN, n.desc(), CaseStudy.id)
        .limit(most)
    )
    return [StudyCitedHere(*row) for row in rows]
