"""The signing key of this installation, and fingerprints that people compare."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import seal_bytes, unseal_bytes
from consult.core.lazy import LazyModule
from consult.peers.model import SharingKey

_exceptions: Any = LazyModule("cryptography.exceptions")
_ed25519: Any = LazyModule("cryptography.hazmat.primitives.asymmetric.ed25519")
_GROUPS, _DIGITS = 8, 5


def ensure_key(session: Session) -> None:
    """Make the key of this installation unless it has one."""
    if session.get(SharingKey, 1) is not None:
        return
    made = _ed25519.Ed25519PrivateKey.generate()
    values = {
        "id": 1,
        "installation": str(uuid4()),
        "public": made.public_key().public_bytes_raw(),
        "private": seal_bytes(made.private_bytes_raw()),
        "made_at": now(),
    }
    session.execute(insert(SharingKey).values(values).on_conflict_do_nothing())


def sign(row: SharingKey, text: str) -> bytes:
    """Return the Ed25519 signature of a text in UTF-8."""
    signature: bytes = _ed25519.Ed25519PrivateKey.from_private_bytes(unseal_bytes(row.private)).sign(text.encode())
    return signature


def is_signed(key: bytes, text: str, signature: bytes) -> bool:
    """Return True if the signature of a text is valid."""
    try:
        _ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, text.encode())
    except (_exceptions.InvalidSignature, ValueError):
        return False
    return True


def write_fingerprint(key: bytes) -> str:
    """Return a key as eight groups of five digits, which two people can compare by phone.

    >>> write_fingerprint(bytes(32))
    '30981 65309 90276 10382 19918 31479 37096 22022'
    """
    number = int.from_bytes(sha256(key).digest())
    parts = []
    for _group in range(_GROUPS):
        number, part = divmod(number, 10**_DIGITS)
        parts.append(f"{part:0{_DIGITS}}")
    return " ".join(parts)
