"""Queries on the taxonomy: schemes, terms in order, and narrower terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.taxonomy.model import Scheme, Term


@dataclass(frozen=True)
class TermBranch:
    """A term with its narrower terms."""

    term: Term
    below: list[TermBranch] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Return the ids of the term and all below it."""
        return [self.term.id, *(number for branch in self.below for number in branch.numbers)]


def list_schemes(session: Session) -> Sequence[Scheme]:
    return session.scalars(select(Scheme).order_by(Scheme.position, Scheme.id)).all()


def get_scheme(session: Session, notation: str) -> Scheme:
    """Return the scheme at /taxonomy/<notation>. Raises NotFound."""
    scheme = session.scalar(select(Scheme).where(Scheme.notation == notation))
    if scheme is None:
        raise NotFound(_("We cannot find this vocabulary."))
    return scheme


def get_term(session: Session, scheme_notation: str, notation: str) -> Term:
    """Return a term of a scheme, even if retired. Raises NotFound."""
    term = session.scalar(
        select(Term)
        .join(Scheme, Scheme.id == Term.scheme_id)
        .where(Scheme.notation == scheme_notation, Term.notation == notation)
    )
    if term is None:
        raise NotFound(_("We cannot find this topic."))
    return term


def list_terms(session: Session, scheme_id: int | None = None) -> Sequence[Term]:
    """Return the terms in use of one scheme or all, each after its parent."""
    query = select(Term).join(Scheme, Scheme.id == Term.scheme_id).where(~Term.retired)
    if scheme_id is not None:
        query = query.where(Term.scheme_id == scheme_id)
    return session.scalars(query.order_by(Scheme.position, Term.scheme_id, Term.position)).all()


def build_tree(terms: Iterable[Term]) -> list[TermBranch]:
    """Return the terms as trees, in order."""
    branches: dict[int, TermBranch] = {}
    tops: list[TermBranch] = []
    for term in terms:
        branches[term.id] = branch = TermBranch(term)
        above = branches.get(term.broader_id or 0)
        (above.below if above else tops).append(branch)
    return tops


def map_narrower(terms: Iterable[Term]) -> dict[int, set[int]]:
    """Return the ids of each term and all below it, by term id. `terms` must have each after its parent."""
    narrower: dict[int, set[int]] = defaultdict(set)
    above: dict[int, int | None] = {}
    for term in terms:
        above[term.id] = term.broader_id
        at: int | None = term.id
        while at is not None:
            narrower[at].add(term.id)
            at = above.get(at)
    return narrower


@dataclass(frozen=True)
class TermPage:
    """A term with its broader and directly narrower terms, and the ids of all terms below it."""

    scheme: Scheme
    term: Term
    above: Sequence[Term]  # the topmost first
    below: Sequence[Term]
    with_narrower: frozenset[int]


def get_term_page(session: Session, scheme_notation: str, notation: str) -> TermPage:
    """Return the page of a term, even if retired. Raises NotFound. It takes three statements."""
    scheme, term = get_scheme(session, scheme_notation), get_term(session, scheme_notation, notation)
    terms = list_terms(session, scheme.id)
    by_id = {shown.id: shown for shown in terms}
    above: list[Term] = []
    at = by_id.get(term.broader_id or 0)
    while at is not None:
        above.insert(0, at)
        at = by_id.get(at.broader_id or 0)
    narrower = map_narrower(terms).get(term.id, {term.id})
    return TermPage(scheme, term, above, [shown for shown in terms if shown.broader_id == term.id], frozenset(narrower))
