"""Return codes: seven words, the only key to a draft or submission without an account.

The words are those of BIP 39 (2,048 words, MIT licence): plain, and unique in their first four letters. Seven of them
are 77 bits. The database stores a hash of a keyed hash, so a copy of it does not allow to try words.
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
"""Letters by which a word is known from every other."""
_GAPS = re.compile(r"[^a-z]+")


@lru_cache(maxsize=1)
def word_list() -> tuple[str, ...]:
    return tuple(
        files("consult.submissions.private")
        .joinpath("return_words", f"{_LANGUAGE}.txt")
        .read_text(encoding="utf-8")
        .split()
    )


@lru_cache(maxsize=1)
def _by_start() -> dict[str, str]:
    return {word[:_TELLING]: word for word in word_list()}


def new_code() -> str:
    """Seven words drawn at random, with a space between."""
    return " ".join(secrets.choice(word_list()) for _ in range(LENGTH))


def derive_code(reference: str, salt: bytes) -> str:
    """The seven words of a submission that has a private link too: made again while the salt exists, not stored."""
    drawn = int.from_bytes(base64.b32decode(derive_token("return words", reference, salt).upper()), "big")
    return " ".join(word_list()[drawn >> (11 * place) & 2047] for place in range(LENGTH))


def parse_code(typed: str) -> str | None:
    """The code that somebody typed, whatever stands between the words; None where it cannot be one.

    >>> parse_code("Abandon-ABILITY, able (about) above abse  absorb"), parse_code("abandon ability")
    ('abandon ability able about above absent absorb', None)
    """
    plain = unicodedata.normalize("NFKC", fold_text(typed[:400])).casefold()
    found = [_by_start().get(part[:_TELLING]) for part in _GAPS.split(plain) if part]
    known = [word for word in found if word is not None]
    return " ".join(known) if len(found) == len(known) == LENGTH else None


def code_token(code: str) -> str:
    """The secret that stands for a code in the service: a keyed hash of it. Store only its `hash_token`."""
    return derive_token("return code", code, b"")
