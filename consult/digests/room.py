"""Public tables of this package: digests, whose bodies have a ledger commitment."""

from __future__ import annotations

from consult.digests.model import Digest
from consult.ledger.statements import PublicTable

DIGEST = PublicTable(
    Digest,
    public="id consultation_id cadence edition slot_at since until empty compiled_at",
    derived="body",
    check="digests",
)
