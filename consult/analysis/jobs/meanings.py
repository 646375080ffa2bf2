"""Compares published texts outside campaigns with letters by meaning, where the package with the encoder is installed.

Vectors are made once for each text, some in each step, and go with its fingerprint when the text is forgotten. At most
10,000 texts of a consultation are compared, those with the lowest hashes: a fair sample, and bounded.
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

_SAMPLE = 10_000
_FEWEST = 50
"""Among fewer texts nobody can tell what is unusual."""
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
"""Of a text that is forgotten meanwhile no row stays: either it is gone here, or it waits and takes this row along."""


@jobs.compare_meanings.give
def compare_meanings(session: Session, consultation_id: int) -> bool:
    """Encodes some texts that have no vector yet, and compares all that have one with the letters.

    Gives whether texts are left to encode. Nothing is changed where nothing can be encoded, or nothing is new.
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
        bytes(row.text_hash): _pack(encode([bodies[row.sample_id].text])[0]) for row in fresh if row.sample_id in bodies
    }
    session.execute(_KEEP, {**where, "hashes": list(made), "meanings": list(made.values())})
    _compare(session, state, encode, {key: made.get(key, value) for key, value in known.items()})
    return len(made) == _STEP


def _compare(session: Session, state: AnalysisState, encode: Encoder, known: dict[bytes, bytes | None]) -> None:
    stored = {key: bytes(value) for key, value in known.items() if value is not None}
    letters = [one for one in queries.list_public_letters(session, state.consultation_id, _LETTERS) if one.words]
    vectors = np.array([_unpack(value) for value in stored.values()], dtype=np.float32).reshape(len(stored), -1)
    found = find_alike(encode([one.words for one in letters]), vectors)
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
    """The encoder of this process."""
    return load_encoder()


def _pack(vector: Floats) -> bytes:
    """A vector in half precision: enough to compare by, half the room."""
    return vector.astype(np.float16).tobytes()


def _unpack(stored: bytes) -> Floats:
    return np.frombuffer(stored, dtype=np.float16).astype(np.float32)
