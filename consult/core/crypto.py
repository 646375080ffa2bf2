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
    """Sealed bytes that this installation's key does not open."""


@lru_cache(maxsize=16)
def _derive(secret: str, purpose: str) -> bytes:
    """HKDF with SHA-256, without a salt, of the one block that is needed."""
    extracted = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(extracted, f"consult:{purpose}".encode() + b"\x01", "sha256")


def sealing_secret(settings: Settings) -> str:
    """What all keys here are derived from: the seal key, or the secret key where there is none."""
    return settings.seal_key.reveal() or settings.secret_key.reveal()


def _purpose_key(purpose: str) -> bytes:
    return _derive(sealing_secret(current_app.config["SETTINGS"]), purpose)


def key_check_value(settings: Settings, salt: bytes) -> bytes:
    """The check value of these settings' key for the salt: equal for equal keys, and it does not reveal the key."""
    return hmac.digest(_derive(sealing_secret(settings), "check"), salt, "sha256")


def can_unseal(settings: Settings, sealed: bytes, *, salt: bytes = b"") -> bool:
    """Whether these settings' key opens what was sealed."""
    key = _derive(sealing_secret(settings), "seal")
    try:
        _open(sealed, hmac.digest(key, salt, "sha256") if salt else key)
    except UnsealError:
        return False
    return True


def seal(text: str, *, salt: bytes = b"") -> bytes:
    """AES-256-GCM: nonce, then ciphertext. With a salt the key is the row's own: destroying the salt destroys it."""
    return seal_bytes(text.encode(), salt=salt)


def seal_bytes(data: bytes, *, salt: bytes = b"") -> bytes:
    """As `seal`, for bytes."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed: bytes = _aead.AESGCM(_sealing_key(salt)).encrypt(nonce, data, None)
    return nonce + sealed


def unseal(sealed: bytes, *, salt: bytes = b"") -> str:
    """The sealed text. Raises UnsealError where the key or the salt is not the one it was sealed with."""
    return unseal_bytes(sealed, salt=salt).decode()


def unseal_bytes(sealed: bytes, *, salt: bytes = b"") -> bytes:
    """As `unseal`, for bytes."""
    return _open(sealed, _sealing_key(salt))


def unseal_address(sealed: bytes, *, salt: bytes = b"") -> str:
    """The sealed address of a letter; nothing where it does not open: one such row must not stop the other letters.

    The letter is written all the same, waits, and says on the pages of its delivery that its address cannot be read.
    """
    try:
        return unseal(sealed, salt=salt)
    except UnsealError:
        return ""


def _open(sealed: bytes, key: bytes) -> bytes:
    try:
        data: bytes = _aead.AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (_errors.InvalidTag, ValueError) as error:  # ValueError: too short to be anything sealed
        raise UnsealError("The key of this installation does not open this record.") from error
    return data


def _sealing_key(salt: bytes) -> bytes:
    key = _purpose_key("seal")
    return hmac.digest(key, salt, "sha256") if salt else key


def blind_index(text: str) -> bytes:
    """A keyed hash by which an address can be found without being stored. Case and outer space do not count."""
    return hmac.digest(_purpose_key("index"), text.strip().casefold().encode(), "sha256")


def keyed_hash(purpose: str, data: bytes) -> bytes:
    """A hash by which equal data are told, and that confirms no guess to whoever holds the database alone."""
    return hmac.digest(_purpose_key(f"hash:{purpose}"), data, "sha256")


def pseudonym(kind: str, identifier: int | str) -> str:
    """Twelve hexadecimal digits that stand for a person in the ledger: stable here, meaningless elsewhere."""
    return hmac.new(_purpose_key("pseudonym"), f"{kind}:{identifier}".encode(), hashlib.sha256).hexdigest()[:12]


def new_token() -> str:
    """A random token of 256 bits for a link; store only its `hash_token`."""
    return secrets.token_urlsafe(32)


def derive_token(purpose: str, name: str, salt: bytes) -> str:
    """A token of 160 bits, letters and digits, that this installation can make again while the salt exists."""
    digest = hmac.digest(_purpose_key(f"derived:{purpose}"), salt + name.encode(), "sha256")
    return base64.b32encode(digest[:20]).decode().lower()


def hash_token(token: str) -> bytes:
    """What is stored of a token. Tokens are random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


SALT_BYTES = 32
"""Bytes of a commitment's salt."""


def commit_public(said: Mapping[str, Any]) -> bytes:
    """The ledger's commitment to what is public and stays, so that it needs no salt: SHA-256 of its JSON, keys sorted.

    >>> commit_public({"words": "Done."}).hex()[:8]
    'ccc53973'
    """
    return commitment(b"", json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())


def commitment(salt: bytes, content: bytes) -> bytes:
    """SHA-256(salt ‖ content), with a random salt of 32 bytes: a short comment cannot be guessed from it.

    >>> commitment(b"0" * 32, b"words").hex()[:8]
    'de10a3fa'
    """
    return hashlib.sha256(salt + content).digest()
