"""Access to stored texts for grouping. Their words are read only if the comparison needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.kinds import MIN_LETTER_WORDS, TextKind
from consult.analysis.text.attachment_only import is_attachment_only
from consult.analysis.text.fingerprints import MARK_RULE, Flags, Ints, RaggedArray, winnow, word_hashes
from consult.analysis.text.normalise import NORMAL_RULE, normal_form, split_unspaced, text_hash
from consult.analysis.text.quotations import has_long_quotation

TEXT_RULE = 1_000 * NORMAL_RULE + 10 * MARK_RULE + 9
"""The version of all data derived from a text: normal form, fingerprints and classification."""
_KEPT = 4_000_000
"""The number of characters of texts that are cached."""
_COLUMNS = "g.text_hash, g.standing, g.sample_id, g.campaign_id, g.kind, t.words, t.quoting, t.pointing, t.marks"
_WORDS = text(
    """
    SELECT submission_id, array_agg(id ORDER BY position, id), array_agg(body ORDER BY position, id)
    FROM readable_comment WHERE submission_id = ANY(:ids) GROUP BY submission_id
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


class StoredText(NamedTuple):
    """A stored text with its fingerprint. `standing` is 0 for a letter that nobody sent."""

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
class SubmissionText:
    """The words of one submission: its comments joined, and the start of each."""

    comments: list[int]
    starts: list[int]
    text: str

    def places(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Return the range `[start, end)` of the joined text as (comment, start, end), one for each comment that it
        spans."""
        ends = [*(begins - 1 for begins in self.starts[1:]), len(self.text)]
        places: list[tuple[int, int, int]] = []
        for comment, begins, last in zip(self.comments, self.starts, ends, strict=True):
            first, final = max(start, begins), min(end, last)
            if first < final or (start == end and begins <= start <= last and not places):
                places.append((comment, first - begins, final - begins))
        return places


def load_submission_texts(session: Session, submission_ids: Iterable[int]) -> dict[int, SubmissionText]:
    """Return the words of submissions by ID, joined in the way `content.text_hash` hashes them."""
    texts = {}
    for submission_id, comments, words in session.execute(_WORDS, {"ids": sorted(submission_ids)}):
        starts = [0]
        for each in words[:-1]:
            starts.append(starts[-1] + len(each) + 1)
        texts[submission_id] = SubmissionText(comments, starts, "\n".join(words))
    return texts


def build_stored_texts(texts: Mapping[bytes, str]) -> dict[bytes, StoredText]:
    """Return fingerprints of texts by hash. Texts whose hash differs are omitted: they have changed since."""
    normals = {key: normal_form(each) for key, each in texts.items()}
    keys = sorted(key for key, normal in normals.items() if text_hash(normal) == key)
    hashes = word_hashes([split_unspaced(normals[key]) for key in keys])
    marks = winnow(hashes)
    found = {}
    for row, (key, size) in enumerate(zip(keys, hashes.sizes().tolist(), strict=True)):
        pointing = size < MIN_LETTER_WORDS and is_attachment_only(split_unspaced(normals[key]).split())
        quoting = has_long_quotation(texts[key])
        found[key] = StoredText(key, 0, 0, None, TextKind.INDIVIDUAL, size, quoting, pointing, marks[row].tobytes())
    return found


@jobs.fingerprint_samples.give
def fingerprint_samples(session: Session, consultation_id: int, samples: Mapping[bytes, int]) -> None:
    """Store the fingerprints of texts, read from the given submissions, once per version of the rule.

    Safe to repeat and to run concurrently.
    """
    read_ = load_submission_texts(session, samples.values())
    found = build_stored_texts({key: read_[sample].text for key, sample in samples.items() if sample in read_})
    columns = list(zip(*found.values(), strict=True)) or [()] * len(StoredText._fields)
    values = {f"{name}s": list(column) for name, column in zip(StoredText._fields, columns, strict=True)}
    session.execute(_STORE, {**values, "consultation": consultation_id, "rules": [TEXT_RULE] * len(found)})


class StoredCorpus:
    """Some texts of a consultation as a corpus. See `CorpusLike`."""

    def __init__(self, session: Session, rows: Sequence[StoredText]) -> None:
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
        self._marks = RaggedArray(np.frombuffer(b"".join(bytes(row.marks) for row in rows), dtype=np.uint64), starts)
        self._bodies: dict[int, SubmissionText] = {}
        self._kept = 0

    def __len__(self) -> int:
        return len(self.hashes)

    def text(self, number: int) -> str:
        """Return the words of a text as its sample submission spells them."""
        return self.texts([number])[0]

    def texts(self, numbers: Iterable[int]) -> list[str]:
        """Return the words of texts. Texts erased since are empty."""
        asked = [int(number) for number in numbers]
        found = self.bodies(number for number in asked if number not in self.given)
        gone = SubmissionText([], [], "")
        return [
            self.given[number] if number in self.given else found.get(self.samples[number], gone).text
            for number in asked
        ]

    def bodies(self, numbers: Iterable[int]) -> dict[int, SubmissionText]:
        """Return the sample submissions of texts, by submission ID."""
        asked = {self.samples[number] for number in numbers}
        missing = asked - self._bodies.keys()
        if self._kept > _KEPT:
            self._bodies = {key: body for key, body in self._bodies.items() if key in asked}
            self._kept = 0
        if missing:
            fresh = load_submission_texts(self._session, missing)
            self._bodies |= fresh
            self._kept += sum(len(body.text) for body in fresh.values())
        return self._bodies

    def marks(self) -> RaggedArray:
        return self._marks

    def words(self) -> Ints:
        return self._words

    def quoting(self) -> Flags:
        return self._quoting

    def pointing(self) -> Flags:
        return self._pointing

    def copies(self) -> Ints:
        return self._copies


def load_texts(session: Session, where: str, values: dict[str, object]) -> list[StoredText]:
    """Return the stored texts that an SQL condition selects, with their fingerprints."""
    rows = session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM text_group g JOIN analysis_text t USING (consultation_id, text_hash)
            WHERE g.consultation_id = :consultation AND t.rule = :rule AND g.standing > 0 AND {where}
            """  # noqa: S608 - conditions are written in the engine
        ),
        {**values, "rule": TEXT_RULE},
    )
    return [StoredText(*row) for row in rows]
