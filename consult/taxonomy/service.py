"""Import and export of taxonomy packs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.taxonomy import queries
from consult.taxonomy.model import Scheme, Term
from consult.taxonomy.pack import Concept, Vocabulary

PACKS = Path(__file__).parent / "packs"


@dataclass
class PackChanges:
    """The changes made by importing a pack."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    schemes: int = 0  # new or changed


def find_pack(name: str) -> Path | None:
    """Return the file of a pack included in Consult, such as `drug-policy`, or None."""
    path = PACKS / f"{name}.ttl"
    return path if path.parent == PACKS and path.exists() else None


def load_pack(session: Session, vocabularies: Sequence[Vocabulary]) -> PackChanges:
    """Import a pack or a new edition of it, and return the numbers of changes.

    Terms missing from a new edition are retired and remain where they are used.
    """
    done = PackChanges()
    for place, vocabulary in enumerate(vocabularies):
        scheme = session.scalar(select(Scheme).where(Scheme.uri == vocabulary.uri))
        if scheme is None:
            scheme = Scheme(uri=vocabulary.uri)
            session.add(scheme)
        scheme.notation, scheme.labels, scheme.position = vocabulary.notation, dict(vocabulary.labels), place
        done.schemes += scheme in session.new or session.is_modified(scheme)
        session.flush()
        _update_terms(session, scheme, vocabulary.concepts, done)
    return done


def _update_terms(session: Session, scheme: Scheme, concepts: Sequence[Concept], done: PackChanges) -> None:
    stored = {term.uri: term for term in session.scalars(select(Term).where(Term.scheme_id == scheme.id))}
    for place, concept in enumerate(concepts):
        term = stored.get(concept.uri)
        above = stored[concept.broader].id if concept.broader else None
        values = {
            "notation": concept.notation,
            "labels": dict(concept.labels),
            "others": dict(concept.others),
            "source": concept.source,
            "position": place,
            "broader_id": above,
            "retired": False,
        }
        if term is None:
            stored[concept.uri] = term = Term(uri=concept.uri, scheme_id=scheme.id, **values)
            session.add(term)
            session.flush()  # narrower terms need its id
            done.added += 1
        elif any(getattr(term, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(term, name, value)
            done.changed += 1
    for uri in stored.keys() - {concept.uri for concept in concepts}:
        done.retired += not stored[uri].retired
        stored[uri].retired = True
    session.flush()


def export_vocabularies(session: Session, notation: str | None = None) -> list[Vocabulary]:
    """Return the schemes as a pack, or one of them. Raises NotFound."""
    schemes = [queries.get_scheme(session, notation)] if notation else queries.list_schemes(session)
    return [
        Vocabulary(scheme.uri, scheme.notation, scheme.labels, _to_concepts(queries.list_terms(session, scheme.id)))
        for scheme in schemes
    ]


def _to_concepts(terms: Sequence[Term]) -> list[Concept]:
    by_id = {term.id: term.uri for term in terms}
    return [
        Concept(term.uri, term.notation, term.labels, term.others, by_id.get(term.broader_id or 0), term.source)
        for term in terms
    ]
