"""Watchers: an account, or an address that a letter has confirmed, told of what is seen where and from which level on.

An address is encrypted with the row's own salt; nothing but the row shows that somebody watches.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import blind_index, seal, unseal
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.mail import service as mail
from consult.mail import suppression
from consult.signals.model import SignalLevel, Watcher
from consult.signals.watchers.letters import watcher_token
from consult.taxonomy.model import Term

CONFIRMED_WITHIN = timedelta(days=7)
MOST_CHOICES = 60


@dataclass(frozen=True)
class WatchWish:
    """What somebody wants to be told of. Empty lists mean all."""

    least: SignalLevel = SignalLevel.ALERT
    countries: Sequence[str] = ()
    regions: Sequence[str] = ()
    substances: Sequence[int] = ()
    language: str = DEFAULT_LANGUAGE

    def columns(self) -> dict[str, object]:
        lists = {
            name: sorted(set(getattr(self, name)))[:MOST_CHOICES] for name in ("countries", "regions", "substances")
        }
        return {**lists, "least": self.least, "language": self.language}


def watch(session: Session, *, account: Account, wish: WatchWish, organisation_id: int | None = None) -> None:
    """Watches with an account, whose address is confirmed already; again changes what it is told of."""
    moment, said = now(), wish.columns()
    row = insert(Watcher).values(
        account_id=account.id,
        salt=secrets.token_bytes(32),
        organisation_id=organisation_id,
        confirmed_at=moment,
        created_at=moment,
        **said,
    )
    session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=said))


def find_for_account(session: Session, account: Account) -> Watcher | None:
    """What an account is told of, if of anything."""
    return session.scalar(select(Watcher).where(Watcher.account_id == account.id))


def request_confirmation(session: Session, *, email: str, wish: WatchWish) -> None:
    """Writes to an address with the link that confirms it; to one that was confirmed, nothing. The page says the same.

    What a confirmed address is told of changes by the link in its letters only: a stranger may have typed it. At most
    one letter a day goes to an address.
    """
    salt, index = secrets.token_bytes(32), blind_index(email)
    added = insert(Watcher).values(
        email_sealed=seal(email, salt=salt), email_index=index, salt=salt, created_at=now(), **wish.columns()
    )
    session.execute(added.on_conflict_do_nothing())
    row = session.scalars(select(Watcher).where(Watcher.email_index == index).with_for_update()).one()
    if row.confirmed_at is None:
        for name, value in wish.columns().items():
            setattr(row, name, value)
        session.flush()
    if row.confirmed_at is None or suppression.get_closed_address(session, email):
        mail.post(
            session,
            key=f"watcher:{row.id}:{now():%Y%m%d}",
            to=email,
            template="signals/mail/confirm",
            language=wish.language,
            token=watcher_token(row),
            asked=True,
            least=str(row.least),
            regions=list(row.regions),
            countries=list(row.countries),
            substances=name_substances(session, row, wish.language),
        )


def name_substances(session: Session, row: Watcher, language: str) -> list[str]:
    """The substances that somebody wants to be told of; empty: of any."""
    found = session.scalars(select(Term).where(Term.id.in_(row.substances)).order_by(Term.position))
    return [term.label(language) for term in found]


def change(session: Session, given: str, wish: WatchWish) -> None:
    """Changes what a confirmed address is told of: whoever has the link reads its letters. Raises NotFound."""
    for name, value in wish.columns().items():
        setattr(get_by_token(session, given), name, value)


def get_by_token(session: Session, given: str) -> Watcher:
    """The watcher that a link is of. Raises NotFound."""
    number = given.partition("-")[0]
    row = session.get(Watcher, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    if row is None or not hmac.compare_digest(watcher_token(row).encode(), given.encode()):
        raise NotFound(_("This link is not known. It may have been used to stop the letters, or a part is missing."))
    return row


def confirm(session: Session, given: str) -> Watcher:
    """Confirms the address that the link was sent to. May be repeated."""
    row = get_by_token(session, given)
    row.confirmed_at = row.confirmed_at or now()
    if row.email_sealed:
        suppression.confirm_address(session, unseal(row.email_sealed, salt=row.salt))
    return row


def stop(session: Session, given: str) -> None:
    """Tells no more, and forgets the address."""
    session.delete(get_by_token(session, given))


def stop_for_account(session: Session, account: Account) -> None:
    """Tells neither the account nor its address of anything any more."""
    theirs = (Watcher.account_id == account.id) | (Watcher.email_index == account.email_index)
    session.execute(delete(Watcher).where(theirs))


def purge(session: Session, *, at: datetime) -> None:
    """Forgets addresses that were not confirmed."""
    session.execute(delete(Watcher).where(Watcher.confirmed_at.is_(None), Watcher.created_at < at - CONFIRMED_WITHIN))
