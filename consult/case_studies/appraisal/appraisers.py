"""Reviewers: invited by a lead of a body, and listed in public with the interests they declare."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.case_studies.appraisal.ties import NO_INTEREST
from consult.case_studies.model import Appraiser
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.scripts.typed_words import says_none
from consult.core.text import one_line

MAX_INTERESTS, MAX_LINE = 20, 200


def give_role(session: Session, body: PublicBody, *, email: str, by: Account) -> Account:
    """Make the account with this address a reviewer. Safe to repeat. Raises Forbidden and Refusal."""
    bodies.check_may_edit(session, body, by)
    account = accounts.find_by_email(session, email)
    if account is None:
        raise Refusal(
            _("No account uses this e-mail address. Ask the person to create an account first."), field="email"
        )
    row = session.get(Appraiser, account.id)
    if row is not None and row.ended_at is None and row.body_id != body.id:
        raise Conflict(_("Another body has already invited this person."), field="email")
    if row is None:
        session.add(Appraiser(account_id=account.id, body_id=body.id, since=now()))
    elif row.ended_at is not None:
        row.body_id, row.since, row.ended_at = body.id, now(), None
    session.flush()
    return account


def take_role(session: Session, body: PublicBody, *, account_id: int, by: Account) -> None:
    """End a reviewer's role. Past reviews stay. Raises Forbidden and NotFound."""
    bodies.check_may_edit(session, body, by)
    row = session.get(Appraiser, account_id)
    if row is None or row.body_id != body.id or row.ended_at is not None:
        raise NotFound(_("This body has not invited this person."))
    row.ended_at = now()


def end_role(session: Session, account: Account) -> None:
    """End the role of a person who stops working here or whose account is erased."""
    row = session.get(Appraiser, account.id)
    if row is not None and row.ended_at is None:
        row.ended_at = now()


def find_appraiser(session: Session, account: Account | None) -> Appraiser | None:
    """Return the current reviewer role of an account, or None."""
    row = session.get(Appraiser, account.id) if account else None
    return row if row is not None and row.ended_at is None else None


def get_appraiser(session: Session, account: Account) -> Appraiser:
    """Return the reviewer role of an account. Raises Forbidden if it has none."""
    row = find_appraiser(session, account)
    if row is None:
        raise Forbidden(_("Only reviewers invited by a body can open this page."))
    return row


def declare_interests(session: Session, account: Account, *, typed: str) -> Appraiser:
    """Replace the declared interests, one per line.

    People without interests type “none”. Raises Forbidden and Refusal.
    """
    row = get_appraiser(session, account)
    lines = list(dict.fromkeys(shown for line in typed.splitlines() if (shown := one_line(line))))
    if not lines:
        raise Refusal(_("List your interests, one per line. If you have none, type: none"), field="interests")
    if len(lines) > MAX_INTERESTS or any(len(line) > MAX_LINE for line in lines):
        error = _("Write at most %(lines)s lines of %(most)s characters each.", lines=MAX_INTERESTS, most=MAX_LINE)
        raise Refusal(error, field="interests")
    if any(says_none(line) for line in lines):
        if len(lines) > 1:
            raise Refusal(_("Type “none” or list your interests, not both."), field="interests")
        lines = [NO_INTEREST]
    row.interests, row.declared_at = lines, now()
    session.flush()
    return row


def list_appraisers(session: Session, *, body_id: int | None = None) -> Sequence[tuple[Appraiser, Account, PublicBody]]:
    """Return at most 500 current reviewers, of one body or of all, ordered by name. Uses one query."""
    wanted = (
        select(Appraiser, Account, PublicBody)
        .join(Account, Account.id == Appraiser.account_id)
        .join(PublicBody, PublicBody.id == Appraiser.body_id)
        .where(Appraiser.ended_at.is_(None))
    )
    if body_id is not None:
        wanted = wanted.where(Appraiser.body_id == body_id)
    rows = session.execute(wanted.order_by(Account.display_name, Account.id).limit(500))
    return [(row, account, body) for row, account, body in rows]
