"""Contact addresses of submitters without an account, or for letters elsewhere: encrypted, in a table of their own."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.crypto import blind_index, seal
from consult.submissions.model import Contact
from consult.submissions.values import Submitter


def keep_contact(session: Session, who: Submitter) -> Contact | None:
    """The address to write to, unless it is that of the author's account: then letters go where the account goes."""
    if not who.email:
        return None
    salt, index = secrets.token_bytes(32), blind_index(who.email)
    account = session.get(Account, who.account_id) if who.account_id else None
    if account is not None and account.email_index == index:
        return None
    contact = Contact(salt=salt, email_sealed=seal(who.email, salt=salt), email_index=index)
    session.add(contact)
    session.flush()
    return contact
