"""Encryption of contact details, blind indexes, pseudonyms and tokens.

All keys are derived from one secret that lives outside the database, with a separate purpose for each.
Source: RFC 5869 (HKDF), NIST SP 800-38D (AES-GCM).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import current_app

from consult.core.lazy import LazyModule
from consult.core.settings import Settings

_NONCE_BYTES = 12
_aead: Any = LazyModule("cryptography.hazmat.primitives.ciphers.aead")
_errors: Any = LazyModule("cryptography.exceptions")


class UnsealError(Exception):
    """The data were encrypted with another key."""


@lru_cache(maxsize=16)
def _derive(secret: str, purpose: str) -> bytes:
    """Return one block of HKDF with SHA-256 and no salt."""
    extracted = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(extracted, f"consult:{purpose}".encode() + b"\x01", "sha256")


def sealing_secret(settings: Settings) -> str:
    """Return the secret from which the keys of this module are derived: the seal key, or else the secret key."""
    return settings.seal_key.reveal() or settings.secret_key.reveal()


def _purpose_key(purpose: str) -> bytes:
    return _derive(sealing_secret(current_app.config["SETTINGS"]), purpose)


def key_check_value(settings: Settings, salt: bytes) -> bytes:
    """Return a check value of the key for a salt. It is equal for equal keys and does not reveal the key."""
    return hmac.digest(_derive(sealing_secret(settings), "check"), salt, "sha256")


def can_unseal(settings: Settings, sealed: bytes, *, salt: bytes = b"") -> bool:
    """Return True if the key of these settings decrypts the data."""
    key = _derive(sealing_secret(settings), "seal")
    try:
        _open(sealed, hmac.digest(key, salt, "sha256") if salt else key)
    except UnsealError:
        return False
    return True


def seal(text: str, *, salt: bytes = b"") -> bytes:
    """Encrypt text with AES-256-GCM; return nonce and ciphertext.

    With a salt the key is specific to the row, so destroying the salt destroys the text.
    """
    return seal_bytes(text.encode(), salt=salt)


def seal_bytes(data: bytes, *, salt: bytes = b"") -> bytes:
    """Encrypt bytes, as `seal` does text."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed: bytes = _aead.AESGCM(_sealing_key(salt)).encrypt(nonce, data, None)
    return nonce + sealed


def unseal(sealed: bytes, *, salt: bytes = b"") -> str:
    """Decrypt text. Raises UnsealError for another key or salt."""
    return unseal_bytes(sealed, salt=salt).decode()


def unseal_bytes(sealed: bytes, *, salt: bytes = b"") -> bytes:
    """Decrypt bytes, as `unseal` does text."""
    return _open(sealed, _sealing_key(salt))


def unseal_address(sealed: bytes, *, salt: bytes = b"") -> str:
    """Decrypt the address of an e-mail, or return an empty string on failure, so that other e-mails are still sent.

    The e-mail is stored and waits; its delivery page says that the address cannot be read.
    """
    try:
        return unseal(sealed, salt=salt)
    except UnsealError:
        return ""


def _open(sealed: bytes, key: bytes) -> bytes:
    try:
        data: bytes = _aead.AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (_errors.InvalidTag, ValueError) as error:  # ValueError: too short to be encrypted data
        raise UnsealError("The key of this installation does not open this record.") from error
    return data


def _sealing_key(salt: bytes) -> bytes:
    key = _purpose_key("seal")
    return hmac.digest(key, salt, "sha256") if salt else key


def blind_index(text: str) -> bytes:
    """Return a keyed hash to look up an address without storing it. Case and surrounding spaces are ignored."""
    return hmac.digest(_purpose_key("index"), text.strip().casefold().encode(), "sha256")


def keyed_hash(purpose: str, data: bytes) -> bytes:
    """Return a keyed hash to compare data. The database alone does not allow guesses to be confirmed."""
    return hmac.digest(_purpose_key(f"hash:{purpose}"), data, "sha256")


def pseudonym(kind: str, identifier: int | str) -> str:
    """Return the pseudonym of a person in the ledger: twelve hexadecimal digits, stable within this installation."""
    return hmac.new(_purpose_key("pseudonym"), f"{kind}:{identifier}".encode(), hashlib.sha256).hexdigest()[:12]


def new_token() -> str:
    """Return a random 256-bit token for a link. Store only its `hash_token`."""
    return secrets.token_urlsafe(32)


def derive_token(purpose: str, name: str, salt: bytes) -> str:
    """Return a 160-bit token of letters and digits that can be derived again while the salt exists."""
    digest = hmac.digest(_purpose_key(f"derived:{purpose}"), salt + name.encode(), "sha256")
    return base64.b32encode(digest[:20]).decode().lower()


def hash_token(token: str) -> bytes:
    """Return the hash to store. Tokens are long and random, so a plain hash is sufficient."""
    return hashlib.sha256(token.encode()).digest()


SALT_BYTES = 32
"""The length of a commitment's salt in bytes."""


def commit_public(said: Mapping[str, Any]) -> bytes:
    """Return the ledger's commitment to public data, SHA-256 of its sorted JSON. Public data need no salt.

    >>> commit_public({"words": "Done."}).hex()[:8]
    'ccc53973'
    """
    return commitment(b"", json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())


def commitment(salt: bytes, content: bytes) -> bytes:
    """Return SHA-256(salt ‖ content). A random salt of 32 bytes prevents guessing short contents.

    >>> commitment(b"0" * 32, b"words").hex()[:8]
    'de10a3fa'
    """
    return hashlib.sha256(salt + content).digest()
