"""Public tables of this package: reasons, policy versions and former names.

Also helpers that declare the tables of decisions, appeals and content reports of other packages.
"""

from __future__ import annotations

from consult.core.db import Base
from consult.decisions.model import DecisionEnd, FormerName, PolicyVersion, ReasonCode
from consult.ledger.statements import PublicTable

FORMER_NAME = PublicTable(FormerName, public="id organisation_id body_id name until")
REASON = PublicTable(
    ReasonCode,
    public="code name meaning position retired_at",
    shown=(ReasonCode.name != "") | ReasonCode.retired_at.is_not(None),
)
POLICY_VERSION = PublicTable(
    PolicyVersion, public="number texts appeal_days promise_days change at", people="account_id"
)


def declare_decisions(table: type[Base], item: str) -> PublicTable:
    """Declare a table of decisions whose statement is in the column `item`. Only effective decisions are public."""
    return PublicTable(
        table,
        public=f"id {item} outcome reason policy at ended ended_at",
        people="moderator_id second_id",
        private="note mark due_at",
        shown=table.__table__.c.ended == DecisionEnd.TOOK_EFFECT,
    )


def declare_appeals(table: type[Base], item: str) -> PublicTable:
    """Declare a table of appeals. `item` is the column of the statement."""
    public = f"id {item} decision_id received_at outcome answered_at answer"
    return PublicTable(table, public=public, people="moderator_id", private="words")


def declare_reader_reports(table: type[Base], item: str) -> PublicTable:
    """Return the declaration of a table of readers' reports: its public, personal and private columns."""
    public = f"id {item} kind received_at outcome answered_at answer"
    return PublicTable(table, public=public, people="moderator_id", private="key salt words contact language")
