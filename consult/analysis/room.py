"""Public tables of this package: campaigns as declared by organisers, and counts of published submissions."""

from __future__ import annotations

from consult.analysis.model import Campaign
from consult.ledger.statements import PublicTable

CAMPAIGN = PublicTable(
    Campaign,
    public="id consultation_id name organiser letter consent declared_at published public_texts public_exact "
    "public_adding public_contrary public_confirmed public_both",
    private="letter_hash versions core ours name_slots detected template judged declared_by texts members exact adding "
    "contrary confirmed",
)
