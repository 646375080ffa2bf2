"""The language that words seem to be in, by the common words in them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.web.access import Role
from consult.moderation import waiting_list as queue
from consult.moderation.checks.text_checks import detect_language
from consult.moderation.queue import case_page
from consult.submissions.model import Comment
from tests import factories
from tests.moderation.cases import filed

SAID = {
    "fr": [
        "Il n’y a pas de moyens pour cela dans les villages de la montagne.",
        "Aucun compte n’a cette adresse. Demandez à la personne d’en créer un d’abord.",
        "Il faut que la part de la prévention soit fixée par la loi et non par le ministère.",
    ],
    "es": [
        "Su autora cambió o retiró lo que usted denunció antes de que se decidiera.",
        "Hay que fijar en la ley la parte que corresponde a la prevención, y no por decreto.",
    ],
    "pt": ["Não há meios para isso nas aldeias da serra, e as clínicas fecham às cinco."],
    "en": ["There is no money for this in our villages, and the clinic shuts at five."],
}


@pytest.mark.parametrize(("language", "words"), [(code, words) for code, said in SAID.items() for words in said])
def test_the_language_of_words_is_told_and_never_taken_for_a_neighbour(language: str, words: str) -> None:
    assert detect_language(words) == language
    assert {detect_language(words, said) for said in SAID} <= {"", language}


def test_words_in_a_language_that_is_not_known_here_are_left_as_they_were_said() -> None:
    assert (
        detect_language("Die Klinik in unserem Dorf schließt um fünf, und der nächste Bus fährt um vier.", "en") == ""
    )


def test_options_that_were_chosen_are_not_the_authors_language(session: Session) -> None:
    row = filed(session, body=SAID["es"][0], comments=2, language="es")
    reader = factories.account(session, Role.MODERATOR)
    chosen = session.scalars(select(Comment).where(Comment.submission_id == row.id)).all()[1]
    chosen.body = SAID["en"][0]
    queue.requeue(session, [row.id])
    session.commit()
    case = case_page.get_case(session, reader, row.id)
    assert (case.other_languages, case.waiting and "language" in case.waiting.found) == (["en"], True)
    chosen.answer = {"chosen": ["clinic"]}
    queue.requeue(session, [row.id])
    session.commit()
    case = case_page.get_case(session, reader, row.id)
    assert (case.other_languages, case.waiting and "language" in case.waiting.found) == ([], False)
