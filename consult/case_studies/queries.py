"""Queries for case studies: the list with filters, pages, moderation queue and a person's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, func, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.model import (
    WAIT_DAYS,
    WANTED_APPRAISALS,
    Appraisal,
    Appraiser,
    CaseStudy,
    CaseStudyEdition,
    CaseStudySource,
    CaseStudyTerm,
    CaseStudyUse,
    Direction,
    FormerAppraisal,
    SourceDesign,
    StudyState,
)
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.languages import REGISTRY
from consult.core.paging import Page, decode_time_cursor, make_page
from consult.decisions.model import FormerTie
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Scheme, Term

PAGE = 20
_CONFIGURATIONS = sorted({language.search for language in REGISTRY} | {"simple"})
_PUBLIC = CaseStudy.state.in_((StudyState.PUBLISHED, StudyState.WITHDRAWN))
_WITHDRAWN = CaseStudy.state == StudyState.WITHDRAWN


@dataclass(frozen=True)
class StudyFilter:
    """Filters of the list. Empty fields filter nothing. `terms`: any of these. `certainty` 0: not reviewed.

    Withdrawn case studies have no outcome or certainty, so these filters do not match them.
    """

    words: str = ""
    terms: tuple[int, ...] = ()
    country: str = ""
    outcome: Direction | None = None
    certainty: int | None = None


@dataclass(frozen=True)
class ListedStudy:
    """A case study in a list."""

    study: CaseStudy
    designs: Sequence[SourceDesign]
    places: int  # number of reported uses elsewhere


def list_studies(session: Session, asked: StudyFilter, *, after: str | None = None) -> Page[ListedStudy]:
    """Return a page of public case studies, newest first, withdrawn ones last. Uses three queries."""
    wanted = _select(asked)
    if (last := decode_time_cursor(after)) is not None:
        at, number = last  # the number is negative after a withdrawn one
        before = (CaseStudy.published_at < at) | ((CaseStudy.published_at == at) & (CaseStudy.id < abs(number)))
        wanted = wanted.where((_WITHDRAWN & before) if number < 0 else (_WITHDRAWN | before))
    order = (_WITHDRAWN, CaseStudy.published_at.desc(), CaseStudy.id.desc())
    rows = session.scalars(wanted.order_by(*order).limit(PAGE + 1)).all()
    return make_page(_to_listed(session, rows), PAGE, _to_cursor)


def _to_cursor(it: ListedStudy) -> list[Any]:
    number = -it.study.id if it.study.state is StudyState.WITHDRAWN else it.study.id
    return [str(it.study.published_at), number]


def _to_listed(session: Session, rows: Sequence[CaseStudy]) -> list[ListedStudy]:
    ids = [row.id for row in rows]
    designs: dict[int, list[SourceDesign]] = defaultdict(list)
    for number, design in session.execute(
        select(CaseStudySource.case_study_id, CaseStudySource.design).where(CaseStudySource.case_study_id.in_(ids))
    ):
        designs[number].append(design)
    used = select(CaseStudyUse.case_study_id, func.count()).where(
        CaseStudyUse.case_study_id.in_(ids), CaseStudyUse.state == StudyState.PUBLISHED
    )
    places: dict[int, int] = {study_id: n for study_id, n in session.execute(used.group_by(CaseStudyUse.case_study_id))}  # noqa: C416
    return [ListedStudy(row, designs[row.id], places.get(row.id, 0)) for row in rows]


def _select(asked: StudyFilter) -> Any:
    wanted = select(CaseStudy).where(_PUBLIC)
    if asked.words.strip():
        branches = [func.websearch_to_tsquery(name, asked.words) for name in _CONFIGURATIONS]
        wanted = wanted.where(or_(*(func.words_in_languages(CaseStudy.words).op("@@")(branch) for branch in branches)))
    if asked.terms:
        about = select(CaseStudyTerm.case_study_id).where(CaseStudyTerm.term_id.in_(asked.terms))
        wanted = wanted.where(CaseStudy.id.in_(about))
    if asked.country:
        wanted = wanted.where(CaseStudy.country == asked.country)
    if asked.outcome is not None or asked.certainty is not None:
        wanted = wanted.where(~_WITHDRAWN)
    if asked.outcome is not None:
        wanted = wanted.where(func.coalesce(CaseStudy.direction, CaseStudy.told) == asked.outcome)
    if asked.certainty is not None:
        wanted = wanted.where(
            CaseStudy.certainty == asked.certainty if asked.certainty else CaseStudy.certainty.is_(None)
        )
    return wanted


def stream_studies(session: Session, asked: StudyFilter) -> Iterator[CaseStudy]:
    """Yield all matches for a file, oldest first, withdrawn ones last."""
    yield from session.scalars(_select(asked).order_by(_WITHDRAWN, CaseStudy.id).execution_options(yield_per=200))


@dataclass(frozen=True)
class StudyTopic:
    """A topic of public case studies, with the IDs of the topic and its narrower topics."""

    term: Term
    with_narrower: frozenset[int]


def list_topics(session: Session) -> dict[str, StudyTopic]:
    """Return the topics of public case studies and broader ones, by `scheme/notation`. Uses two queries."""
    used = select(CaseStudyTerm.term_id).join(CaseStudy, CaseStudy.id == CaseStudyTerm.case_study_id).where(_PUBLIC)
    tagged = set(session.scalars(used.distinct()))
    rows = session.execute(
        select(Term, Scheme.notation)
        .join(Scheme, Scheme.id == Term.scheme_id)
        .where(~Term.retired)
        .order_by(Scheme.position, Term.scheme_id, Term.position)
    ).all()
    narrower = taxonomy.map_narrower(term for term, _notation in rows)
    return {
        f"{notation}/{term.notation}": StudyTopic(term, frozenset(narrower[term.id]))
        for term, notation in rows
        if narrower[term.id] & tagged
    }


def list_countries_told(session: Session) -> Sequence[str]:
    """Return the countries of public case studies."""
    return session.scalars(select(CaseStudy.country).where(_PUBLIC).distinct().order_by(CaseStudy.country)).all()


def find_public(session: Session, slug: str) -> CaseStudy:
    """Return the public case study with this slug or reference, such as CASE-12. Raises NotFound."""
    wanted = select(CaseStudy).where(_PUBLIC)
    number = slug[5:] if slug.upper().startswith("CASE-") else ""
    by_number = number.isascii() and number.isdecimal() and len(number) < 12
    row = session.scalar(wanted.where(CaseStudy.id == int(number) if by_number else CaseStudy.slug == slug))
    if row is None:
        raise NotFound(_("We cannot find a case study at this link."))
    return row


def get_waiting(session: Session, number: int) -> CaseStudy:
    """Return a case study that waits for a moderator. Raises NotFound: unsent texts are only for their author."""
    row = session.get(CaseStudy, number)
    if row is None or row.next_state is not StudyState.WAITING:
        raise NotFound(_("No case study with this number is waiting for a decision."))
    return row


def get_public(session: Session, number: int) -> CaseStudy:
    """Return a public case study by ID. Raises NotFound."""
    row = session.get(CaseStudy, number)
    if row is None or not row.is_public:
        raise NotFound(_("We cannot find this case study."))
    return row


def get_edition(session: Session, study: CaseStudy, number: int) -> CaseStudyEdition:
    """Return an edition of a case study. Raises NotFound."""
    row = session.get(CaseStudyEdition, (study.id, number))
    if row is None:
        raise NotFound(_("We cannot find this version."))
    return row


def list_own(session: Session, account: Account) -> Sequence[CaseStudy]:
    """Return a person's case studies, newest first."""
    own_studies = select(CaseStudy).where(CaseStudy.account_id == account.id)
    return session.scalars(own_studies.order_by(CaseStudy.id.desc()).limit(200)).all()


def list_own_appraisals(session: Session, account: Account) -> Sequence[Appraisal]:
    """Return a person's reviews, oldest first."""
    own_appraisals = select(Appraisal).where(Appraisal.account_id == account.id)
    return session.scalars(own_appraisals.order_by(Appraisal.id)).all()


def list_declared_interests(session: Session, account: Account) -> list[str]:
    """Return the interests that a reviewer has declared, or an empty list for others."""
    row = session.get(Appraiser, account.id)
    return list(row.interests) if row else []


def list_requests_to(session: Session, account: Account) -> Sequence[AppraisalRequest]:
    """Return the requests for reviews to a person, oldest first."""
    asked = select(AppraisalRequest).where(AppraisalRequest.account_id == account.id)
    return session.scalars(asked.order_by(AppraisalRequest.id)).all()


def list_left(session: Session, account: Account) -> Sequence[FormerTie]:
    """Return the organisations and bodies that a person left recently."""
    left = select(FormerTie).where(FormerTie.account_id == account.id)
    return session.scalars(left.order_by(FormerTie.id)).all()


def list_waiting(session: Session) -> Sequence[CaseStudy]:
    """Return case studies that wait for a moderator, oldest first."""
    wanted = select(CaseStudy).where(CaseStudy.next_state == StudyState.WAITING)
    return session.scalars(wanted.order_by(CaseStudy.sent_at, CaseStudy.id).limit(200)).all()


def count_waiting(session: Session) -> int:
    """Return the number of case studies and reports of use that wait for a moderator, with one query."""
    studies = select(func.count()).where(CaseStudy.next_state == StudyState.WAITING).scalar_subquery()
    uses = select(func.count()).where(CaseStudyUse.state == StudyState.WAITING).scalar_subquery()
    return session.scalar(select(studies + uses)) or 0


def list_waiting_uses(session: Session) -> Sequence[tuple[CaseStudyUse, CaseStudy]]:
    """Return reports of use that wait for a moderator, oldest first."""
    rows = session.execute(
        select(CaseStudyUse, CaseStudy)
        .join(CaseStudy, CaseStudy.id == CaseStudyUse.case_study_id)
        .where(CaseStudyUse.state == StudyState.WAITING)
        .order_by(CaseStudyUse.id)
        .limit(200)
    )
    return [(use, other) for use, other in rows]


def get_use(session: Session, number: int) -> CaseStudyUse:
    """Return a report of use. Raises NotFound."""
    row = session.get(CaseStudyUse, number)
    if row is None:
        raise NotFound(_("We cannot find this report."))
    return row


def list_unappraised(session: Session, *, most: int = 50) -> Sequence[CaseStudy]:
    """Return published case studies with fewer than two valid reviews, longest waiting first."""
    few = select(CaseStudy).where(CaseStudy.state == StudyState.PUBLISHED, CaseStudy.appraised < WANTED_APPRAISALS)
    return session.scalars(few.order_by(CaseStudy.published_at, CaseStudy.id).limit(most)).all()


def list_pairs(session: Session) -> list[tuple[int, int]]:
    """Return pairs of certainties of valid reviews of the same case study, to compute agreement."""
    first, other = Appraisal.__table__.alias(), Appraisal.__table__.alias()
    rows = session.execute(
        select(first.c.certainty, other.c.certainty)
        .join(other, (first.c.case_study_id == other.c.case_study_id) & (first.c.id < other.c.id))
        .where(first.c.conflicts == [], other.c.conflicts == [])
    )
    return [(a, b) for a, b in rows]


@dataclass(frozen=True)
class AppraisalPace:
    """The number of case studies old enough to have been reviewed, and of those reviewed in time."""

    due: int
    in_time: int


def count_in_time(session: Session) -> AppraisalPace:
    """Count case studies published more than 30 days ago, and those with two valid reviews within 30 days.

    Uses one query.
    """
    wait = timedelta(days=WAIT_DAYS)
    replaced = select(func.min(FormerAppraisal.said["at"].astext.cast(DateTime(timezone=True)))).where(
        FormerAppraisal.appraisal_id == Appraisal.id
    )
    first = func.coalesce(replaced.scalar_subquery(), Appraisal.at)
    early = select(func.count()).where(
        Appraisal.case_study_id == CaseStudy.id, Appraisal.conflicts == [], first <= CaseStudy.published_at + wait
    )
    old = (CaseStudy.state == StudyState.PUBLISHED, CaseStudy.published_at < now() - wait)
    enough = early.correlate(CaseStudy).scalar_subquery() >= WANTED_APPRAISALS
    row = session.execute(select(func.count(), func.count().filter(enough)).where(*old)).one()
    return AppraisalPace(*row)


def map_last_appraisals(session: Session, account: Account) -> dict[int, datetime]:
    """Return the time of the last valid review of each of a person's case studies. Uses one query."""
    rows = session.execute(
        select(Appraisal.case_study_id, func.max(Appraisal.at))
        .join(CaseStudy, CaseStudy.id == Appraisal.case_study_id)
        .where(CaseStudy.account_id == account.id, Appraisal.conflicts == [])
        .group_by(Appraisal.case_study_id)
    )
    return {number: at for number, at in rows}  # noqa: C416


def term_rows(session: Session, term_ids: Iterable[int]) -> Sequence[tuple[Term, str]]:
    """Return topics with the notation of their scheme, in the order of the taxonomy."""
    rows = session.execute(
        select(Term, Scheme.notation)
        .join(Scheme, Scheme.id == Term.scheme_id)
        .where(Term.id.in_(list(term_ids)))
        .order_by(Scheme.position, Term.position)
    )
    return [(term, other) for term, other in rows]


def list_open(session: Session) -> Sequence[Consultation]:
    """Return the consultations that accept comments now, first to close first."""
    wanted = select(Consultation).where(Consultation.phase == Phase.OPEN, Consultation.closes_at > now())
    return session.scalars(wanted.order_by(Consultation.closes_at, Consultation.id).limit(100)).all()
