"""Read-only relations of the taxonomy for packages of higher layers."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.taxonomy.model import Scheme, Term


class ReadableScheme(Relation):
    """A vocabulary. `labels` are by language."""

    selected = select(Scheme.id, Scheme.notation, Scheme.labels, Scheme.position)


class ReadableTerm(Relation):
    """A term, possibly `retired`. `labels` are by language, and `position` is the order."""

    selected = select(Term.id, Term.scheme_id, Term.notation, Term.broader_id, Term.labels, Term.position, Term.retired)
