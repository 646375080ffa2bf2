"""Relations that upper packages may read of the taxonomy."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.taxonomy.model import Scheme, Term


class ReadableScheme(Relation):
    """A vocabulary; `labels` by language."""

    selected = select(Scheme.id, Scheme.notation, Scheme.labels, Scheme.position)


class ReadableTerm(Relation):
    """A term, also one that is `retired`; `labels` by language, in the order of `position`."""

    selected = select(Term.id, Term.scheme_id, Term.notation, Term.broader_id, Term.labels, Term.position, Term.retired)
