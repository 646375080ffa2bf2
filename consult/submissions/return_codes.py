"""Recovery words: seven words that open a draft begun without an account, or an anonymous submission.

The words are those of BIP 39 (2,048 words, MIT licence): plain, and unique in their first four letters. Seven of them
have 77 bits. The database stores a hash of a keyed hash, so the words cannot be guessed from a copy of the database
without the key.
"""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata
from functools import lru_cache
from importlib.resources import files

from consult.core.crypto import derive_token
from consult.core.languages import REGISTRY
from consult.core.text import fold_text

LENGTH = 7
_LANGUAGE = next(language.code for language in REGISTRY if language.return_words)
_TELLING = 4
"""Number of letters that identify a word."""
_GAPS = re.compile(r"[^a-z]+")


@lru_cache(maxsize=1)
def word_list() -> tuple[str, ...]:
    return tuple(
        files("consult.submissions").joinpath("return_words", f"{_LANGUAGE}.txt").read_text(encoding="utf-8").split()
    )


@lru_cache(maxsize=1)
def _by_start() -> dict[str, str]:
    return {word[:_TELLING]: word for word in word_list()}


def new_code() -> str:
    """Return seven random words, separated by spaces."""
    return " ".join(secrets.choice(word_list()) for _ in range(LENGTH))


def derive_code(reference: str, salt: bytes) -> str:
    """Return the recovery words of a submission that also has a private link, derived from its salt."""
    drawn = int.from_bytes(base64.b32decode(derive_token("return words", reference, salt).upper()), "big")
    return " ".join(word_list()[drawn >> (11 * place) & 2047] for place in range(LENGTH))


def parse_code(typed: str) -> str | None:
    """Parse typed recovery words, ignoring characters between them. Return None if they are not valid.

    >>> parse_code("Abandon-ABILITY, able (about) above abse  absorb"), parse_code("abandon ability")
    ('abandon ability able about above absent absorb', None)
    """
    plain = unicodedata.normalize("NFKC", fold_text(typed[:400])).casefold()
    found = [_by_start().get(part[:_TELLING]) for part in _GAPS.split(plain) if part]
    known = [word for word in found if word is not None]
    return " ".join(known) if len(found) == len(known) == LENGTH else None


def code_token(code: str) -> str:
    """Return the keyed hash used as token for recovery words. Store only its `hash_token`."""
    return derive_token("return code", code, b"")
