"""Sealing of contact details, blind look-up, pseudonyms and tokens.

All keys are derived from one secret that lives outside the database, with a separate purpose for each.
Source: RFC 5869 (HKDF), NIST SP 800-38D (AES-GCM).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Any

from flask import current_app

from consult.core.later import Later

_NONCE = 12
_aead: Any = Later("cryptography.hazmat.primitives.ciphers.aead")
_errors: Any = Later("cryptography.exceptions")


class Unreadable(Exception):
    """Sealed bytes that this installation's key does not open."""


@lru_cache(maxsize=16)
def _derive(secret: str, purpose: str) -> bytes:
    """HKDF with SHA-256, without a salt, of the one block that is needed."""
    extracted = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(extracted, f"consult:{purpose}".encode() + b"\x01", "sha256")


def _key(purpose: str) -> bytes:
    settings = current_app.config["SETTINGS"]
    secret = settings.seal_key.reveal() or settings.secret_key.reveal()
    return _derive(secret, purpose)


def seal(text: str, *, salt: bytes = b"") -> bytes:
    """AES-256-GCM: nonce, then ciphertext. With a salt the key is the row's own: destroying the salt destroys it."""
    return seal_bytes(text.encode(), salt=salt)


def seal_bytes(data: bytes, *, salt: bytes = b"") -> bytes:
    """As `seal`, for bytes."""
    nonce = secrets.token_bytes(_NONCE)
    sealed: bytes = _aead.AESGCM(_sealing_key(salt)).encrypt(nonce, data, None)
    return nonce + sealed


def unseal(sealed: bytes, *, salt: bytes = b"") -> str:
    """The sealed text. Raises Unreadable where the key or the salt is not the one it was sealed with."""
    return unseal_bytes(sealed, salt=salt).decode()


def unseal_bytes(sealed: bytes, *, salt: bytes = b"") -> bytes:
    """As `unseal`, for bytes."""
    try:
        data: bytes = _aead.AESGCM(_sealing_key(salt)).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        return data
    except _errors.InvalidTag as error:
        raise Unreadable("The key of this installation does not open this record.") from error


def _sealing_key(salt: bytes) -> bytes:
    key = _key("seal")
    return hmac.digest(key, salt, "sha256") if salt else key


def blind_index(text: str) -> bytes:
    """A keyed hash by which an address can be found without being stored. Case and outer space do not count."""
    return hmac.digest(_key("index"), text.strip().casefold().encode(), "sha256")


def pseudonym(kind: str, identifier: int | str) -> str:
    """Twelve hexadecimal digits that stand for a person in the ledger: stable here, meaningless elsewhere."""
    return hmac.new(_key("pseudonym"), f"{kind}:{identifier}".encode(), hashlib.sha256).hexdigest()[:12]


def new_token() -> str:
    """A random token of 256 bits for a link; store only its `token_hash`."""
    return secrets.token_urlsafe(32)


def derived(purpose: str, name: str, salt: bytes) -> str:
    """A token of 160 bits, letters and digits, that this installation can make again while the salt exists."""
    digest = hmac.digest(_key(f"derived:{purpose}"), salt + name.encode(), "sha256")
    return base64.b32encode(digest[:20]).decode().lower()


def token_hash(token: str) -> bytes:
    """What is stored of a token. Tokens are random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


SALT = 32
"""Bytes of a commitment's salt."""


def commitment(salt: bytes, content: bytes) -> bytes:
    """SHA-256(salt ‖ content), with a random salt of 32 bytes: a short comment cannot be guessed from it.

    >>> commitment(b"0" * 32, b"words").hex()[:8]
    'de10a3fa'
    """
    return hashlib.sha256(salt + content).digest()
