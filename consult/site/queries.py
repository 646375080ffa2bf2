"""What the home page, the list and a consultation's front page show: a fixed number of statements each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Row, bindparam, or_, select, text
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase, Question
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.documents.model import Provision, ProvisionKind
from consult.ledger.service import WAITING
from consult.responses import queries as responses
from consult.responses import reading
from consult.responses.queries import Lately
from consult.responses.reading import Standing
from consult.site import finding, following
from consult.site.finding import LISTED, Wish
from consult.site.following import Changed
from consult.submissions import statements
from consult.submissions.queries import Books, books

_EACH, _FEW = 10, 3


_ORGANISATIONS = text(
    """
    WITH RECURSIVE voice AS (
        (SELECT organisation_id FROM submission
         WHERE consultation_id = :consultation AND state = 'published' AND submitter_kind = 'organisation'
         ORDER BY organisation_id LIMIT 1)
        UNION ALL
        SELECT (SELECT s.organisation_id FROM submission s
                WHERE s.consultation_id = :consultation AND s.state = 'published' AND s.submitter_kind = 'organisation'
                    AND s.organisation_id > voice.organisation_id ORDER BY s.organisation_id LIMIT 1)
        FROM voice WHERE voice.organisation_id IS NOT NULL
    )
    , heard AS (
        SELECT organisation_id FROM voice
        UNION SELECT c.organisation_id FROM cosignature c JOIN submission s ON s.id = c.submission_id
        WHERE s.consultation_id = :consultation AND s.state = 'published' AND c.confirmed_at IS NOT NULL
            AND c.invited_at IS NOT NULL
    )
    SELECT count(o.id), count(DISTINCT o.country), group_filings.n, group_filings.present
    FROM (
        SELECT count(*) AS n, coalesce(sum(present), 0) AS present FROM submission
        WHERE consultation_id = :consultation AND state = 'published' AND present IS NOT NULL
    ) group_filings LEFT JOIN heard ON true LEFT JOIN organisation o ON o.id = heard.organisation_id
    GROUP BY group_filings.n, group_filings.present
    """
)
"""One step in the index for each organisation that spoke, however many submissions there are."""


_STAMP = text(
    f"""
    SELECT (SELECT max(number) FROM ledger), {WAITING}, c.*, t.*
    FROM (
        SELECT count(*), sum(revision), count(*) FILTER (WHERE opens_at <= now()),
            count(*) FILTER (WHERE closes_at <= now()) FROM consultation WHERE phase <> 'draft'
    ) c, (SELECT count(*), max(tagged_at) FROM provision_tag) t
    """  # noqa: S608 - put together from constants
)


@dataclass(frozen=True)
class Front:
    open: Sequence[Row[Any]]
    upcoming: Sequence[Row[Any]]
    closed: Sequence[Row[Any]]
    standings: dict[int, Standing]
    changed: Sequence[Changed] = ()
    answered: Sequence[Lately] = ()


@dataclass(frozen=True)
class Listing:
    wish: Wish
    page: Page[Row[Any]]
    standings: dict[int, Standing]


@dataclass(frozen=True)
class FrontPage:
    consultation: Consultation
    chapters: Sequence[Row[Any]]  # eid, number and heading
    questions: Sequence[Question]
    books: Books
    organisations: int
    countries: int
    groups: int  # published submissions that a facilitator filed for a group
    present: int  # how many people were there, all groups together
    standing: Standing
    at: datetime = field(default_factory=now)


def stamp(session: Session) -> tuple[object, ...]:
    """What differs whenever something was entered in the ledger, set up, tagged, opened or closed, for ETags."""
    return tuple(session.execute(_STAMP).one())


def front(session: Session) -> Front:
    """Open ones by how soon they close, then those to come, then the last that closed."""
    at = now()
    rows = session.execute(_front(), {"at": at}).all()
    current = sorted(
        (row for row in rows if row.opens_at <= at < row.closes_at), key=lambda row: (row.closes_at, row.id)
    )
    upcoming = sorted((row for row in rows if row.opens_at > at), key=lambda row: (row.opens_at, row.id))
    over = [row for row in rows if row.opens_at <= at and row.closes_at <= at]
    closed = sorted(over, key=lambda row: (-row.closes_at.timestamp(), row.id))
    return Front(
        current, upcoming, closed, standings(session, closed), following.lately(session, few=_FEW).items,
        responses.lately(session, _FEW),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _front() -> Any:
    at: Any = bindparam("at", type_=DateTime(timezone=True))
    seen, each = Consultation.phase != Phase.DRAFT, []
    for when, order in (
        ((Consultation.opens_at <= at) & (Consultation.closes_at > at), Consultation.closes_at),
        (Consultation.opens_at > at, Consultation.opens_at),
        (Consultation.closes_at <= at, Consultation.closes_at.desc()),
    ):
        each.append(select(Consultation.id).where(seen, when).order_by(order, Consultation.id).limit(_EACH).subquery())
    return select(*LISTED).where(or_(*(Consultation.id.in_(select(ids.c.id)) for ids in each)))


def listing(session: Session, wish: Wish, *, after: str) -> Listing:
    """One page of the published consultations that are wished for."""
    rows, at = finding.found(session, wish, after=after), now()
    return Listing(wish, rows, standings(session, (row for row in rows.items if row.closes_at <= at)))


def standings(session: Session, rows: Iterable[Consultation | Row[Any]]) -> dict[int, Standing]:
    """How many arguments are answered in each of these, in one statement."""
    return reading.standings(session, {row.id: row.answer_by for row in rows})


def front_page(session: Session, slug: str) -> FrontPage:
    """Everything the page of one published consultation says. Raises NotFound."""
    row = session.scalar(statements.consultation(), {"slug": slug})
    if row is None:
        raise NotFound(_("There is no consultation at this address."))
    chapters = session.execute(_chapters(), {"of": row.version_id}).all()
    questions = session.scalars(statements.questions(), {"of": row.id}).all()
    voices = {"consultation": row.id}
    organisations, countries, groups, present = session.execute(_ORGANISATIONS, voices).one()
    received = books(session, row.id)
    standing = standings(session, [row])[row.id]
    return FrontPage(row, chapters, questions, received, organisations, countries, groups, present, standing)


@lru_cache(maxsize=1)
def _chapters() -> Any:
    return (
        select(Provision.eid, Provision.number, Provision.heading)
        .where(Provision.version_id == bindparam("of"), Provision.parent_id.is_(None))
        .where(Provision.kind != ProvisionKind.PARAGRAPH)
        .order_by(Provision.position)
    )
