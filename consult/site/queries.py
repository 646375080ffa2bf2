"""Queries for the home page, the list and a consultation's front page, with a fixed number of statements each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Row, bindparam, or_, select, text
from sqlalchemy.orm import Session

from consult.bodies.model import PublicBody
from consult.consultations.joint import service as joint
from consult.consultations.model import Consultation, Phase, Question
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.documents.model import Provision, ProvisionKind
from consult.ledger.service import LAST_UNNUMBERED_SQL
from consult.responses import answer_queries
from consult.responses import queries as responses
from consult.responses.answer_queries import AnswerCounts
from consult.responses.queries import RecentAnswer
from consult.site import consultation_search, recent_changes
from consult.site.consultation_search import LISTED_COLUMNS, ConsultationFilter
from consult.site.recent_changes import ChangedDraft
from consult.submissions.comments import statements as comments_statements
from consult.submissions.queries import Books, get_books
from consult.taxonomy.model import Term

_EACH, _FEW = 10, 3


_ORGANISATIONS = text(
    """
    WITH RECURSIVE voice AS (
        (SELECT organisation_id FROM readable_submission
         WHERE consultation_id = :consultation AND state = 'published' AND submitter_kind = 'organisation'
         ORDER BY organisation_id LIMIT 1)
        UNION ALL
        SELECT (SELECT s.organisation_id FROM readable_submission s
                WHERE s.consultation_id = :consultation AND s.state = 'published' AND s.submitter_kind = 'organisation'
                    AND s.organisation_id > voice.organisation_id ORDER BY s.organisation_id LIMIT 1)
        FROM voice WHERE voice.organisation_id IS NOT NULL
    )
    , heard AS (
        SELECT organisation_id FROM voice
        UNION SELECT c.organisation_id FROM readable_cosignature c JOIN readable_submission s ON s.id = c.submission_id
        WHERE s.consultation_id = :consultation AND s.state = 'published' AND c.confirmed_at IS NOT NULL
            AND c.invited_at IS NOT NULL
    )
    SELECT count(o.id), count(DISTINCT o.country), group_filings.n, group_filings.present
    FROM (
        SELECT count(*) AS n, coalesce(sum(present), 0) AS present FROM readable_submission
        WHERE consultation_id = :consultation AND state = 'published' AND present IS NOT NULL
    ) group_filings LEFT JOIN heard ON true LEFT JOIN readable_organisation o ON o.id = heard.organisation_id
    GROUP BY group_filings.n, group_filings.present
    """
)
"""One index step for each participating organisation, however many submissions there are."""


_STAMP = text(
    f"""
    SELECT (SELECT max(number) FROM readable_ledger), {LAST_UNNUMBERED_SQL}, c.*, t.*
    FROM (
        SELECT count(*), sum(revision), count(*) FILTER (WHERE opens_at <= :at),
            count(*) FILTER (WHERE closes_at <= :at) FROM readable_consultation WHERE phase <> 'draft'
    ) c, (SELECT count(*), max(tagged_at) FROM readable_provision_tag) t
    """  # noqa: S608 - put together from constants
)


@dataclass(frozen=True)
class HomePage:
    open: Sequence[Row[Any]]
    upcoming: Sequence[Row[Any]]
    closed: Sequence[Row[Any]]
    answer_counts: dict[int, AnswerCounts]
    changed: Sequence[ChangedDraft] = ()
    answered: Sequence[RecentAnswer] = ()


@dataclass(frozen=True)
class ConsultationList:
    filters: ConsultationFilter
    page: Page[Row[Any]]
    answer_counts: dict[int, AnswerCounts]


@dataclass(frozen=True)
class ConsultationFrontPage:
    consultation: Consultation
    chapters: Sequence[Row[Any]]  # eid, number and heading
    questions: Sequence[Question]
    books: Books
    organisations: int
    countries: int
    groups: int  # published submissions filed by facilitators for groups
    present: int  # people present in all groups
    answer_counts: AnswerCounts
    # Bodies of the consultation, the answering one first. Empty if the body is only a name.
    bodies: Sequence[PublicBody]
    at: datetime = field(default_factory=now)
    treaty: Term | None = None  # the reviewed treaty


def get_stamp(session: Session) -> tuple[object, ...]:
    """Return values for an ETag: they change with each ledger entry, setup, tagging, opening or closing."""
    return tuple(session.execute(_STAMP, {"at": now()}).one())


def get_home_page(session: Session) -> HomePage:
    """Return open consultations by closing time, upcoming ones, and the last closed ones."""
    at = now()
    rows = session.execute(_select_home_page(), {"at": at}).all()
    current = sorted(
        (row for row in rows if row.opens_at <= at < row.closes_at), key=lambda row: (row.closes_at, row.id)
    )
    upcoming = sorted((row for row in rows if row.opens_at > at), key=lambda row: (row.opens_at, row.id))
    over = [row for row in rows if row.opens_at <= at and row.closes_at <= at]
    closed = sorted(over, key=lambda row: (-row.closes_at.timestamp(), row.id))
    return HomePage(
        current,
        upcoming,
        closed,
        count_answers(session, closed),
        recent_changes.list_changed_drafts(session, few=_FEW).items,
        responses.list_recent(session, _FEW),
    )


@lru_cache(maxsize=1)
def _select_home_page() -> Any:
    at: Any = bindparam("at", type_=DateTime(timezone=True))
    seen, each = Consultation.phase != Phase.DRAFT, []
    for when, order in (
        ((Consultation.opens_at <= at) & (Consultation.closes_at > at), Consultation.closes_at),
        (Consultation.opens_at > at, Consultation.opens_at),
        (Consultation.closes_at <= at, Consultation.closes_at.desc()),
    ):
        each.append(select(Consultation.id).where(seen, when).order_by(order, Consultation.id).limit(_EACH).subquery())
    return select(*LISTED_COLUMNS).where(or_(*(Consultation.id.in_(select(ids.c.id)) for ids in each)))


def get_consultation_list(session: Session, filters: ConsultationFilter, *, after: str) -> ConsultationList:
    """Return a page of matching published consultations."""
    rows, at = consultation_search.find_consultations(session, filters, after=after), now()
    return ConsultationList(filters, rows, count_answers(session, (row for row in rows.items if row.closes_at <= at)))


def count_answers(session: Session, rows: Iterable[Consultation | Row[Any]]) -> dict[int, AnswerCounts]:
    """Count the answered arguments of consultations, in one statement."""
    return answer_queries.count_answers(session, {row.id: row.answer_by for row in rows})


def get_front_page(session: Session, slug: str) -> ConsultationFrontPage:
    """Return the front page of a published consultation. Raises NotFound."""
    row = session.scalar(comments_statements.select_consultation(), {"slug": slug})
    if row is None:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    chapters = session.execute(_chapters(), {"of": row.version_id}).all()
    questions = session.scalars(comments_statements.select_questions(), {"of": row.id}).all()
    voices = {"consultation": row.id}
    organisations, countries, groups, present = session.execute(_ORGANISATIONS, voices).one()
    received = get_books(session, row.id)
    counts = count_answers(session, [row])[row.id]
    asking = joint.list_asking(session, row) if row.body_id else ()
    return ConsultationFrontPage(
        row,
        chapters,
        questions,
        received,
        organisations,
        countries,
        groups,
        present,
        counts,
        asking,
        treaty=session.get(Term, row.treaty_id) if row.treaty_id else None,
    )


@lru_cache(maxsize=1)
def _chapters() -> Any:
    return (
        select(Provision.eid, Provision.number, Provision.heading)
        .where(Provision.version_id == bindparam("of"), Provision.parent_id.is_(None))
        .where(Provision.kind != ProvisionKind.PARAGRAPH)
        .order_by(Provision.position)
    )
