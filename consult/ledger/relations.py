"""Read-only relations of the ledger for packages of higher layers."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.ledger.model import FollowerPosition, LedgerEntry


class ReadableLedger(Relation):
    """A ledger entry. `number` is null until its transaction has committed. `detail` is public.

    The commitment is left out, because `trace` reads it through the model.
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
    """The position of a follower: it has handled the entries below `upto`."""

    selected = select(FollowerPosition.name, FollowerPosition.consultation_id, FollowerPosition.upto)
