"""Public tables of the taxonomy, which is public as a whole."""

from __future__ import annotations

from consult.ledger.statements import PublicTable
from consult.taxonomy.model import Scheme, Term

SCHEME = PublicTable(Scheme, public="id uri notation labels position")
TERM = PublicTable(Term, public="id scheme_id uri notation broader_id labels others source position retired")
