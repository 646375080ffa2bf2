"""Public tables of this package: organisations. Accounts are private."""

from __future__ import annotations

from consult.accounts.model import Organisation
from consult.ledger.statements import PublicTable

ORGANISATION = PublicTable(
    Organisation,
    public="id name kind country website registry_number proven_domain proven_at outcomes_address",
    private="two_people files_for_others created_at",
)
