"""Search for consultations by words, country, topic and closing date."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Row, bindparam, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from consult.bodies.model import PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.paging import Page, decode_time_cursor, make_page
from consult.core.text import drop_silent, fold_text, one_line
from consult.documents import tags
from consult.submissions.model import Tally

PAGE = 25
_RECEIVED = (
    select(func.coalesce(func.sum(Tally.n), 0).cast(BigInteger))
    .where(Tally.consultation_id == Consultation.id, Tally.provision_id.is_(None))
    .scalar_subquery()
    .label("received")
)
LISTED_COLUMNS = (
    Consultation.id, Consultation.slug, Consultation.title, Consultation.body, Consultation.language,
    Consultation.countries, Consultation.tags, Consultation.opens_at, Consultation.closes_at, Consultation.timezone,
    Consultation.answer_by, _RECEIVED,
)  # fmt: skip
"""Columns of a consultation in lists, with the number of submissions."""
_PILLARS = "pillars"
_USED = text(
    """
    SELECT ARRAY(
        SELECT DISTINCT jsonb_array_elements_text(countries) FROM readable_consultation WHERE phase <> 'draft'
    ), (
        SELECT jsonb_agg(jsonb_build_array(s.notation, s.labels, used.terms) ORDER BY s.position, s.id)
        FROM readable_scheme s, LATERAL (
            SELECT jsonb_agg(jsonb_build_array(term.id, term.labels) ORDER BY term.position) AS terms
            FROM readable_term AS term
            WHERE term.scheme_id = s.id AND NOT term.retired AND EXISTS (
                SELECT FROM readable_provision_tag p JOIN readable_consultation c ON c.document_id = p.document_id
                WHERE p.term_id = term.id AND c.phase <> 'draft'
            )
        ) used WHERE used.terms IS NOT NULL
    )
    """
)
Labels = dict[str, str]
"""A label by language."""
TermChoice = tuple[int, Labels]
"""A term with its id."""


@dataclass(frozen=True)
class FilterChoices:
    """The choices of the filters: only values that a published consultation has."""

    countries: Collection[str] = ()
    pillars: Sequence[TermChoice] = ()
    topics: Sequence[tuple[Labels, Sequence[TermChoice]]] = ()


@dataclass(frozen=True)
class ConsultationFilter:
    """Filters of the list. Empty ones filter nothing. A draft must have all selected terms."""

    phase: str = ""
    words: str = ""
    country: str = ""
    terms: Sequence[int] = field(default_factory=list)
    within: int | None = None  # days until closing
    body: str = ""  # slug of a body that runs it, alone or jointly

    @property
    def wanted(self) -> Phase:
        known = {Phase.OPEN, Phase.UPCOMING, Phase.CLOSED}
        return Phase(self.phase) if self.phase in known else Phase.OPEN


def list_choices(session: Session) -> FilterChoices:
    """Return the choices in one statement. Each term takes one index lookup."""
    countries, schemes = session.execute(_USED).one()
    pillars = [term for notation, _labels, terms in schemes or () if notation == _PILLARS for term in terms]
    topics = [(labels, terms) for notation, labels, terms in schemes or () if notation != _PILLARS]
    return FilterChoices(frozenset(countries), pillars, topics)


def find_consultations(session: Session, filters: ConsultationFilter, *, after: str = "") -> Page[Row[Any]]:
    """Return a page of matching published consultations by closing time. Closed ones are sorted latest first."""
    at, latest_first = now(), filters.wanted is Phase.CLOSED
    query = _published(filters.wanted)
    if narrowed := _narrowed(filters, at):
        query = query.where(*narrowed)
    place = tuple_(Consultation.closes_at, Consultation.id)
    if (edge := decode_time_cursor(after)) is not None:
        query = query.where(place < edge if latest_first else place > edge)
    rows = session.execute(query, {"at": at}).all()
    return make_page(rows, PAGE, lambda row: [row.closes_at.isoformat(), row.id])


@lru_cache(maxsize=3)
def _published(wanted: Phase) -> Any:
    """Select the first page of consultations in this phase at the time `at`."""
    at: Any = bindparam("at", type_=DateTime(timezone=True))
    when = {
        Phase.OPEN: (Consultation.opens_at <= at) & (Consultation.closes_at > at),
        Phase.UPCOMING: Consultation.opens_at > at,
        Phase.CLOSED: Consultation.closes_at <= at,
    }
    columns = (Consultation.closes_at, Consultation.id)
    order = [column.desc() for column in columns] if wanted is Phase.CLOSED else list(columns)
    query = select(*LISTED_COLUMNS).where(Consultation.phase != Phase.DRAFT, when[wanted])
    return query.order_by(*order).limit(PAGE + 1)


def _narrowed(filters: ConsultationFilter, at: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters, without the phase."""
    asked: list[ColumnElement[bool]] = []
    if words := one_line(fold_text(filters.words))[:100]:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        fields = (Consultation.title, Consultation.body, Consultation.summary)
        asked.append(or_(*(column.ilike(pattern) for column in fields)))
    if filters.body:
        asked.append(_asked_by(one_line(drop_silent(filters.body))))
    if filters.country:
        asked.append(Consultation.countries.contains([filters.country]))
    if filters.within is not None and filters.wanted is not Phase.CLOSED:
        asked.append(Consultation.closes_at <= at + timedelta(days=filters.within))
    return [*asked, *(Consultation.document_id.in_(tags.select_documents(term)) for term in filters.terms)]


def _asked_by(slug: str) -> ColumnElement[bool]:
    body = select(PublicBody.id).where(PublicBody.slug == slug).scalar_subquery()
    joint = select(ConsultationBody.consultation_id).where(
        ConsultationBody.body_id == body, ConsultationBody.part == PartInConsultation.ASKS
    )
    return or_(Consultation.body_id == body, Consultation.id.in_(joint))
