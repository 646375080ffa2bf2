"""Finding a consultation: by words, where it applies, what its draft is about, and by when it closes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.paging import Page, decode_moment, page
from consult.core.text import one_line
from consult.documents.model import ProvisionTag
from consult.taxonomy.model import Scheme, Term

PAGE = 25
_PILLARS = "pillars"


@dataclass(frozen=True)
class Choices:
    """What the list can be narrowed by: only what some published consultation has."""

    countries: Collection[str] = ()
    pillars: Sequence[Term] = ()
    topics: Sequence[tuple[Scheme, Sequence[Term]]] = ()


@dataclass(frozen=True)
class Wish:
    """What is looked for. What is empty narrows nothing; of several terms, a draft is about each."""

    phase: str = ""
    words: str = ""
    country: str = ""
    terms: Sequence[int] = field(default_factory=list)
    within: int | None = None  # days until it closes

    @property
    def wanted(self) -> Phase:
        known = {Phase.OPEN, Phase.UPCOMING, Phase.CLOSED}
        return Phase(self.phase) if self.phase in known else Phase.OPEN


def choices(session: Session) -> Choices:
    """Two statements, however many consultations there are: each term is one look into an index."""
    code = func.jsonb_array_elements_text(Consultation.countries)
    used = session.scalars(select(code).where(Consultation.phase != Phase.DRAFT).distinct()).all()
    tagged = exists().where(
        ProvisionTag.term_id == Term.id, Consultation.document_id == ProvisionTag.document_id,
        Consultation.phase != Phase.DRAFT,
    )  # fmt: skip
    used_terms = select(Scheme, Term).join(Term, Term.scheme_id == Scheme.id).where(~Term.retired, tagged)
    of: dict[str, list[Term]] = {}
    schemes = {}
    for scheme, term in session.execute(used_terms.order_by(Scheme.position, Scheme.id, Term.position)):
        schemes[scheme.notation] = scheme
        of.setdefault(scheme.notation, []).append(term)
    topics = [(scheme, of[notation]) for notation, scheme in schemes.items() if notation != _PILLARS]
    return Choices(frozenset(used), of.get(_PILLARS, ()), topics)


def found(session: Session, wish: Wish, *, after: str = "") -> Page[Consultation]:
    """One page of the published consultations that are wished for: what closes soonest first, of closed ones last."""
    at, latest_first = now(), wish.wanted is Phase.CLOSED
    query = select(Consultation).where(Consultation.phase != Phase.DRAFT, *_narrowed(wish, at))
    place = tuple_(Consultation.closes_at, Consultation.id)
    if (edge := decode_moment(after)) is not None:
        query = query.where(place < edge if latest_first else place > edge)
    columns = (Consultation.closes_at, Consultation.id)
    order = [column.desc() for column in columns] if latest_first else list(columns)
    rows = session.scalars(query.order_by(*order).limit(PAGE + 1)).all()
    return page(rows, PAGE, lambda row: [row.closes_at.isoformat(), row.id])


def _narrowed(wish: Wish, at: datetime) -> list[ColumnElement[bool]]:
    """The conditions of a wish."""
    when = {
        Phase.OPEN: (Consultation.opens_at <= at) & (Consultation.closes_at > at),
        Phase.UPCOMING: Consultation.opens_at > at,
        Phase.CLOSED: Consultation.closes_at <= at,
    }
    asked: list[ColumnElement[bool]] = [when[wish.wanted]]
    if words := one_line(wish.words)[:100]:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        fields = (Consultation.title, Consultation.body, Consultation.summary)
        asked.append(or_(*(column.ilike(pattern) for column in fields)))
    if wish.country:
        asked.append(Consultation.countries.contains([wish.country]))
    if wish.within is not None and wish.wanted is not Phase.CLOSED:
        asked.append(Consultation.closes_at <= at + timedelta(days=wish.within))
    return [*asked, *(Consultation.document_id.in_(_about(term)) for term in wish.terms)]


def _about(term_id: int) -> Any:
    """The documents with a provision on a term, or on one below it."""
    below = select(Term.id).where(Term.id == term_id).cte(recursive=True)
    below = below.union(select(Term.id).where(Term.broader_id == below.c.id))
    return select(ProvisionTag.document_id).where(ProvisionTag.term_id.in_(select(below.c.id)))
