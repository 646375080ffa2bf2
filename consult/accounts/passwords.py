"""Passwords as Argon2id hashes. A check without a stored hash takes about as long as one with a hash."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 128
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB and two passes take about 20 ms, so a burst of sign-ins fits a small server. Source: OWASP, Password Storage.
"""


def _normalise(password: str) -> str:
    """Normalise Unicode, since keyboards compose characters differently. Source: NIST SP 800-63B, section 3.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    return _hasher.hash(_normalise(password))


@lru_cache(maxsize=1)
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def verify_password(stored: str | None, password: str) -> bool:
    """Return True if the password matches the stored hash. Without a hash, return False after a similar time."""
    usable = len(password) <= LONGEST
    try:
        right = _hasher.verify(stored or _decoy_hash(), _normalise(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return right and usable and stored is not None


def is_outdated(stored: str) -> bool:
    """Return True if the hash was made with other settings than the current ones."""
    return _hasher.check_needs_rehash(stored)
