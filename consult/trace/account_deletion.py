"""Account deletion: personal data are deleted, filed submissions stay in the books."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts import deletion
from consult.accounts.deletion import SolelyOwnedOrganisation
from consult.accounts.model import Account
from consult.case_studies import service as case_studies
from consult.consultations.followers import service as followers
from consult.digests.delivery import service as delivery
from consult.moderation.team import service as team
from consult.plans import watches
from consult.plans.reports import service as reports
from consult.responses import service as responses
from consult.signals.watchers import service as watchers
from consult.submissions import account_deletion
from consult.submissions import service as submissions
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Submission

SHOWN = 20
"""How many submissions are shown to be withdrawn first."""


@dataclass(frozen=True)
class DeletionConsequences:
    """What somebody reads before they delete their account."""

    hand_over: Sequence[SolelyOwnedOrganisation]  # organisations whose other members would have no owner
    alone: Sequence[
        tuple[SolelyOwnedOrganisation, bool]
    ]  # that nobody else is a member of, and whether their name stays with what it did
    last_admin: bool
    sent: Sequence[tuple[Submission, str]]  # what could be withdrawn first, with the secret of its link
    more: bool

    @property
    def possible(self) -> bool:
        return not self.hand_over and not self.last_admin


def get_consequences(session: Session, account: Account) -> DeletionConsequences:
    left = deletion.list_solely_owned(session, account)
    sent = account_deletion.list_withdrawable(session, account.id, SHOWN + 1)
    return DeletionConsequences(
        [row for row in left if row.others],
        [(row, coalitions.has_filed_or_signed(session, row.organisation.id)) for row in left if not row.others],
        deletion.is_last_admin(session, account),
        [(row, submissions.author_secret(row) if row.author_key else "") for row in sent[:SHOWN]],
        len(sent) > SHOWN,
    )


def delete_account(session: Session, account: Account, *, tokens: Collection[str] = ()) -> None:
    """Deletes the account. `tokens` are of drafts that its browser began without it.

    An organisation that has no other member loses its drafts; it goes too where nothing was filed or signed in its
    name. Raises LastOwner where other members would have no owner, and LastAdmin.
    """
    alone = deletion.lock_for_deletion(session, account)
    followers.delete_for_account(session, account=account)
    watchers.stop_for_account(session, account)
    delivery.end_account_subscriptions(session, account)
    team.release_moderator(session, account_id=account.id)
    responses.detach_account(session, account_id=account.id)
    case_studies.detach_account(session, account_id=account.id)
    watches.end_all(session, account.id)
    account_deletion.detach_account(session, account_id=account.id, tokens=tokens)
    deletion.erase_account(session, account)
    case_studies.forget_ties(session, account_id=account.id)
    for row in alone:
        speaks = reports.has_reports(session, row.organisation.id)  # they stay, and so does who gave them
        if not account_deletion.clear_organisation(session, organisation_id=row.organisation.id) and not speaks:
            session.delete(row.organisation)
    session.flush()
