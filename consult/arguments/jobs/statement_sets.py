"""Statements with their words, in an order that does not depend on when they arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from consult.arguments.model import Claim
from consult.arguments.queries import get_words

ORDER = (Claim.key, Claim.proof, Claim.id)
"""By the words, as hashes; then, of the same words, by number."""


class StatementRecord(NamedTuple):
    """A statement with its part of the draft, type, argument and author."""

    id: int
    consultation_id: int
    place: str
    stance: str
    argument_id: int | None
    kept: bool
    key: bytes
    proof: bytes
    submitter: str


@dataclass(frozen=True)
class StatementSet:
    """Statements with their words, in an order that does not depend on when they arrived."""

    rows: Sequence[StatementRecord]
    texts: Sequence[str]

    def only(self, numbers: Iterable[int]) -> StatementSet:
        chosen = list(numbers)
        return StatementSet([self.rows[n] for n in chosen], [self.texts[n] for n in chosen])


def load_statements(session: Session, *where: ColumnElement[bool], most: int | None = None) -> StatementSet:
    """Return statements with their words, ordered by statement key. Statements whose words may not be read are left
    out.
    """
    columns = [getattr(Claim, name) for name in StatementRecord._fields]
    query = (
        select(*columns)
        .where(*where, Claim.campaign_id.is_(None))
        .order_by(Claim.key, Claim.proof, Claim.id)
        .limit(most)
    )
    rows = {row.id: StatementRecord(*row) for row in session.execute(query)}
    words = get_words(session, rows)
    order = sorted(words, key=lambda number: (bytes(rows[number].key), bytes(rows[number].proof), number))
    return StatementSet([rows[number] for number in order], [words[number] for number in order])
