"""Traces that would confirm a guess of a text: every unsalted hash of it that anybody could have kept."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from consult.analysis.text.fingerprints import fingerprint_text, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.core.text import normalise, one_line

_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256")
_BLAKE_BYTES = (8, 10, 16, 20, 32, 64)
_BEGINNING = 4
_TABLE_BITS = 22
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


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
    coded = {code(value).rstrip(b"=") for value in hashes for code in (base64.b64encode, base64.urlsafe_b64encode)}
    numbers = {str(int.from_bytes(value, "little")).encode() for value in marks(text)}
    return frozenset(hashes | coded | numbers | {value.hex().encode() for value in hashes})


@lru_cache(maxsize=8)
def _index(texts: tuple[str, ...]) -> tuple[npt.NDArray[np.uint8], dict[bytes, list[tuple[bytes, str]]]]:
    """Return a table that marks the hashed beginnings of traces, and the traces, with their texts, by beginning."""
    traces_by_beginning: dict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
    for text in texts:
        for trace in traces(text):
            traces_by_beginning[trace[:_BEGINNING]].append((trace, text))
    table = np.zeros(1 << _TABLE_BITS, np.uint8)
    for beginning in traces_by_beginning:
        table[_slots(beginning)] = 1
    return table, traces_by_beginning


def _slots(data: bytes) -> npt.NDArray[np.uint64]:
    """Return the place in the table of each run of `_BEGINNING` bytes in the data."""
    runs = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, np.uint8), _BEGINNING)
    values = np.ascontiguousarray(runs).view(f"<u{_BEGINNING}")[:, 0].astype(np.uint64)
    return (values * _MULTIPLIER) >> np.uint64(64 - _TABLE_BITS)


def is_confirmed(texts: Iterable[str], data: bytes) -> list[str]:
    """Return those of the texts that somebody who guesses them finds confirmed in these data.

    Cost grows with the data, not with data times traces: the table says where a trace may begin.
    """
    texts = tuple(texts)
    if len(data) < _BEGINNING:
        return []
    table, traces_by_beginning = _index(texts)
    confirmed = {
        text
        for at in np.flatnonzero(table[_slots(data)])
        for trace, text in traces_by_beginning.get(data[at : at + _BEGINNING], ())
        if data.startswith(trace, at)
    }
    return [text for text in texts if text in confirmed]
