"""The verbs of answers: give one, change it, say who is to give it. Each leaves its entry in the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation, Phase
from consult.core.access import Allow, Role, permits
from consult.core.clock import now
from consult.core.crypto import commitment, pseudonym
from consult.core.db import lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.responses import changes, drafts, reading
from consult.responses.model import Obligation, Outcome, Response, ResponseFormer

MOST = 4_000
"""Characters of the reasons."""
LONGEST = 24
"""Months that an answer can be deferred for."""


class AnsweredMeanwhile(Conflict):
    """Somebody else gave or changed this answer since the form was opened."""


@dataclass(frozen=True)
class Given:
    """What somebody wants to answer. `change` names a version and the provision whose words changed in it."""

    outcome: Outcome
    reasons: str
    due_on: date | None = None
    change: tuple[int, int] | None = None


def answer(
    session: Session, *, argument_id: int, by: Account, given: Given, seen: str, at: datetime | None = None
) -> Response:  # fmt: skip
    """Answers an argument, or changes its answer; what it said before is kept. The same again changes nothing.

    `seen` is the token of the answer that the form showed, empty for none. Raises NotFound, Forbidden, Refusal, and
    AnsweredMeanwhile where it is not the present one.
    """
    argument = answerable(session, argument_id, by)
    row = session.get_one(Consultation, argument.consultation_id)
    lock(session, "response", argument.id)
    found, moment = reading.present(session, argument.id), at or now()
    if seen != (found.token if found else ""):
        raise AnsweredMeanwhile(_("Somebody else has answered or changed the answer since you opened this page."))
    given = checked(session, row, given, at=moment)
    if found is None:
        return _give(session, row, argument, by, given, moment)
    return _amend(session, row, found, by, given, moment)


def checked(session: Session, row: Consultation, given: Given, *, at: datetime | None = None) -> Given:
    """What can be published of it; what belongs to another outcome is left out. Raises Refusal with its field."""
    reasons = clean(given.reasons)
    if not reasons:
        raise Refusal(_("Give the reasons: an answer cannot be published without them."), field="reasons")
    if len(reasons) > MOST:
        raise Refusal(_("The reasons are too long."), field="reasons")
    due_on = _day(given.due_on, (at or now()).date()) if given.outcome is Outcome.DEFERRED else None
    if given.change is not None and given.change not in changes.known(session, row):
        raise Refusal(_("Choose a change from the list."), field="change")
    return Given(given.outcome, reasons, due_on, given.change)


def _day(due_on: date | None, today: date) -> date:
    """Until when an answer is deferred."""
    if due_on is None:
        raise Refusal(_("Say until when the answer is deferred."), field="due_on")
    if due_on <= today:
        raise Refusal(_("Choose a day that is still to come."), field="due_on")
    months = 12 * (due_on.year - today.year) + due_on.month - today.month
    if (months, due_on.day) > (LONGEST, today.day):
        said = _("An answer can be deferred for at most %(months)s months. Choose an earlier day.", months=LONGEST)
        raise Refusal(said, field="due_on")
    return due_on


def assign(
    session: Session, *, argument_id: int, by: Account, owner_id: int | None, at: datetime | None = None
) -> None:  # fmt: skip
    """Says who is to answer an argument; None: whoever owns the consultation. Raises NotFound, Forbidden, Refusal."""
    argument = arguments.argument(session, argument_id)
    check_owns(session.get_one(Consultation, argument.consultation_id), by)
    if owner_id is None:
        session.execute(delete(Obligation).where(Obligation.argument_id == argument.id))
        return
    owner = session.get(Account, owner_id)
    if owner is None or not permits(Allow.POLICYMAKER, owner.role):
        raise Refusal(_("Choose a policymaker."), field="owner")
    values = {"owner_id": owner.id, "given_by": by.id, "given_at": at or now()}
    row = insert(Obligation).values(argument_id=argument.id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["argument_id"], set_=values))


def leave(session: Session, *, account_id: int) -> None:
    """Nothing is asked any more of an account that goes, and its drafts go; what it answered stays."""
    session.execute(delete(Obligation).where(Obligation.owner_id == account_id))
    drafts.leave(session, account_id=account_id)


def may(session: Session, row: Consultation, argument: Argument, by: Account) -> bool:
    """Whether somebody may answer an argument: an admin, who owns the consultation, or who was asked to answer it."""
    if owns(row, by):
        return True
    obligation = session.get(Obligation, argument.id) if by.role is Role.POLICYMAKER else None
    return obligation is not None and obligation.owner_id == by.id


def answerable(session: Session, number: int, by: Account) -> Argument:
    """An argument, for whoever may answer it. Raises NotFound, Forbidden."""
    argument = arguments.argument(session, number)
    check_may(session, session.get_one(Consultation, argument.consultation_id), argument, by)
    return argument


def owns(row: Consultation, by: Account) -> bool:
    """Whether somebody speaks for a consultation: who owns it, and admins."""
    return by.role is Role.ADMIN or (by.role is Role.POLICYMAKER and row.owner_id == by.id)


def check_may(session: Session, row: Consultation, argument: Argument, by: Account) -> None:
    """Raises NotFound, Forbidden."""
    if row.phase is Phase.DRAFT:
        raise NotFound(_("There is no argument of this number."))
    if not may(session, row, argument, by):
        raise Forbidden(_("Only who owns the consultation, or was asked to answer this argument, can answer it."))


def check_owns(row: Consultation, by: Account) -> None:
    """Raises Forbidden."""
    if not owns(row, by):
        raise Forbidden(_("Only who owns the consultation says who answers."))


def _give(
    session: Session, row: Consultation, argument: Argument, by: Account, given: Given, at: datetime
) -> Response:  # fmt: skip
    made = Response(consultation_id=row.id, argument_id=argument.id, answered_at=at, said_at=at)
    _say(made, given, by)
    session.add(made)
    session.flush()
    _record(session, Kind.RESPONSE_GIVEN, made, by, {})
    return made


def _amend(
    session: Session, row: Consultation, found: Response, by: Account, given: Given, at: datetime
) -> Response:  # fmt: skip
    version_id, provision_id = given.change or (None, None)
    was = (found.outcome, found.reasons, found.due_on, found.version_id, found.provision_id)
    if was == (given.outcome, given.reasons, given.due_on, version_id, provision_id):
        return found
    session.add(ResponseFormer(
        response_id=found.id, outcome=found.outcome, reasons=found.reasons, due_on=found.due_on,
        version_id=found.version_id, provision_id=found.provision_id, account_id=found.account_id,
        said_at=found.said_at, replaced_at=at,
    ))  # fmt: skip
    before = found.outcome
    _say(found, given, by)
    found.said_at = at
    session.flush()
    _record(session, Kind.RESPONSE_AMENDED, found, by, {"was": str(before)})
    return found


def _say(row: Response, given: Given, by: Account) -> None:
    row.outcome, row.reasons, row.due_on, row.account_id = given.outcome, given.reasons, given.due_on, by.id
    row.version_id, row.provision_id = given.change or (None, None)


def _record(session: Session, kind: Kind, row: Response, by: Account, detail: dict[str, str]) -> None:
    """The words are public and stay, so their commitment needs no salt."""
    said = {"outcome": row.outcome, "reasons": row.reasons, "due_on": row.due_on and row.due_on.isoformat(),
            "version": row.version_id, "provision": row.provision_id}  # fmt: skip
    promise = commitment(b"", json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
    ledger.record(
        session, kind, subject_id=row.argument_id, consultation_id=row.consultation_id,
        actor=pseudonym("account", by.id), commitment=promise, at=row.said_at,
        detail={"outcome": str(row.outcome), **detail},
    )  # fmt: skip
