"""Return codes: seven words as the only key to what somebody wrote without an account.

The words are those of BIP 39 (2,048 words, MIT licence): plain, and told apart by their first four letters. Seven of
them are 77 bits. What is stored is a hash of a keyed hash, so nobody with a copy of the database can try words.
"""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata
from functools import lru_cache
from importlib.resources import files

from consult.core.crypto import derived

LENGTH = 7
_TELLING = 4
"""Letters by which a word is known from every other."""
_GAPS = re.compile(r"[^a-z]+")


@lru_cache(maxsize=1)
def words() -> tuple[str, ...]:
    return tuple(files("consult.submissions").joinpath("return_words.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _by_start() -> dict[str, str]:
    return {word[:_TELLING]: word for word in words()}


def new() -> str:
    """Seven words drawn at random, with a space between."""
    return " ".join(secrets.choice(words()) for _ in range(LENGTH))


def made(reference: str, salt: bytes) -> str:
    """The seven words of a submission that has a private link too: made again while the salt exists, not stored."""
    drawn = int.from_bytes(base64.b32decode(derived("return words", reference, salt).upper()), "big")
    return " ".join(words()[drawn >> (11 * place) & 2047] for place in range(LENGTH))


def read(typed: str) -> str | None:
    """The code that somebody typed, whatever stands between the words; None where it cannot be one.

    >>> read("Abandon-ABILITY, able (about) above abse  absorb"), read("abandon ability")
    ('abandon ability able about above absent absorb', None)
    """
    plain = unicodedata.normalize("NFKC", typed[:400]).casefold()
    found = [_by_start().get(part[:_TELLING]) for part in _GAPS.split(plain) if part]
    known = [word for word in found if word is not None]
    return " ".join(known) if len(found) == len(known) == LENGTH else None


def token(code: str) -> str:
    """The secret that stands for a code in the service: a keyed hash of it. Store only its `token_hash`."""
    return derived("return code", code, b"")
