"""Answers in tests: a consultation with an argument, and somebody who answers it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.documents.model import Provision, Version
from consult.ledger.model import LedgerEntry
from consult.responses import service
from consult.responses.actions.service import LEADS_SOMEWHERE, ProposedAction
from consult.responses.model import AnswerOutcome, Response
from consult.responses.service import ProposedAnswer
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, holding, said

LEADS = {
    "action_title": "Pay for the exchanges",
    "action_owner": "Ministry of Health",
    "action_due": ["1", "6", str(now().year + 2)],
}
"""What an accepted answer leads to, as a browser sends it."""
PROMISED = ProposedAction("Pay for the exchanges", "Ministry of Health", date(now().year + 2, 6, 1))
REASONS = "The exchange is paid for by each State now."


def argued(session: Session, **values: Any) -> tuple[Consultation, Argument]:
    """A consultation in which three people want needle exchange paid for, and three naloxone on release.

    Its owner has named both arguments.
    """
    row = factories.consultation(session, **values)
    said(session, row, *NEEDLES, *PRISONS)
    for words, name in ((PRISONS[0], "Naloxone on release"), (NEEDLES[0], "Needle exchange")):
        name_argument(session, holding(session, row, words), name)
    return row, holding(session, row, NEEDLES[0])


def name_argument(session: Session, argument: Argument, words: str) -> None:
    """Name an argument as the owner of its consultation; committed."""
    row = session.get_one(Consultation, argument.consultation_id)
    arguments.name_argument(session, argument_id=argument.id, by=owner(session, row), words=words)
    session.commit()


def owner(session: Session, row: Consultation) -> Account:
    return session.get_one(Account, row.owner_id)


def answer(
    session: Session, argument: Argument, *, by: Account | None = None, outcome: str = "accepted",
    reasons: str = REASONS, seen: str = "", **values: Any,
) -> Response:  # fmt: skip
    """Answer as the consultation's owner unless somebody else is named; committed."""
    person = by or owner(session, session.get_one(Consultation, argument.consultation_id))
    at = values.pop("at", None)
    if outcome in LEADS_SOMEWHERE and not values.get("text_suffices"):
        values.setdefault("action", PROMISED)
    given = ProposedAnswer(AnswerOutcome(outcome), reasons, **values)
    made = service.answer_argument(session, argument_id=argument.id, by=person, given=given, seen=seen, at=at)
    session.commit()
    return made


def entries(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """Return the entries of the ledger on answers."""
    rows: Iterable[LedgerEntry] = session.scalars(
        select(LedgerEntry).where(LedgerEntry.kind.startswith("response.")).order_by(LedgerEntry.id)
    )  # fmt: skip
    return [(row.kind, row.detail) for row in rows]


def provision(session: Session, version: Version, number: str) -> int:
    wanted = select(Provision.id).where(Provision.version_id == version.id, Provision.number == number)
    return session.scalars(wanted).one()
