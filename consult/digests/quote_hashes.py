"""Keyed hashes of quoted comments in editions, because editions are kept longer than the words they quote.

Editions are never changed, and a plain hash would confirm a guess of an erased comment. Editions of the first release
have plain hashes, which are still accepted.
"""

from __future__ import annotations

from hashlib import sha256

from consult.core.crypto import keyed_hash


def key_hash(plain: str) -> str:
    """Return the keyed hash of a plain one, both in hexadecimal."""
    return keyed_hash("edition", bytes.fromhex(plain)).hex()


def is_of(stored: str, words: str) -> bool:
    """Return True if the stored hash is that of these words."""
    plain = sha256(words.encode()).hexdigest()
    return stored in (key_hash(plain), plain)
