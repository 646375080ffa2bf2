"""E-mails to owners of organisations whose requests were answered, besides those to the senders."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.core.crypto import unseal
from consult.mail import service as mail
from consult.mail.render import letter_language

_CONCERNED = text(
    """
    SELECT o.id, o.name, array_agg(DISTINCT k.argument_id) AS arguments,
        array_agg(DISTINCT s.account_id) FILTER (WHERE s.account_id IS NOT NULL) AS senders
    FROM readable_claim k
    JOIN readable_submission s ON s.consultation_id = k.consultation_id AND s.text_hash = k.text_hash
        AND s.state = 'published' AND s.name_rule = 'organisation'
    LEFT JOIN readable_cosignature j ON j.submission_id = s.id AND j.confirmed_at IS NOT NULL
        AND j.invited_at IS NOT NULL
    JOIN readable_organisation o ON o.id = s.organisation_id OR o.id = j.organisation_id
    WHERE k.argument_id = ANY(:arguments) GROUP BY o.id, o.name ORDER BY o.id
    """
).bindparams(bindparam("arguments"))


def write_letters(session: Session, round_id: int, title: str, argument_ids: Collection[int]) -> int:
    """Create an e-mail for each owner who did not send the text, and return their number. Safe to repeat.

    The sender already gets the e-mail about the answers.
    """
    written = 0
    for row in session.execute(_CONCERNED, {"arguments": list(argument_ids)}).all():
        owners = session.scalars(
            select(Account)
            .join(Membership, Membership.account_id == Account.id)
            .where(Membership.organisation_id == row.id, Membership.owner, Account.verified_at.is_not(None))
            .order_by(Account.id)
        )
        for account in owners:
            if account.id in (row.senders or ()):
                continue
            mail.post(
                session,
                key=f"outcomes:{round_id}:{row.id}:{account.id}",
                to=unseal(account.email_sealed),
                template="responses/mail/outcomes",
                language=letter_language(account.language),
                organisation=row.name,
                organisation_id=row.id,
                title=title,
                count=len(row.arguments),
            )
            written += 1
    return written
