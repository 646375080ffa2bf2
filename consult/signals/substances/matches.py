"""Substances named in the text of a report, suggested by the taxonomy and confirmed by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.signals.likeness.substances import SubstanceIndex, SubstanceMatch, SubstanceName, list_names
from consult.signals.model import SignalReport
from consult.signals.substances.model import SubstanceAlias, SubstanceRecord
from consult.taxonomy.model import Scheme, Term

_SCHEME = "substances"


@dataclass(frozen=True)
class NamedSubstances:
    """(id, name) pairs of the substances a report names, and of those with similar names."""

    named: Sequence[tuple[int, str]] = ()
    near: Sequence[tuple[int, str]] = ()


def get_named(session: Session, report: SignalReport, language: str) -> NamedSubstances:
    """Return the substances that a report's text may mean. Three statements."""
    terms = list_terms(session)
    match, names = match_words(report, load_index(session, terms)), {term.id: term.label(language) for term in terms}
    return NamedSubstances(
        [(number, names[number]) for number in match.certain],
        [(number, names[number]) for number, _likeness in match.proposed],
    )


def list_terms(session: Session) -> Sequence[Term]:
    """Return the substances and families in use, each after its parent."""
    rows = select(Term).join(Scheme, Scheme.id == Term.scheme_id).where(Scheme.notation == _SCHEME, ~Term.retired)
    return session.scalars(rows.order_by(Term.position)).all()


def load_index(session: Session, terms: Sequence[Term] | None = None) -> SubstanceIndex:
    """Return an index of the names in the vocabulary, in records, and matched by people. At most three statements."""
    more: dict[int, list[str]] = defaultdict(list)
    for term_id, names in session.execute(select(SubstanceRecord.term_id, SubstanceRecord.names)):
        more[term_id] += names
    for term_id, words in session.execute(select(SubstanceAlias.term_id, SubstanceAlias.words)):
        more[term_id].append(words)
    return build_index(list_terms(session) if terms is None else terms, more)


def build_index(terms: Sequence[Term], more: Mapping[int, Sequence[str]] | None = None) -> SubstanceIndex:
    """Return an index of all names. A name shared by a family and a substance belongs to the substance.

    `more` are names by id that are not in the vocabulary.
    """
    added = more or {}
    depths: dict[int, int] = {}
    for term in terms:
        depths[term.id] = 1 + depths.get(term.broader_id or 0, 0)
    return SubstanceIndex.build(
        SubstanceName(term.id, [*list_names(term.labels, term.others), *added.get(term.id, ())], depths[term.id])
        for term in terms
    )


def match_words(report: SignalReport, index: SubstanceIndex) -> SubstanceMatch:
    """Return the matches of the substance that was found, else of the product name."""
    said = index.match(report.substance_said) if report.substance_said else SubstanceMatch()
    return said if said.certain or said.proposed else index.match(report.product)


def find_tested(report: SignalReport, index: SubstanceIndex) -> frozenset[int]:
    """Return the substances found: the one set by a person, else those that the report names. Empty if unknown."""
    return frozenset((report.substance_id,) if report.substance_id else index.match(report.substance_said).likely)


def find_families(numbers: Iterable[int], terms: Sequence[Term]) -> frozenset[int]:
    """Return the families of substances, with the families of these families."""
    above = {term.id: term.broader_id for term in terms}
    families: set[int] = set()
    for number in numbers:
        while (broader := above.get(number)) is not None and broader not in families:
            families.add(broader)
            number = broader
    return frozenset(families)
