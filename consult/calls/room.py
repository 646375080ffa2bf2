"""Public tables of this package: calls for comments that were opened."""

from __future__ import annotations

from consult.calls.model import CommentCall
from consult.ledger.statements import PublicTable

CALL = PublicTable(
    CommentCall,
    public="id slug organisation_id consultation_id places texts language ends_at opened_at closed_at "
    "closed_by_clock campaign_id",
    private="created_at revision",
    shown=CommentCall.opened_at.is_not(None),
)
