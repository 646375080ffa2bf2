"""Watchers: accounts or confirmed addresses that subscribe to warnings by place, substance and level.

An address is stored encrypted, with a salt of its own row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.languages import DEFAULT_LANGUAGE
from consult.mail import confirmed_address
from consult.mail import service as mail
from consult.signals.model import SignalLevel, Watcher
from consult.taxonomy.model import Term

MOST_CHOICES = 60


@dataclass(frozen=True)
class WatchFilter:
    """The content of a subscription. Empty lists mean all."""

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


def watch(session: Session, *, account: Account, wish: WatchFilter, organisation_id: int | None = None) -> None:
    """Subscribe an account, whose address is confirmed already, or change its choices."""
    wants = wish.columns()
    if find_for_account(session, account) is None:
        wants |= {"organisation_id": organisation_id}
    confirmed_address.add_account(session, Watcher, key={"account_id": account.id}, wants=wants)


def find_for_account(session: Session, account: Account) -> Watcher | None:
    """Return the subscription of an account, or None."""
    return session.scalar(select(Watcher).where(Watcher.account_id == account.id))


def request_confirmation(session: Session, *, email: str, wish: WatchFilter) -> None:
    """E-mail a confirmation link to an address, unless it is confirmed. The page does not show the difference.

    A confirmed subscription can only be changed by the link in its e-mails, because a stranger may have typed the
    address. At most one e-mail an hour is sent to an address.
    """
    row, is_asked = confirmed_address.add_address(session, Watcher, email, key={}, wants=wish.columns())
    if is_asked:
        mail.post(
            session,
            key=f"watcher:{row.id}:{now():%Y%m%d%H}",
            to=email,
            template="signals/mail/confirm",
            language=wish.language,
            token=row.token,
            asked=True,
            least=str(row.least),
            regions=list(row.regions),
            countries=list(row.countries),
            substances=name_substances(session, row, wish.language),
        )


def name_substances(session: Session, row: Watcher, language: str) -> list[str]:
    """Return the names of the watched substances. Empty means any."""
    rows = session.scalars(select(Term).where(Term.id.in_(row.substances)).order_by(Term.position))
    return [term.label(language) for term in rows]


def change(session: Session, given: str, wish: WatchFilter) -> None:
    """Change a confirmed subscription by the link in its e-mails. Raises NotFound."""
    for name, value in wish.columns().items():
        setattr(get_by_token(session, given), name, value)


def get_by_token(session: Session, given: str) -> Watcher:
    """Return the watcher that a link is of. Raises NotFound."""
    return confirmed_address.get_by_token(session, Watcher, given)


def confirm(session: Session, given: str) -> Watcher:
    """Confirm the address to which the link was sent. May be repeated."""
    row = get_by_token(session, given)
    confirmed_address.confirm(session, row)
    return row


def stop(session: Session, given: str) -> None:
    """Delete the watcher of a link with its address."""
    session.delete(get_by_token(session, given))


def stop_for_account(session: Session, account: Account) -> None:
    """Delete the subscriptions of an account and its address."""
    confirmed_address.delete_for_account(session, account, [Watcher])
