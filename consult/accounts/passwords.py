"""Passwords as Argon2id hashes, checked in the same time whether or not there is one."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 128
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB, two passes: about 20 ms, and a burst of sign-ins fits a small server. Source: OWASP, Password Storage."""


def _normalise(password: str) -> str:
    """The same password however a keyboard composes its letters. Source: NIST SP 800-63B, section 3.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The hash to store for a password."""
    return _hasher.hash(_normalise(password))


@lru_cache(maxsize=1)
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. Without a stored one the answer is no, and takes as long."""
    usable = len(password) <= LONGEST
    try:
        right = _hasher.verify(stored or _decoy_hash(), _normalise(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return right and usable and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other settings than today's and should be made again."""
    return _hasher.check_needs_rehash(stored)
