"""Texts that are stored: what grouping looks at, read from the tables; words only where someone has to look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.campaigns import SHORT
from consult.analysis.fingerprints import MARK_RULE, Flags, Ints, Marks, Ragged, winnow, word_hashes
from consult.analysis.kinds import Kind
from consult.analysis.normalise import NORMAL_RULE, normal_form, spaced, text_hash
from consult.analysis.quotations import quotes_at_length
from consult.analysis.short import only_points_to_an_attachment

RULE = 1_000 * NORMAL_RULE + 10 * MARK_RULE + 3
"""The version of everything that is stored of a text: of its normal form, its marks, and how it is placed."""
_KEPT = 4_000_000
"""Characters of words that are kept at hand."""
_COLUMNS = "g.text_hash, g.standing, g.sample_id, g.campaign_id, g.kind, t.words, t.quoting, t.pointing, t.marks"
_WORDS = text(
    """
    SELECT submission_id, array_agg(id ORDER BY position, id), array_agg(body ORDER BY position, id)
    FROM comment WHERE submission_id = ANY(:ids) GROUP BY submission_id
    """
)
_STORE = text(
    """
    INSERT INTO analysis_text AS t (consultation_id, text_hash, rule, words, quoting, pointing, marks)
    SELECT :consultation, * FROM unnest(CAST(:text_hashs AS bytea[]), CAST(:rules AS int[]), CAST(:wordss AS int[]),
        CAST(:quotings AS bool[]), CAST(:pointings AS bool[]), CAST(:markss AS bytea[]))
    ON CONFLICT (consultation_id, text_hash) DO UPDATE SET rule = excluded.rule, words = excluded.words,
        quoting = excluded.quoting, pointing = excluded.pointing, marks = excluded.marks
        WHERE t.rule <> excluded.rule
    """
)


class Told(NamedTuple):
    """One stored text and what it is told by. Of a letter nobody sent `standing` is 0."""

    text_hash: bytes
    standing: int
    sample_id: int
    campaign_id: int | None
    kind: str
    words: int
    quoting: bool
    pointing: bool
    marks: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """The words of one submission: its comments one after another, and where each begins."""

    comments: list[int]
    starts: list[int]
    text: str

    def places(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Where `[start, end)` of the whole stands: comment, start and end in it; several where it runs over."""
        ends = [*(begins - 1 for begins in self.starts[1:]), len(self.text)]
        found: list[tuple[int, int, int]] = []
        for comment, begins, last in zip(self.comments, self.starts, ends, strict=True):
            first, final = max(start, begins), min(end, last)
            if first < final or (start == end and begins <= start <= last and not found):
                found.append((comment, first - begins, final - begins))
        return found


def bodies(session: Session, submission_ids: Iterable[int]) -> dict[int, Body]:
    """The words of submissions, as `content.text_hash` takes them together."""
    found = {}
    for submission_id, comments, words in session.execute(_WORDS, {"ids": sorted(submission_ids)}):
        starts = [0]
        for each in words[:-1]:
            starts.append(starts[-1] + len(each) + 1)
        found[submission_id] = Body(comments, starts, "\n".join(words))
    return found


def told(texts: Mapping[bytes, str]) -> dict[bytes, Told]:
    """What texts are told by, by their hashes; a text whose hash is another is left out: its words have gone."""
    normals = {key: normal_form(each) for key, each in texts.items()}
    keys = sorted(key for key, normal in normals.items() if text_hash(normal) == key)
    hashes = word_hashes([spaced(normals[key]) for key in keys])
    marks = winnow(hashes)
    found = {}
    for row, (key, size) in enumerate(zip(keys, hashes.sizes().tolist(), strict=True)):
        pointing = size < SHORT and only_points_to_an_attachment(spaced(normals[key]).split())
        quoting = quotes_at_length(texts[key])
        found[key] = Told(key, 0, 0, None, Kind.INDIVIDUAL, size, quoting, pointing, marks[row].tobytes())
    return found


def fingerprint(session: Session, *, consultation_id: int, samples: Mapping[bytes, int]) -> None:
    """Stores what texts are told by, read from the submission named for each; once for each rule.

    Safe to repeat, and to do at once in several places.
    """
    read_ = bodies(session, samples.values())
    found = told({key: read_[sample].text for key, sample in samples.items() if sample in read_})
    columns = list(zip(*found.values(), strict=True)) or [()] * len(Told._fields)
    values = {f"{name}s": list(column) for name, column in zip(Told._fields, columns, strict=True)}
    session.execute(_STORE, {**values, "consultation": consultation_id, "rules": [RULE] * len(found)})


class Stored:
    """Some of the texts of a consultation as a corpus; see `grouping.Texts`."""

    def __init__(self, session: Session, rows: Sequence[Told]) -> None:
        self._session = session
        self.hashes: list[bytes] = [bytes(row.text_hash) for row in rows]
        self.samples: list[int] = [row.sample_id for row in rows]
        self.campaign_ids: list[int | None] = [row.campaign_id for row in rows]
        self.kinds: list[str] = [row.kind for row in rows]
        self.given: dict[int, str] = {}
        self._copies = np.array([row.standing for row in rows], dtype=np.int64)
        self._words = np.array([row.words for row in rows], dtype=np.int64)
        self._quoting = np.array([row.quoting for row in rows], dtype=np.bool_)
        self._pointing = np.array([row.pointing for row in rows], dtype=np.bool_)
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row.marks) // 8 for row in rows], out=starts[1:])
        self._marks = Ragged(np.frombuffer(b"".join(bytes(row.marks) for row in rows), dtype=np.uint64), starts)
        self._bodies: dict[int, Body] = {}
        self._kept = 0

    def __len__(self) -> int:
        return len(self.hashes)

    def text(self, number: int) -> str:
        """The words of a text as its sample spells them."""
        return self.texts([number])[0]

    def texts(self, numbers: Iterable[int]) -> list[str]:
        """The words of some texts."""
        asked = [int(number) for number in numbers]
        found = self.bodies(number for number in asked if number not in self.given)
        return [self.given[number] if number in self.given else found[self.samples[number]].text for number in asked]

    def bodies(self, numbers: Iterable[int]) -> dict[int, Body]:
        """The samples of some texts, by submission."""
        asked = {self.samples[number] for number in numbers}
        missing = asked - self._bodies.keys()
        if self._kept > _KEPT:
            self._bodies = {key: body for key, body in self._bodies.items() if key in asked}
            self._kept = 0
        if missing:
            fresh = bodies(self._session, missing)
            self._bodies |= fresh
            self._kept += sum(len(body.text) for body in fresh.values())
        return self._bodies

    def marks(self) -> Ragged:
        return self._marks

    def words(self) -> Ints:
        return self._words

    def quoting(self) -> Flags:
        return self._quoting

    def pointing(self) -> Flags:
        return self._pointing

    def copies(self) -> Ints:
        return self._copies


def read(session: Session, where: str, values: dict[str, object]) -> list[Told]:
    """The stored texts that a condition picks, each with what it is told by."""
    rows = session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM text_group g JOIN analysis_text t USING (consultation_id, text_hash)
            WHERE g.consultation_id = :consultation AND t.rule = :rule AND g.standing > 0 AND {where}
            """  # noqa: S608 - conditions are written in the engine
        ),
        {**values, "rule": RULE},
    )
    return [Told(*row) for row in rows]


def marks_of(stored: bytes) -> Marks:
    """Marks as they are kept in a row."""
    return np.frombuffer(bytes(stored), dtype=np.uint64)
