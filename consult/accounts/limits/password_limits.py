"""Limits on guessing a password. See docs/decisions/0037-sign-in.md.

A wrong password counts for its account and the network that it came from, or for the known device: so a stranger's
tries do not keep the owner out, nor others in the stranger's network. Each try is counted before the password is looked
at, so that many at once are no way around.
"""

from __future__ import annotations

from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute

from consult.accounts import letters
from consult.accounts.limits import known_devices
from consult.accounts.model import Account
from consult.core.db import separate_transaction
from consult.core.errors import TooMany
from consult.core.i18n import _
from consult.core.logs import log_bounded
from consult.core.web import limits

PER_NETWORK = RateLimitItemPerHour(20, namespace="password-network")
PER_NETWORK_UNDER_ATTACK = RateLimitItemPerHour(3, namespace="password-attacked")
PER_DEVICE = RateLimitItemPerHour(20, namespace="password-device")
PER_ACCOUNT = RateLimitItemPerDay(60, namespace="password-account")
"""Of wrong passwords from unknown devices in all networks: beyond, each network has fewer tries, the owner a letter."""
PER_CALLER = RateLimitItemPerMinute(300, 5, namespace="password-caller")
"""Of wrong passwords from one address for any accounts: a bound on the work of checking them."""
_LETTER = RateLimitItemPerDay(1, namespace="password-letter")


class TooManyPasswords(TooMany):
    """So many wrong passwords came from here for this account that the next one is not looked at."""


@dataclass
class PasswordTry:
    """One password that is tried for an address, whether or not it has an account."""

    email: str
    account: Account | None = None
    counted: tuple[RateLimitItem, str] | None = None  # the limit, and under which key of the account
    known: bool = False

    @property
    def key(self) -> str:
        return limits.blind_key("email", self.email.strip().casefold())

    def admit(self, account: Account | None) -> None:
        """Counts the try. Raises TooManyPasswords where its device or network has none left."""
        self.account, device = account, known_devices.find_device(account)
        if device and limits.take(PER_DEVICE, self.key, device):
            self.counted, self.known = (PER_DEVICE, device), True
            return
        limit = PER_NETWORK_UNDER_ATTACK if limits.is_spent(PER_ACCOUNT, self.key) else PER_NETWORK
        network = limits.network_key()
        if limits.is_spent(PER_CALLER, limits.caller_key()) or not limits.take(limit, self.key, network):
            log_bounded("sign_in.limited", account=account.id if account else None)
            raise TooManyPasswords(
                _(
                    "Too many wrong passwords came from your network, so no password is looked at for up to an hour. "
                    "A link by e-mail signs you in now."
                ),
                field="password",
            )
        self.counted = (limit, network)

    def succeed(self) -> None:
        """The password was right: what this device or network got wrong before is forgotten."""
        if self.counted:
            limits.give_back(self.counted[0], self.key, self.counted[1])

    def fail(self) -> None:
        """The password was wrong; the owner of an account for which many were is told once a day."""
        log_bounded("sign_in.failed", account=self.account.id if self.account else None)
        if self.known:
            return
        limits.take(PER_CALLER, limits.caller_key())
        if not limits.take(PER_ACCOUNT, self.key) and limits.take(_LETTER, self.key):
            with separate_transaction() as session:  # that of the request keeps nothing of a refusal
                letters.warn_of_wrong_passwords(session, self.account)
