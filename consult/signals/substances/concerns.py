"""The concern that a substance raises where it is new, by its family in the vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consult.signals.rule.observations import Concern
from consult.taxonomy.model import Term

_FAMILIES = {
    "synthetic-cannabinoids": Concern.DANGEROUS,
    "opioids": Concern.DANGEROUS,
    "sedatives": Concern.DANGEROUS,
    "nps": Concern.DANGEROUS,
    "medicines": Concern.CUTTING,
}
"""The concern of each family that differs from `ACTIVE`. The nearest family counts."""


def list_concerns(terms: Sequence[Term]) -> Mapping[int, Concern]:
    """Return the concern of each substance by id. `terms` hold each after its parent."""
    found: dict[int, Concern] = {}
    for term in terms:
        above = found.get(term.broader_id or 0, Concern.ACTIVE)
        found[term.id] = _FAMILIES.get(term.notation, above)
    return found
