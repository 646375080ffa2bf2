"""A corpus: the distinct texts of many comments, each with its number of copies and its fingerprints."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from os import SEEK_END
from typing import IO, Self

import numpy as np

from consult.analysis.kinds import MIN_LETTER_WORDS
from consult.analysis.text.attachment_only import is_attachment_only
from consult.analysis.text.fingerprints import Flags, Ints, RaggedArray, winnow, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced, text_hash
from consult.analysis.text.quotations import has_long_quotation

_RECENT = 8_000_000
"""The maximum number of characters cached to recognise identical texts quickly."""


class Corpus:
    """Distinct texts, added in batches. Texts that differ only in how they are typed count as one.

    Hashes, counts and fingerprints are in memory; the texts are in an unnamed temporary file that `with Corpus() as
    corpus:` closes. The order of arrival changes the numbering only.
    """

    def __init__(self) -> None:
        self.hashes: list[bytes] = []
        self.counts: array[int] = array("q")
        self._words: array[int] = array("q")
        self._quoting: array[int] = array("b")
        self._pointing: array[int] = array("b")
        self._index: dict[bytes, int] = {}
        self._recent: dict[str, int] = {}
        self._remembered = 0
        self._marks: array[int] = array("Q")
        self._sizes: array[int] = array("q")
        self._places: array[int] = array("q")
        self._ends: array[int] = array("q")
        self._ranks: array[int] = array("Q")
        self._written = 0
        self._reading = False
        self._spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the corpus is left

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def __len__(self) -> int:
        return len(self.hashes)

    def add(self, texts: Iterable[str]) -> list[int]:
        """Add texts and return the number of each, new or known."""
        numbers: list[int] = []
        fresh: list[str] = []
        for text in texts:
            number = self._recent.get(text)
            if number is None:
                number = self._number(text, fresh)
            self.counts[number] += 1
            numbers.append(number)
        if fresh:
            self._fingerprint(fresh)
        if self._remembered > _RECENT:
            self._recent.clear()
            self._remembered = 0
        return numbers

    def text(self, number: int) -> str:
        """Return the original text with this number.

        Of several spellings, the choice does not depend on their order.
        """
        self._reading = True
        self._spool.seek(self._places[number])
        return self._spool.read(self._ends[number] - self._places[number]).decode()

    def texts(self, numbers: Iterable[int]) -> list[str]:
        """Return the original texts with these numbers."""
        return [self.text(int(number)) for number in numbers]

    def marks(self) -> RaggedArray:
        """Return the fingerprints of every text."""
        starts = np.zeros(len(self) + 1, dtype=np.int64)
        np.cumsum(_view(self._sizes, np.int64), out=starts[1:])
        return RaggedArray(_view(self._marks, np.uint64), starts)

    def words(self) -> Ints:
        """Return the number of words of each text."""
        return _view(self._words, np.int64)

    def quoting(self) -> Flags:
        """Return which texts contain a passage in quotation marks."""
        return _view(self._quoting, np.bool_)

    def pointing(self) -> Flags:
        """Return which texts only say that the comment is in a file."""
        return _view(self._pointing, np.bool_)

    def copies(self) -> Ints:
        """Return the number of comments with each text."""
        return _view(self.counts, np.int64)

    def _number(self, text: str, fresh: list[str]) -> int:
        normal = normal_form(text)
        key = text_hash(normal)
        number = self._index.get(key)
        rank = _rank(text)
        if number is None:
            number = self._index[key] = len(self.hashes)
            self.hashes.append(key)
            self.counts.append(0)
            for column in (self._places, self._ends, self._ranks, self._quoting):
                column.append(0)
            self._write(number, text, rank)
            fresh.append(split_unspaced(normal))
        elif rank < self._ranks[number]:
            self._write(number, text, rank)
        self._recent[text] = number
        self._remembered += len(text)
        return number

    def _write(self, number: int, text: str, rank: int) -> None:
        if self._reading:
            self._reading = False
            self._spool.seek(0, SEEK_END)
        self._places[number] = self._written
        self._written += self._spool.write(text.encode())
        self._ends[number] = self._written
        self._ranks[number] = rank
        self._quoting[number] = has_long_quotation(text)

    def _fingerprint(self, normals: Sequence[str]) -> None:
        hashes = word_hashes(normals)
        marks = winnow(hashes)
        sizes = hashes.sizes().tolist()
        self._pointing.extend(
            size < MIN_LETTER_WORDS and is_attachment_only(normal.split())
            for size, normal in zip(sizes, normals, strict=True)
        )
        self._words.frombytes(hashes.sizes().tobytes())
        self._marks.frombytes(marks.values.tobytes())
        self._sizes.frombytes(marks.sizes().tobytes())


def _view(column: array[int], kind: type[np.generic]) -> np.ndarray:
    """Return a numpy view of a column, without copying. No text can be added while the view exists."""
    return np.frombuffer(column, dtype=kind) if len(column) else np.empty(0, dtype=kind)


def _rank(text: str) -> int:
    """Return a sort key for spellings of a text: not all capitals, then normal spacing, then the lowest hash."""
    odd = text.isupper() << 1 | (text.islower() or "  " in text)
    return odd << 62 | int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 2
