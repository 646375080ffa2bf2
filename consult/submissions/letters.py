"""Letters about a submission to its sender: the receipt, and later changes. They do not name the author."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.crypto import derive_token, unseal_address
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.ledger import chain
from consult.mail import service as mail
from consult.submissions.model import Contact, Submission
from consult.submissions.values import Submitter


def author_secret(submission: Submission) -> str:
    """The last part of the author's private link `/r/<reference>/<secret>`; only its hash is stored.

    It is derived from the row's salt, so a letter or a repeated receipt can show it again, and erasure ends it.
    """
    if submission.salt is None:
        raise NotFound(_("This submission was erased."))
    return derive_token("author link", submission.reference, submission.salt)


def author_address(session: Session, submission: Submission) -> tuple[str, str] | None:
    """The address to write to about a submission and the language to write in; None where the author gave none."""
    account = session.get(Account, submission.account_id) if submission.account_id else None
    contact = session.get_one(Contact, submission.contact_id) if submission.contact_id is not None else None
    return address_of(submission, contact, account)


def address_of(submission: Submission, contact: Contact | None, account: Account | None) -> tuple[str, str] | None:
    """The same, of what was read already."""
    if contact is not None:
        language = account.language if account else submission.language
        return unseal_address(contact.email_sealed, salt=contact.salt), language
    return (unseal_address(account.email_sealed), account.language) if account else None


class AddressedSubmission(NamedTuple):
    """A submission with the address to write to about it, and the language to write in."""

    submission: Submission
    address: str
    language: str


def load_addressed(
    session: Session, numbers: Iterable[int], *conditions: ColumnElement[bool]
) -> Iterator[AddressedSubmission]:
    """Those of these submissions that meet the conditions and whose authors gave an address, the oldest first."""
    rows = session.execute(
        select(Submission, Contact, Account)
        .outerjoin(Contact, Contact.id == Submission.contact_id)
        .outerjoin(Account, Account.id == Submission.account_id)
        .where(Submission.id.in_(list(numbers)), *conditions)
        .order_by(Submission.id)
    )
    for submission, contact, account in rows:
        if address := address_of(submission, contact, account):
            yield AddressedSubmission(submission, *address)


def post_receipt(
    session: Session, consultation: Consultation, submission: Submission, who: Submitter, promise: bytes
) -> None:
    """Writes to the address that was given with a submission, or to its author's account, that it was received."""
    address = (who.email, who.reads) if who.email else author_address(session, submission)
    if address is None or address[0] is None:
        return
    mail.post(
        session,
        key=f"receipt:{submission.id}",
        to=address[0],
        template="submissions/mail/receipt",
        language=address[1],
        reference=submission.reference,
        secret=author_secret(submission),
        received_at=submission.received_at,
        fingerprint=promise.hex(),
        title=consultation.title,
        body=consultation.body,
        answer_by=consultation.answer_by,
        asked=True,
        late=submission.late,
        until=consultation.ends_at(submission.received_at),
        zone=consultation.timezone,
        head=chain.write_head(session),
    )


def post_change(
    session: Session, submission: Submission, *, at: datetime, fingerprint: str = "", answered: bool = False
) -> None:
    """Tells the address that had the receipt that it was changed; without a fingerprint `answered`, or withdrawn.

    Whoever holds the private link can do either: its author must not learn of it by chance. It says no more of anybody
    than the receipt did.
    """
    address = author_address(session, submission)
    if address is None:
        return
    mail.post(
        session,
        key=f"changed:{submission.id}:{submission.revision}",
        to=address[0],
        template="submissions/mail/changed",
        language=address[1],
        reference=submission.reference,
        secret=author_secret(submission),
        at=at,
        fingerprint=fingerprint,
        answered=answered,
        title=session.get_one(Consultation, submission.consultation_id).title,
    )
