"""The concern that a substance raises where it is new, by its family in the vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consult.signals.rule.observations import SubstanceConcern
from consult.taxonomy.model import Term

_FAMILIES = {
    "synthetic-cannabinoids": SubstanceConcern.DANGEROUS,
    "opioids": SubstanceConcern.DANGEROUS,
    "sedatives": SubstanceConcern.DANGEROUS,
    "nps": SubstanceConcern.DANGEROUS,
    "medicines": SubstanceConcern.CUTTING,
}
"""The concern of each family that differs from `ACTIVE`. The nearest family counts."""


def list_concerns(terms: Sequence[Term]) -> Mapping[int, SubstanceConcern]:
    """Return the concern of each substance by id. `terms` hold each after its parent."""
    concerns: dict[int, SubstanceConcern] = {}
    for term in terms:
        above = concerns.get(term.broader_id or 0, SubstanceConcern.ACTIVE)
        concerns[term.id] = _FAMILIES.get(term.notation, above)
    return concerns
