"""Published texts outside campaigns are compared with letters by meaning, where an encoder is installed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.analysis import jobs, service
from consult.analysis.jobs import meanings
from consult.analysis.model import AlikeText, AnalysisState, Campaign, TextFingerprint
from consult.consultations.model import Consultation
from consult.submissions.model import State
from tests import factories
from tests.analysis.writing import LETTERS
from tests.filing import decide, file, numbered

LETTER = LETTERS[0]
REWRITTEN = (
    "Kindly leave in force what shields the people who harvest our crops, for their sons and daughters suffer too, said"
)
OTHER = "The harbour needs a longer pier because ferries from the islands wait an hour every evening in summer, says"


def encode(texts: Sequence[str]) -> meanings.Floats:
    """Stands in for the library: letters and what rewrites them point one way, all else anywhere."""
    rows = []
    for text in texts:
        vector = np.random.default_rng(sum(text.encode())).normal(size=64)
        vector[0] = 90 if text.strip().startswith(("Kindly", "We ask you not")) else -3
        rows.append(vector)
    return np.array(rows, dtype=np.float32).reshape(len(rows), 64)


def filed(session: Session) -> Consultation:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, LETTER, published=True)
    names = [f"{left}{right}" for left in ("Ann", "Bo", "Cy", "Di", "Ed", "Fay", "Gus", "Hal") for right in "abcdefgh"]
    for name in names:
        file(session, row, f"{OTHER} {name}, {name[::-1]} and {name * 2} of the {name}town council", published=True)
    file(session, row, f"{REWRITTEN} Zoe, whose family has picked pears for years", published=True)
    service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    return row


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meanings, "get_encoder", lambda: encode)


def alone(session: Session, row: Consultation) -> bool:
    """Return True if there is one campaign: the other submissions belong to none, as this test needs."""
    return session.scalar(select(func.count()).where(Campaign.consultation_id == row.id)) == 1


@pytest.mark.usefixtures("encoder")
def test_a_rewritten_letter_is_said_to_be_alike_in_meaning_beside_what_chance_gives(
    session: Session, client: FlaskClient
) -> None:
    row = filed(session)
    assert alone(session, row)
    path = f"/c/{row.slug}/campaigns/{session.scalars(select(Campaign.id)).one()}"
    session.commit()
    assert "We did not look for rewritten versions" in client.get(path).text
    assert jobs.compare_meanings(session, row.id) is False
    session.commit()
    page = client.get(path).text
    assert "We compared the meaning of 65 published texts outside campaigns" in page
    assert "1 of them is unusually close to this campaign letter." in page
    assert "By chance, we would expect about 1." in page
    assert session.scalars(select(Campaign.members)).one() == 5  # a hint: it is no member


@pytest.mark.usefixtures("encoder")
def test_nothing_is_encoded_twice_and_no_vector_outlives_its_text(session: Session) -> None:
    row = filed(session)
    jobs.compare_meanings(session, row.id)
    encoded = select(func.count()).where(TextFingerprint.meaning.is_not(None))
    assert session.scalar(encoded) == 65
    before = session.get_one(AnalysisState, row.id).meanings
    assert jobs.compare_meanings(session, row.id) is False
    assert session.get_one(AnalysisState, row.id).meanings == before
    last = file(session, row, f"{REWRITTEN} Yan, whose sister packs plums", published=True)
    service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    jobs.compare_meanings(session, row.id)
    assert session.scalar(select(func.count()).select_from(AlikeText)) == 2
    decide(session, last, State.WITHDRAWN)
    service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    assert session.scalar(encoded) == 65
    assert session.scalar(select(func.count()).select_from(AlikeText)) == 1


def test_without_an_encoder_nothing_is_compared(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meanings, "get_encoder", lambda: None)
    row = filed(session)
    assert jobs.compare_meanings(session, row.id) is False
    assert session.get_one(AnalysisState, row.id).meanings is None
