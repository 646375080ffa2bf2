"""Comparison of published texts outside campaigns with letters by meaning, if the encoder package is installed.

Vectors are computed once per text, a few in each step, and deleted with its fingerprint. At most 10,000 texts of a
consultation are compared: those with the lowest hashes, which is a fair and bounded sample.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.campaigns import queries
from consult.analysis.campaigns.likeness import MIN_WORDS, Encoder, Floats, find_alike, load_encoder
from consult.analysis.jobs.stored_texts import load_submission_texts
from consult.analysis.model import AnalysisState
from consult.analysis.text.kept_words import keep_words

_SAMPLE = 10_000
_FEWEST = 50
"""With fewer texts, nothing can be called unusual."""
_STEP = 200
_LETTERS = 50
_TEXTS = text(
    """
    SELECT g.text_hash, g.sample_id, t.meaning FROM text_group g JOIN analysis_text t USING (consultation_id, text_hash)
    WHERE g.consultation_id = :consultation AND g.campaign_id IS NULL AND g.published > 0 AND NOT t.pointing
        AND t.words >= :words ORDER BY g.text_hash LIMIT :most
    """
)
_KEEP = text(
    """
    UPDATE analysis_text t SET meaning = f.meaning
    FROM unnest(CAST(:hashes AS bytea[]), CAST(:meanings AS bytea[])) AS f (text_hash, meaning)
    WHERE t.consultation_id = :consultation AND t.text_hash = f.text_hash
    """
)
_DROP = text("DELETE FROM alike_text WHERE consultation_id = :consultation")
_STORE = text(
    """
    INSERT INTO alike_text (consultation_id, text_hash, campaign_id, score)
    SELECT t.consultation_id, t.text_hash, f.campaign_id, f.score
    FROM unnest(CAST(:hashes AS bytea[]), CAST(:campaigns AS bigint[]), CAST(:scores AS float[]))
        AS f (text_hash, campaign_id, score)
    JOIN analysis_text t ON t.consultation_id = :consultation AND t.text_hash = f.text_hash
    FOR KEY SHARE OF t
    """
)
"""Locks the text, so that a concurrent deletion either happened before or also deletes this row."""


@jobs.compare_meanings.give
def compare_meanings(session: Session, consultation_id: int) -> bool:
    """Encode some texts that have no vector yet, and compare all encoded texts with the letters.

    Returns True if texts are left to encode. Does nothing if nothing can be encoded or nothing is new.
    """
    encode = get_encoder()
    where = {"consultation": consultation_id}
    rows = session.execute(_TEXTS, {**where, "words": MIN_WORDS, "most": _SAMPLE}).all()
    known = {bytes(row.text_hash): row.meaning for row in rows}
    fresh = [row for row in rows if row.meaning is None][:_STEP]
    state = session.get(AnalysisState, consultation_id, with_for_update=True)
    if encode is None or state is None or len(known) < _FEWEST or not (fresh or len(known) != state.meanings):
        return False
    bodies = load_submission_texts(session, [row.sample_id for row in fresh])
    made = {
        bytes(row.text_hash): _pack(encode([keep_words(bodies[row.sample_id].text)])[0])
        for row in fresh
        if row.sample_id in bodies
    }
    session.execute(_KEEP, {**where, "hashes": list(made), "meanings": list(made.values())})
    _compare(session, state, encode, {key: made.get(key, value) for key, value in known.items()})
    return len(made) == _STEP


def _compare(session: Session, state: AnalysisState, encode: Encoder, known: dict[bytes, bytes | None]) -> None:
    stored = {key: bytes(value) for key, value in known.items() if value is not None}
    letters = [
        letter for letter in queries.list_public_letters(session, state.consultation_id, _LETTERS) if letter.words
    ]
    vectors = np.array([_unpack(value) for value in stored.values()], dtype=np.float32).reshape(len(stored), -1)
    found = find_alike(encode([keep_words(letter.words) for letter in letters]), vectors)
    alike = np.flatnonzero(found.letter >= 0).tolist()
    hashes = list(stored)
    session.execute(_DROP, {"consultation": state.consultation_id})
    session.execute(
        _STORE,
        {
            "consultation": state.consultation_id,
            "hashes": [hashes[at] for at in alike],
            "campaigns": [letters[int(found.letter[at])].id for at in alike],
            "scores": [float(found.score[at]) for at in alike],
        },
    )
    state.meanings, state.meaning_letters, state.meanings_by_chance = len(stored), len(letters), found.expected
    session.flush()


@lru_cache(maxsize=1)
def get_encoder() -> Encoder | None:
    """Return the encoder of this process."""
    return load_encoder()


def _pack(vector: Floats) -> bytes:
    """Return a vector in half precision, which is sufficient for comparison and saves half the space."""
    return vector.astype(np.float16).tobytes()


def _unpack(stored: bytes) -> Floats:
    return np.frombuffer(stored, dtype=np.float16).astype(np.float32)
