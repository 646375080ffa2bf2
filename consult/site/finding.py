"""Finding a consultation: by words, where it applies, what its draft is about, and by when it closes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, DateTime, bindparam, exists, or_, select, text, tuple_
from sqlalchemy.orm import Session, load_only

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.paging import Page, decode_moment, page
from consult.core.text import one_line
from consult.documents.model import ProvisionTag
from consult.taxonomy.model import Scheme, Term

PAGE = 25
LISTED: Any = load_only(
    Consultation.slug, Consultation.title, Consultation.body, Consultation.language, Consultation.countries,
    Consultation.tags, Consultation.opens_at, Consultation.closes_at, Consultation.timezone, Consultation.answer_by,
    raiseload=True,
)  # fmt: skip
"""What the lists say of a consultation."""
_PILLARS = "pillars"
_USED_COUNTRIES = text("SELECT DISTINCT jsonb_array_elements_text(countries) FROM consultation WHERE phase <> 'draft'")


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
    used = session.scalars(_USED_COUNTRIES).all()
    of: dict[str, list[Term]] = {}
    schemes = {}
    for scheme, term in session.execute(_used_terms()):
        schemes[scheme.notation] = scheme
        of.setdefault(scheme.notation, []).append(term)
    topics = [(scheme, of[notation]) for notation, scheme in schemes.items() if notation != _PILLARS]
    return Choices(frozenset(used), of.get(_PILLARS, ()), topics)


@lru_cache(maxsize=1)
def _used_terms() -> Any:
    tagged = exists().where(
        ProvisionTag.term_id == Term.id, Consultation.document_id == ProvisionTag.document_id,
        Consultation.phase != Phase.DRAFT,
    )  # fmt: skip
    used = select(Scheme, Term).join(Term, Term.scheme_id == Scheme.id).where(~Term.retired, tagged)
    return used.order_by(Scheme.position, Scheme.id, Term.position)


def found(session: Session, wish: Wish, *, after: str = "") -> Page[Consultation]:
    """One page of the published consultations that are wished for: what closes soonest first, of closed ones last."""
    at, latest_first = now(), wish.wanted is Phase.CLOSED
    query = _published(wish.wanted)
    if narrowed := _narrowed(wish, at):
        query = query.where(*narrowed)
    place = tuple_(Consultation.closes_at, Consultation.id)
    if (edge := decode_moment(after)) is not None:
        query = query.where(place < edge if latest_first else place > edge)
    rows = session.scalars(query, {"at": at}).all()
    return page(rows, PAGE, lambda row: [row.closes_at.isoformat(), row.id])


@lru_cache(maxsize=3)
def _published(wanted: Phase) -> Any:
    """The first page of the consultations that were in this phase `at` a time."""
    at: Any = bindparam("at", type_=DateTime(timezone=True))
    when = {
        Phase.OPEN: (Consultation.opens_at <= at) & (Consultation.closes_at > at),
        Phase.UPCOMING: Consultation.opens_at > at,
        Phase.CLOSED: Consultation.closes_at <= at,
    }
    columns = (Consultation.closes_at, Consultation.id)
    order = [column.desc() for column in columns] if wanted is Phase.CLOSED else list(columns)
    query = select(Consultation).where(Consultation.phase != Phase.DRAFT, when[wanted])
    return query.options(LISTED).order_by(*order).limit(PAGE + 1)


def _narrowed(wish: Wish, at: datetime) -> list[ColumnElement[bool]]:
    """What a wish asks for besides the phase."""
    asked: list[ColumnElement[bool]] = []
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
