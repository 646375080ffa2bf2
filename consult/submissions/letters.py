"""E-mails about a submission to its author: the receipt, and later changes. They do not contain the name."""

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
    """Return the secret of the private link `/r/<reference>/<secret>`. Only its hash is stored.

    It is derived from the row's salt, so e-mails and receipts can show it again. After erasure it is no longer valid.
    Raises NotFound.
    """
    if submission.salt is None:
        raise NotFound(_("This submission was erased."))
    return derive_token("author link", submission.reference, submission.salt)


def author_address(session: Session, submission: Submission) -> tuple[str, str] | None:
    """Return the author's e-mail address and language, or None if there is none."""
    account = session.get(Account, submission.account_id) if submission.account_id else None
    contact = session.get_one(Contact, submission.contact_id) if submission.contact_id is not None else None
    return address_of(submission, contact, account)


def address_of(submission: Submission, contact: Contact | None, account: Account | None) -> tuple[str, str] | None:
    """Return `author_address` from rows already loaded."""
    if contact is not None:
        language = account.language if account else submission.language
        return unseal_address(contact.email_sealed, salt=contact.salt), language
    return (unseal_address(account.email_sealed), account.language) if account else None


class AddressedSubmission(NamedTuple):
    """A submission with its author's e-mail address and language."""

    submission: Submission
    address: str
    language: str


def load_addressed(
    session: Session, numbers: Iterable[int], *conditions: ColumnElement[bool]
) -> Iterator[AddressedSubmission]:
    """Yield these submissions if they meet the conditions and have an address, oldest first."""
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
    """E-mail the receipt to the given address, else to the author's account."""
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
        sent_through=who.sent_through,
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
    """E-mail the author that the submission was changed, or without a fingerprint, `answered` or withdrawn.

    Anyone with the private link can do that, so its author must be informed. The e-mail reveals no more than the
    receipt.
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
