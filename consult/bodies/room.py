"""Public tables of this package: bodies and their members."""

from __future__ import annotations

from consult.bodies.model import BodyAlias, BodyMember, PublicBody
from consult.ledger.statements import PublicTable

BODY = PublicTable(
    PublicBody,
    public="id slug name names code kind country about address logo colour promise_days domain domain_proved_at",
    private="created_at revision",
)
BODY_ALIAS = PublicTable(BodyAlias, public="slug body_id")
BODY_MEMBER = PublicTable(BodyMember, public="id body_id role since", people="account_id")
