"""Hashes of quoted comments in editions: keyed, since an edition outlives the words that it quotes.

An edition is never changed, and a plain hash in it would confirm a guess of a comment that was erased since. Editions
of the first release have plain ones, and are read as they are.
"""

from __future__ import annotations

from hashlib import sha256

from consult.core.crypto import keyed_hash


def key_hash(plain: str) -> str:
    """The keyed hash for a plain one; both in hexadecimal."""
    return keyed_hash("edition", bytes.fromhex(plain)).hex()


def is_of(stored: str, words: str) -> bool:
    """Whether this is the hash of a comment with these words."""
    plain = sha256(words.encode()).hexdigest()
    return stored in (key_hash(plain), plain)
