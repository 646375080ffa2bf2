"""Relations that upper packages may read of the ledger."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.ledger.model import FollowerPosition, LedgerEntry


class ReadableLedger(Relation):
    """An entry. `number` is null until its transaction has committed; `detail` is public.

    The commitment is not in it: it is compared with a record by `trace`, through the model.
    """

    selected = select(
        LedgerEntry.number,
        LedgerEntry.at,
        LedgerEntry.kind,
        LedgerEntry.consultation_id,
        LedgerEntry.subject_id,
        LedgerEntry.actor,
        LedgerEntry.reason,
        LedgerEntry.detail,
    )


class ReadableFollower(Relation):
    """How far a follower of the ledger has come: it has followed the entries below `upto`."""

    selected = select(FollowerPosition.name, FollowerPosition.consultation_id, FollowerPosition.upto)
