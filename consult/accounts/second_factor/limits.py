"""Limits on guessing the second step. See docs/decisions/0060-second-factor.md.

Only a person who passed the first step can try. A wrong code counts for the account together with the network it came
from, or for the known device. So somebody with a stolen password does not lock the owner out. Recovery codes have a
separate limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour

from consult.accounts.limits import known_devices
from consult.accounts.model import Account
from consult.accounts.second_factor import letters
from consult.core.db import separate_transaction
from consult.core.errors import TooMany
from consult.core.i18n import _
from consult.core.logs import log_bounded
from consult.core.web import limits

PER_NETWORK = RateLimitItemPerHour(10, namespace="code-network")
PER_NETWORK_UNDER_ATTACK = RateLimitItemPerHour(2, namespace="code-attacked")
PER_DEVICE = RateLimitItemPerHour(20, namespace="code-device")
PER_ACCOUNT = RateLimitItemPerDay(40, namespace="code-account")
"""Wrong codes from unknown devices in all networks. Beyond it, each network has fewer attempts."""
PER_NETWORK_RECOVERY = RateLimitItemPerHour(10, namespace="recovery-network")
_BEFORE_LETTER = RateLimitItemPerDay(5, namespace="code-quiet")
_LETTER = RateLimitItemPerDay(1, namespace="code-letter")


class TooManyCodes(TooMany):
    """Too many wrong codes from this network or device. The next one is not checked."""


@dataclass
class CodeTry:
    """One attempt to enter a code for an account."""

    account: Account
    recovery: bool = False
    counted: tuple[RateLimitItem, str] | None = None

    @property
    def key(self) -> str:
        return limits.blind_key("account", str(self.account.id))

    def admit(self) -> None:
        """Count the attempt before the code is checked. Raises TooManyCodes."""
        device, network = known_devices.find_device(self.account), limits.network_key()
        if self.recovery:
            self.counted = (PER_NETWORK_RECOVERY, network)
        elif device:
            self.counted = (PER_DEVICE, device)
        else:
            attacked = limits.is_spent(PER_ACCOUNT, self.key)
            self.counted = (PER_NETWORK_UNDER_ATTACK if attacked else PER_NETWORK, network)
        if not limits.take(self.counted[0], self.key, self.counted[1]):
            log_bounded("second_step.limited", account=self.account.id)
            raise TooManyCodes(
                _(
                    "Too many wrong codes came from your network or device. You cannot use a code for up to an "
                    "hour. A recovery code, a passkey or a browser you used before may still work."
                ),
                field="code",
            )

    def succeed(self) -> None:
        if self.counted:
            limits.give_back(self.counted[0], self.key, self.counted[1])

    def fail(self) -> None:
        """Record a wrong code. After several, e-mail the owner once a day."""
        log_bounded("second_step.failed", account=self.account.id)
        if self.counted and self.counted[0] is not PER_DEVICE:
            limits.take(PER_ACCOUNT, self.key)
        if not limits.take(_BEFORE_LETTER, self.key) and limits.take(_LETTER, self.key):
            with separate_transaction() as session:  # the request's transaction is rolled back after a refusal
                letters.warn_of_wrong_codes(session, self.account)
