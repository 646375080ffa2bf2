"""Answers to arguments: give, change and assign them. Each writes a ledger entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries as arguments
from consult.arguments.model import Argument
from consult.consultations import rights
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.crypto import commitment, pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.core.web.access import Allow, Role, is_allowed
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.responses import answer_queries, draft_changes, drafts
from consult.responses.actions import service as actions
from consult.responses.actions.service import LEADS_SOMEWHERE, ProposedAction
from consult.responses.model import AnswerContent, AnswerOutcome, Obligation, Response, ResponseFormer

MAX_REASONS_LENGTH = 4_000
"""Maximum length of the reasons in characters."""
MAX_DEFERRAL_MONTHS = 24
"""Maximum length of a deferral in months."""


class AnsweredMeanwhile(Conflict):
    """The answer was given or changed by another person since the form was opened."""


class OtherAnsweredMeanwhile(Conflict):
    """Another argument that should get the same answer has been answered meanwhile."""


@dataclass(frozen=True)
class ProposedAnswer:
    """A new answer. `change` is a pair of version id and id of the changed provision.

    An accepted answer has an action, or `text_suffices`. `action_id` is an existing action.
    """

    outcome: AnswerOutcome
    reasons: str
    due_on: date | None = None
    change: tuple[int, int] | None = None
    action: ProposedAction | None = None
    text_suffices: bool = False
    action_id: int | None = None


def answer_argument(
    session: Session, *, argument_id: int, by: Account, given: ProposedAnswer, seen: str, at: datetime | None = None
) -> Response:
    """Answer an argument, or change its answer and keep the earlier one. An equal answer changes nothing.

    `seen` is the token of the answer shown in the form, or "". Raises NotFound, Forbidden, Refusal, and
    AnsweredMeanwhile if it is not the current one.
    """
    argument = get_answerable(session, argument_id, by)
    row = session.get_one(Consultation, argument.consultation_id)
    advisory_lock(session, "response", argument.id)
    found, moment = answer_queries.find_current_answer(session, argument.id), at or now()
    if seen != (found.token if found else ""):
        raise AnsweredMeanwhile(_("Someone else has answered, or changed the answer, since you opened this page."))
    given = clean_answer(session, row, given, stands=found, at=moment)
    if found is None:
        made = _give(session, row, argument, by, given, moment)
    else:
        made = _amend(session, row, found, by, given, moment)
    actions.link_action(session, row, made, by=by, given=given.action, shared_id=given.action_id, at=moment)
    return made


def answer_arguments(
    session: Session,
    *,
    argument_id: int,
    by: Account,
    given: ProposedAnswer,
    seen: str,
    also: Mapping[int, str],
    at: datetime | None = None,
) -> None:
    """Give the same answer to several arguments of a consultation. Each can be changed separately later.

    `also` maps further arguments to the token of the answer shown, or "". Raises as `answer_argument` does, and
    OtherAnsweredMeanwhile with its field if one of them is not waiting any more.
    """
    moment = at or now()
    consultation_id = get_answerable(session, argument_id, by).consultation_id
    wanted = {**also, argument_id: seen}
    # In a fixed order, so that concurrent calls wait for each other instead of deadlocking.
    for number in sorted(wanted):
        try:
            if get_answerable(session, number, by).consultation_id != consultation_id:
                raise NotFound(_("We cannot find an argument with this number."))
            made = answer_argument(session, argument_id=number, by=by, given=given, seen=wanted[number], at=moment)
            action = actions.find_action(session, made.id)
            given = replace(given, action_id=action.id if action else None)
        except AnsweredMeanwhile as late:
            if number == argument_id:
                raise
            raise OtherAnsweredMeanwhile(
                _("One of the other arguments no longer needs an answer. Check the list, then publish."),
                field="also",
            ) from late


def clean_answer(
    session: Session,
    row: Consultation,
    given: ProposedAnswer,
    *,
    stands: Response | None = None,
    at: datetime | None = None,
) -> ProposedAnswer:
    """Return the publishable part of an answer, without fields of other outcomes. Raises Refusal with its field.

    `stands` is the answer it changes. The due date of its action may have passed.
    """
    reasons = clean_text(given.reasons)
    if not reasons:
        raise Refusal(_("Enter the reasons. An answer cannot be published without them."), field="reasons")
    if len(reasons) > MAX_REASONS_LENGTH:
        raise Refusal(_("The reasons are too long. Shorten them."), field="reasons")
    due_on = _check_due_date(given.due_on, (at or now()).date()) if given.outcome is AnswerOutcome.DEFERRED else None
    if given.change is not None and given.change not in draft_changes.list_change_ids(session, row):
        raise Refusal(_("Choose a change from the list."), field="change")
    action = None
    if given.outcome in LEADS_SOMEWHERE:
        action = actions.clean_action(row, given.action, suffices=given.text_suffices, changed=given.change is not None)
        actions.check_day(session, action, stands, (at or now()).date())
    suffices = given.outcome in LEADS_SOMEWHERE and action is None
    return ProposedAnswer(given.outcome, reasons, due_on, given.change, action, suffices, given.action_id)


def _check_due_date(due_on: date | None, today: date) -> date:
    """Return the end of a deferral. Raises Refusal if it is missing, past or too far in the future."""
    if due_on is None:
        raise Refusal(_("Enter the date until which the answer is deferred."), field="due_on")
    if due_on <= today:
        raise Refusal(_("Choose a day in the future."), field="due_on")
    months = 12 * (due_on.year - today.year) + due_on.month - today.month
    if (months, due_on.day) > (MAX_DEFERRAL_MONTHS, today.day):
        error = _(
            "An answer can be deferred for at most %(months)s months. Choose an earlier day.",
            months=MAX_DEFERRAL_MONTHS,
        )
        raise Refusal(error, field="due_on")
    return due_on


def assign(
    session: Session, *, argument_id: int, by: Account, owner_id: int | None, at: datetime | None = None
) -> None:
    """Assign an argument, or return it to the consultation's owner with None. Raises NotFound, Forbidden, Refusal.

    Another person is notified by e-mail the next morning.
    """
    argument = arguments.get_argument(session, argument_id)
    check_is_owner(session, session.get_one(Consultation, argument.consultation_id), by)
    if owner_id is None:
        session.execute(delete(Obligation).where(Obligation.argument_id == argument.id))
        return
    owner = session.get(Account, owner_id)
    if owner is None or not is_allowed(Allow.POLICYMAKER, owner.role):
        raise Refusal(_("Choose a policymaker."), field="owner")
    known, moment = session.get(Obligation, argument.id), at or now()
    if known is not None and known.owner_id == owner.id:
        return
    values = {
        "owner_id": owner.id,
        "given_by": by.id,
        "given_at": moment,
        "told_at": moment if owner.id == by.id else None,
        "body_id": None,
    }
    row = insert(Obligation).values(argument_id=argument.id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["argument_id"], set_=values))


def detach_account(session: Session, *, account_id: int) -> None:
    """Delete the assignments and drafts of a deleted account. Its answers remain."""
    session.execute(delete(Obligation).where(Obligation.owner_id == account_id))
    drafts.delete_account_drafts(session, account_id=account_id)


def may_answer(session: Session, row: Consultation, argument: Argument, by: Account) -> bool:
    """Return whether the account may answer an argument: an admin, a lead of its body, or the assigned person.

    After an assignment to another body, the first one may not answer.
    """
    if by.role is not Role.POLICYMAKER:
        return by.role is Role.ADMIN
    obligation = session.get(Obligation, argument.id)
    if obligation is not None and obligation.owner_id == by.id:
        return True
    if obligation is not None and obligation.body_id is not None:
        return rights.leads_other(session, by, row, obligation.body_id)
    return is_owner(session, row, by)


def get_answerable(session: Session, number: int, by: Account) -> Argument:
    """Return an argument that the account may answer. Raises NotFound, Forbidden."""
    argument = arguments.get_argument(session, number)
    check_may_answer(session, session.get_one(Consultation, argument.consultation_id), argument, by)
    return argument


def is_owner(session: Session, row: Consultation, by: Account) -> bool:
    """Return whether the account may answer for a consultation: its owner, leads of its body, and admins."""
    return rights.may(session, by, row, Deed.ANSWER)


def check_may_answer(session: Session, row: Consultation, argument: Argument, by: Account) -> None:
    """Raise NotFound or Forbidden if the account may not answer the argument."""
    if row.phase is Phase.DRAFT:
        raise NotFound(_("We cannot find an argument with this number."))
    if not may_answer(session, row, argument, by):
        raise Forbidden(
            _(
                "Only the person asked to answer this argument, leads of the body that answers, the consultation owner "
                "and administrators can answer it."
            )
        )


def check_is_owner(session: Session, row: Consultation, by: Account) -> None:
    """Raise Forbidden if the account may not answer for the consultation."""
    if not is_owner(session, row, by):
        raise Forbidden(_("Only the consultation owner, leads of the body and administrators can assign the answer."))


def _give(
    session: Session, row: Consultation, argument: Argument, by: Account, given: ProposedAnswer, at: datetime
) -> Response:
    made = Response(
        consultation_id=row.id,
        argument_id=argument.id,
        answered_at=at,
        said_at=at,
        body_id=find_body(session, row, argument),
        promised_for=row.answer_by,
    )
    _set_content(made, given, by)
    session.add(made)
    session.flush()
    _record(session, Kind.RESPONSE_GIVEN, made, by, {})
    _tell_followers(session, row, made)
    return made


def _tell_followers(session: Session, row: Consultation, made: Response) -> None:
    """E-mail followers once a day that answers are published, with the first one that is not a deferral."""
    midnight = made.said_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = (
        Response.consultation_id == row.id,
        Response.said_at >= midnight,
        Response.outcome != AnswerOutcome.DEFERRED,
        Response.id != made.id,
    )
    if made.outcome is AnswerOutcome.DEFERRED or session.scalar(select(Response.id).where(*today).limit(1)) is not None:
        return
    key = f"answers:{row.id}:{midnight:%Y%m%d}"
    followers.notify_followers(session, row, about="news", key=key, version=None)


def _amend(
    session: Session, row: Consultation, found: Response, by: Account, given: ProposedAnswer, at: datetime
) -> Response:
    version_id, provision_id = given.change or (None, None)
    was = (found.outcome, found.reasons, found.due_on, found.version_id, found.provision_id, found.text_suffices)
    if was == (given.outcome, given.reasons, given.due_on, version_id, provision_id, given.text_suffices):
        return found
    session.add(
        ResponseFormer(
            response_id=found.id,
            outcome=found.outcome,
            reasons=found.reasons,
            due_on=found.due_on,
            version_id=found.version_id,
            provision_id=found.provision_id,
            account_id=found.account_id,
            text_suffices=found.text_suffices,
            said_at=found.said_at,
            replaced_at=at,
        )
    )
    before = found.outcome
    if before is AnswerOutcome.DEFERRED and found.due_on != given.due_on:
        found.answered_at = at  # An answer is dated by its own day, not by that of its deferral.
        found.promised_for = found.due_on
    _set_content(found, given, by)
    found.said_at = at
    session.flush()
    _record(session, Kind.RESPONSE_AMENDED, found, by, {"was": str(before)})
    return found


def find_body(session: Session, row: Consultation, argument: Argument) -> int | None:
    """Return the body that answers an argument: the assigned one, else that of the consultation."""
    obligation = session.get(Obligation, argument.id)
    return (obligation.body_id if obligation else None) or row.body_id


def _set_content(row: Response, given: ProposedAnswer, by: Account) -> None:
    row.outcome, row.reasons, row.due_on, row.account_id = given.outcome, given.reasons, given.due_on, by.id
    row.version_id, row.provision_id = given.change or (None, None)
    row.text_suffices = given.text_suffices


def compute_commitment(row: AnswerContent) -> bytes:
    """Return the ledger's commitment to an answer. The text is public and permanent, so it needs no salt."""
    said = {
        "outcome": row.outcome,
        "reasons": row.reasons,
        "due_on": row.due_on and row.due_on.isoformat(),
        "version": row.version_id,
        "provision": row.provision_id,
        **({"text_suffices": True} if row.text_suffices else {}),
    }
    return commitment(b"", json.dumps(said, sort_keys=True, separators=(",", ":")).encode())


def _record(session: Session, kind: Kind, row: Response, by: Account, detail: dict[str, str]) -> None:
    ledger.record(
        session,
        kind,
        subject_id=row.argument_id,
        consultation_id=row.consultation_id,
        actor=pseudonym("account", by.id),
        commitment=compute_commitment(row),
        at=row.said_at,
        detail={"outcome": str(row.outcome), **detail, **_promise_detail(row)},
    )


def _promise_detail(row: Response) -> dict[str, str | int]:
    """Return the ledger detail for a body's record: body, promised date and end of a deferral."""
    if row.body_id is None:
        return {}
    days = {"promised_for": row.promised_for, "deferred_until": row.due_on}
    changed = {"changed": 1} if row.version_id is not None else {}
    return {"body": row.body_id, **{name: day.isoformat() for name, day in days.items() if day}, **changed}
