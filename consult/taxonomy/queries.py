"""Reads of the taxonomy: schemes, terms in their order, the terms below one."""

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
    """A term with the terms below it."""

    term: Term
    below: list[TermBranch] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Its term, and all below it."""
        return [self.term.id, *(number for branch in self.below for number in branch.numbers)]


def list_schemes(session: Session) -> Sequence[Scheme]:
    return session.scalars(select(Scheme).order_by(Scheme.position, Scheme.id)).all()


def get_scheme(session: Session, notation: str) -> Scheme:
    """The scheme at /taxonomy/<notation>. Raises NotFound."""
    found = session.scalar(select(Scheme).where(Scheme.notation == notation))
    if found is None:
        raise NotFound(_("There is no such vocabulary."))
    return found


def get_term(session: Session, scheme_notation: str, notation: str) -> Term:
    """The term of a scheme, also one that is retired. Raises NotFound."""
    found = session.scalar(
        select(Term)
        .join(Scheme, Scheme.id == Term.scheme_id)
        .where(Scheme.notation == scheme_notation, Term.notation == notation)
    )
    if found is None:
        raise NotFound(_("There is no such term."))
    return found


def list_terms(session: Session, scheme_id: int | None = None) -> Sequence[Term]:
    """The terms in use, of one scheme or of all, each after the one above it."""
    query = select(Term).join(Scheme, Scheme.id == Term.scheme_id).where(~Term.retired)
    if scheme_id is not None:
        query = query.where(Term.scheme_id == scheme_id)
    return session.scalars(query.order_by(Scheme.position, Term.scheme_id, Term.position)).all()


def build_tree(terms: Iterable[Term]) -> list[TermBranch]:
    """The terms as branches, in their order."""
    branches: dict[int, TermBranch] = {}
    tops: list[TermBranch] = []
    for term in terms:
        branches[term.id] = branch = TermBranch(term)
        above = branches.get(term.broader_id or 0)
        (above.below if above else tops).append(branch)
    return tops


def map_narrower(terms: Iterable[Term]) -> dict[int, set[int]]:
    """For each term, its own number and those of all terms below it. `terms` has each after the one above it."""
    found: dict[int, set[int]] = defaultdict(set)
    above: dict[int, int | None] = {}
    for term in terms:
        above[term.id] = term.broader_id
        at: int | None = term.id
        while at is not None:
            found[at].add(term.id)
            at = above.get(at)
    return found


@dataclass(frozen=True)
class TermPage:
    """A term with those above and right below it, and the numbers of all terms that count as it."""

    scheme: Scheme
    term: Term
    above: Sequence[Term]  # the topmost first
    below: Sequence[Term]
    with_narrower: frozenset[int]


def get_term_page(session: Session, scheme_notation: str, notation: str) -> TermPage:
    """The page of a term, also of one that is retired. Raises NotFound. Three statements."""
    scheme, term = get_scheme(session, scheme_notation), get_term(session, scheme_notation, notation)
    terms = list_terms(session, scheme.id)
    by_id = {one.id: one for one in terms}
    above: list[Term] = []
    at = by_id.get(term.broader_id or 0)
    while at is not None:
        above.insert(0, at)
        at = by_id.get(at.broader_id or 0)
    narrower = map_narrower(terms).get(term.id, {term.id})
    return TermPage(scheme, term, above, [one for one in terms if one.broader_id == term.id], frozenset(narrower))
