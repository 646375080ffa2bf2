"""Somebody deletes their account: what is theirs goes, what was filed stays with the books."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts import closing
from consult.accounts.closing import Left
from consult.accounts.model import Account
from consult.consultations import following
from consult.digests import subscribing
from consult.moderation import teams
from consult.responses import service as responses
from consult.submissions import coalition, parting
from consult.submissions import service as submissions
from consult.submissions.model import Submission

SHOWN = 20
"""How many submissions are shown to be withdrawn first."""


@dataclass(frozen=True)
class Consequences:
    """What somebody reads before they delete their account."""

    hand_over: Sequence[Left]  # organisations whose other members would have no owner
    alone: Sequence[tuple[Left, bool]]  # that nobody else is a member of, and whether their name stays with what it did
    last_admin: bool
    sent: Sequence[tuple[Submission, str]]  # what could be withdrawn first, with the secret of its link
    more: bool

    @property
    def possible(self) -> bool:
        return not self.hand_over and not self.last_admin


def consequences(session: Session, account: Account) -> Consequences:
    left = closing.left(session, account)
    sent = parting.to_withdraw(session, account.id, SHOWN + 1)
    return Consequences(
        [row for row in left if row.others],
        [(row, coalition.is_known(session, row.organisation.id)) for row in left if not row.others],
        closing.is_last_admin(session, account),
        [(row, submissions.author_secret(row) if row.author_key else "") for row in sent[:SHOWN]],
        len(sent) > SHOWN,
    )


def leave(session: Session, account: Account, *, tokens: Collection[str] = ()) -> None:
    """Deletes the account. `tokens` are of drafts that its browser began without it.

    An organisation that has no other member loses its drafts; it goes too where nothing was filed or signed in its
    name. Raises LastOwner where other members would have no owner, and LastAdmin.
    """
    alone = closing.hold(session, account)
    following.leave(session, account=account)
    subscribing.leave(session, account)
    teams.leave(session, account_id=account.id)
    responses.leave(session, account_id=account.id)
    parting.part(session, account_id=account.id, tokens=tokens)
    closing.close(session, account)
    for row in alone:
        if not parting.orphan(session, organisation_id=row.organisation.id):
            session.delete(row.organisation)
    session.flush()
