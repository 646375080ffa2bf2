"""Limits on guessing passwords. See docs/decisions/0037-sign-in.md.

A wrong password counts for its account together with the network it came from, or for the known device. An attacker in
another network therefore does not lock out the owner. It also counts for the caller's address, whatever the account.
Each attempt is counted before the password is checked, so concurrent attempts are counted too.
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
"""Wrong passwords from unknown devices in all networks.

Beyond it, each network has fewer attempts and we e-mail the owner.
"""
PER_CALLER = RateLimitItemPerMinute(300, 5, namespace="password-caller")
"""Wrong passwords from one IP address for any accounts. It limits the work spent on checking passwords."""
_LETTER = RateLimitItemPerDay(1, namespace="password-letter")


class TooManyPasswords(TooMany):
    """Too many wrong passwords from this network or device. The next one is not checked."""


@dataclass
class PasswordTry:
    """One sign-in attempt with a password, whether or not the address has an account."""

    email: str
    account: Account | None = None
    counted: tuple[RateLimitItem, str] | None = None  # the limit and the key of the counted attempt
    known: bool = False

    @property
    def key(self) -> str:
        return limits.blind_key("email", self.email.strip().casefold())

    def admit(self, account: Account | None) -> None:
        """Count the attempt. Raises TooManyPasswords if the device or network has none left."""
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
                    "Too many wrong passwords came from your network. You cannot use a password for up to an "
                    "hour. You can sign in now with a link by e-mail."
                ),
                field="password",
            )
        self.counted = (limit, network)

    def succeed(self) -> None:
        """Reset the count of wrong passwords of this device or network."""
        if self.counted:
            limits.give_back(self.counted[0], self.key, self.counted[1])

    def fail(self) -> None:
        """Record a wrong password. After many, e-mail the owner of the account once a day."""
        log_bounded("sign_in.failed", account=self.account.id if self.account else None)
        if self.known:
            return
        limits.take(PER_CALLER, limits.caller_key())
        if not limits.take(PER_ACCOUNT, self.key) and limits.take(_LETTER, self.key):
            with separate_transaction() as session:  # the request's transaction is rolled back after a refusal
                letters.warn_of_wrong_passwords(session, self.account)
