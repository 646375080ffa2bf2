"""Sample arguments: proposed by the job, some then sorted and named by a moderator.

Safe to repeat as more is published.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries, service
from consult.arguments.model import Argument, Claim
from consult.consultations.model import Consultation
from consult.documents.model import Provision
from consult.ledger import service as ledger

_FILE = Path(__file__).parent / "data" / "arguments.toml"


@dataclass(frozen=True)
class SampleArgument:
    """An argument and the first words of its statements."""

    consultation: str
    on: str
    stance: str
    name: str
    statements: list[str]


def load(session: Session, consultations: dict[str, Consultation], by: Account, at: datetime | None = None) -> None:
    """Create the statements and arguments of these sample consultations in their current state."""
    for row in consultations.values():
        service.FOLLOWER.follow(session, consultation_id=row.id, until=ledger.head(session), at=at)
    for number, place in queries.list_due(session):
        service.propose(session, consultation_id=number, place=place, at=at)
    for entry in tomllib.loads(_FILE.read_text(encoding="utf-8"))["argument"]:
        argued = SampleArgument(**entry)
        if argued.consultation in consultations:
            _build_argument(session, consultations[argued.consultation], argued, by, at)


def _build_argument(
    session: Session, row: Consultation, argued: SampleArgument, by: Account, at: datetime | None
) -> None:
    """Move the statements out of their proposed arguments into one with this name."""
    there = session.scalar(select(Argument.id).where(Argument.consultation_id == row.id, Argument.name == argued.name))
    found = [claim for claim in _claims(session, row, argued) if there is None or claim.argument_id != there]
    proposed: dict[int, list[int]] = {}
    for claim in found:
        if claim.argument_id:
            proposed.setdefault(claim.argument_id, []).append(claim.id)
    for number, claims in sorted(proposed.items()):
        service.remove_statements(session, argument_id=number, claim_ids=claims, by=by, at=at)
    if found:
        chosen = [claim.id for claim in found]
        service.add_statements(
            session, consultation=row, claim_ids=chosen, to_id=there, by=by, words=argued.name, at=at
        )


def _claims(session: Session, row: Consultation, argued: SampleArgument) -> list[Claim]:
    wid = select(Provision.wid).where(Provision.version_id == row.version_id, Provision.number == argued.on)
    rows = {
        claim.id: claim
        for claim in session.scalars(
            select(Claim)
            .where(Claim.consultation_id == row.id, Claim.place == wid.scalar_subquery(), Claim.stance == argued.stance)
            .order_by(Claim.id)
        )
    }
    words = queries.get_words(session, rows)
    return [rows[number] for number in sorted(words) if words[number].startswith(tuple(argued.statements))]
