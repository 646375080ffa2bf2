"""Account deletion: personal data are deleted, and submissions remain counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts import deletion
from consult.accounts.deletion import SolelyOwnedOrganisation
from consult.accounts.model import Account
from consult.case_studies import service as case_studies
from consult.consultations.participation import facilitators
from consult.decisions import appeals
from consult.digests.delivery import service as delivery
from consult.mail import confirmed_address
from consult.moderation.team import service as team
from consult.plans import watches
from consult.plans.reports import service as reports
from consult.positions import service as positions
from consult.responses import service as responses
from consult.submissions import account_deletion
from consult.submissions import service as submissions
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Submission

SHOWN = 20
"""Maximum number of submissions offered for withdrawal first."""


@dataclass(frozen=True)
class DeletionConsequences:
    """The consequences shown before an account is deleted."""

    hand_over: Sequence[SolelyOwnedOrganisation]  # organisations whose other members would have no owner
    alone: Sequence[
        tuple[SolelyOwnedOrganisation, bool]
    ]  # organisations without other members, and whether their name is kept with their submissions
    last_admin: bool
    # Submissions that could be withdrawn first, with the secret of their private link.
    sent: Sequence[tuple[Submission, str]]
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
    """Delete the account. `tokens` are of unfinished submissions begun in its browser without signing in.

    An organisation without other members loses its unfinished submissions. It is deleted too if nothing was filed or
    signed in its name. Raises LastOwner if other members would have no owner, and LastAdmin.
    """
    alone = deletion.lock_for_deletion(session, account)
    confirmed_address.delete_for_account(session, account)
    facilitators.delete_for_account(session, account_id=account.id)
    delivery.end_account_subscriptions(session, account)
    team.release_moderator(session, account_id=account.id)
    positions.release_account(session, account.id)
    responses.detach_account(session, account_id=account.id)
    appeals.detach_account(session, account_id=account.id)
    case_studies.detach_account(session, account_id=account.id)
    watches.end_all(session, account.id)
    account_deletion.detach_account(session, account_id=account.id, tokens=tokens)
    deletion.erase_account(session, account)
    case_studies.forget_ties(session, account_id=account.id)
    for row in alone:
        speaks = reports.has_reports(session, row.organisation.id)  # Its reports remain, and so does its name.
        if not account_deletion.clear_organisation(session, organisation_id=row.organisation.id) and not speaks:
            session.delete(row.organisation)
    session.flush()
