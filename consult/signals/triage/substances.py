"""The substance that the words of a report name, by the taxonomy: proposed, and a person confirms it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.signals.likeness.substances import SubstanceIndex, SubstanceMatch, SubstanceName, list_names
from consult.signals.model import SignalReport
from consult.taxonomy.model import Scheme, Term

_SCHEME = "substances"


@dataclass(frozen=True)
class NamedSubstances:
    """(number, name) of the substances that a report names, and of those with names that are alike."""

    named: Sequence[tuple[int, str]] = ()
    near: Sequence[tuple[int, str]] = ()


def get_named(session: Session, report: SignalReport, language: str) -> NamedSubstances:
    """What the words of a report may mean; nothing where they name nothing known. One statement."""
    terms = list_terms(session)
    match, names = match_words(report, build_index(terms)), {term.id: term.label(language) for term in terms}
    return NamedSubstances(
        [(number, names[number]) for number in match.certain],
        [(number, names[number]) for number, _likeness in match.proposed],
    )


def list_terms(session: Session) -> Sequence[Term]:
    """The substances and their families in use, each after the one above it."""
    rows = select(Term).join(Scheme, Scheme.id == Term.scheme_id).where(Scheme.notation == _SCHEME, ~Term.retired)
    return session.scalars(rows.order_by(Term.position)).all()


def build_index(terms: Sequence[Term]) -> SubstanceIndex:
    """The names of all terms; of a family and a substance with one name, the substance has it."""
    depths: dict[int, int] = {}
    for term in terms:
        depths[term.id] = 1 + depths.get(term.broader_id or 0, 0)
    return SubstanceIndex.build(
        SubstanceName(term.id, list_names(term.labels, term.others), depths[term.id]) for term in terms
    )


def match_words(report: SignalReport, index: SubstanceIndex) -> SubstanceMatch:
    """The substance that a report says it turned out to be, or else what it was sold as."""
    said = index.match(report.substance_said) if report.substance_said else SubstanceMatch()
    return said if said.certain or said.proposed else index.match(report.product)


def find_tested(report: SignalReport, index: SubstanceIndex) -> frozenset[int]:
    """The one that a person gave it, or else those that it says it turned out to be; empty: it says nothing of it."""
    return frozenset((report.substance_id,) if report.substance_id else index.match(report.substance_said).likely)


def find_families(numbers: Iterable[int], terms: Sequence[Term]) -> frozenset[int]:
    """What substances are kinds of, all the way up."""
    above = {term.id: term.broader_id for term in terms}
    found: set[int] = set()
    for number in numbers:
        while (broader := above.get(number)) is not None and broader not in found:
            found.add(broader)
            number = broader
    return frozenset(found)
