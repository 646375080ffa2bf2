"""Traces that would confirm a guess of a text: every unsalted hash of it that anybody could have kept."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from consult.analysis.text.fingerprints import fingerprint_text, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.core.text import normalise, one_line

_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256")
_BLAKE_BYTES = (8, 10, 16, 20, 32, 64)


def spellings(text: str) -> set[str]:
    """The forms in which a text may have been hashed."""
    words = normalise(text)
    plain = {text, text.strip(), one_line(text), text.casefold(), words, words.replace(" ", ""), normal_form(text)}
    return plain | {form + "\n" for form in plain} | {f'"{form}"' for form in plain}


def digests(text: str) -> Iterator[bytes]:
    """Plain hashes of all its spellings."""
    for form in spellings(text):
        data = form.encode()
        yield from (hashlib.new(name, data).digest() for name in _ALGORITHMS)
        yield from (hashlib.blake2b(data, digest_size=size).digest() for size in _BLAKE_BYTES)
        yield from (hashlib.blake2s(data, digest_size=size).digest() for size in (16, 32))


def marks(text: str) -> Iterator[bytes]:
    """The analysis' marks of five words, as they are stored, and its hash of each word."""
    yield from (bytes(one.tobytes()) for one in fingerprint_text(text))
    yield from (bytes(one.tobytes()) for one in word_hashes([split_unspaced(normal_form(text))]).values)


@lru_cache(maxsize=256)
def traces(text: str) -> frozenset[bytes]:
    """Return the traces of one text: its hashes as bytes, in hexadecimal and base 64, and as numbers."""
    hashes = {*digests(text), *marks(text)}
    coded = {code(found).rstrip(b"=") for found in hashes for code in (base64.b64encode, base64.urlsafe_b64encode)}
    numbers = {str(int.from_bytes(found, "little")).encode() for found in marks(text)}
    return frozenset(hashes | coded | numbers | {found.hex().encode() for found in hashes})


def is_confirmed(texts: Iterable[str], data: bytes) -> list[str]:
    """Those of the texts that somebody who guesses them finds confirmed in these data."""
    return [text for text in texts if any(trace in data for trace in traces(text))]
