"""Lines that are no statement: kept beside each text, learnt from a letter's copies, corrected by people."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import lines, service
from consult.analysis.model import Campaign, LineChoice, Statement, TextGroup
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.kept_words import find_identifying, keep_words, mask_names
from consult.analysis.text.line_roles import LineRole, read_lines
from consult.analysis.text.residual import compute_residuals
from consult.consultations.model import Consultation
from tests import factories
from tests.analysis.writing import LETTERS
from tests.filing import file, numbered

FARM = LETTERS[0]
NAMES = ("Jane Roe", "Ilse Brandt", "Marta Lindqvist", "Omar Haddad", "Piotr Nowak", "quetzal")


def follow(session: Session, consultation: Consultation) -> None:
    service.FOLLOWER.follow(session, consultation_id=consultation.id, until=numbered(session))
    session.commit()


def campaign_of_signed_copies(session: Session) -> Consultation:
    consultation = factories.consultation(session)
    for text in (*[FARM] * 6, *(f"{FARM}\n\n{name}" for name in NAMES)):
        file(session, consultation, text)
    follow(session, consultation)
    return consultation


def test_copies_that_add_a_name_only_are_word_for_word(session: Session) -> None:
    consultation = campaign_of_signed_copies(session)
    letter = session.scalars(select(Campaign).where(Campaign.consultation_id == consultation.id)).one()
    assert (letter.members, letter.exact, letter.adding) == (12, 12, 0)
    assert session.scalars(select(Statement)).all() == []
    assert letter.name_slots == [len(FARM.replace("-", " ").split())]
    aside = session.scalars(select(TextGroup.set_aside).order_by(TextGroup.published, TextGroup.standing)).all()
    assert [[role for _start, _end, role in spans] for spans in aside] == [["greeting", "identifying"]] * 6 + [
        ["greeting"]
    ]


def test_a_word_where_most_put_their_names_is_a_name_there_only() -> None:
    copies = [f"{FARM}\n\n{name}" for name in NAMES]
    assert all(found.statements == () for found in compute_residuals(CampaignLetter.of(FARM), copies))
    (alone,) = compute_residuals(CampaignLetter.of(FARM), [f"{FARM}\n\nquetzal"])
    assert [found.text for found in alone.statements] == ["quetzal"]


def test_a_person_corrects_a_line_in_every_text(session: Session) -> None:
    consultation = factories.consultation(session)
    for text in (*[FARM] * 6, f"{FARM}\n\nLet Kids Play", f"{FARM}\n\nlet kids play!"):
        file(session, consultation, text)
    follow(session, consultation)
    said = session.scalars(select(Statement).order_by(Statement.id)).all()
    assert len(said) == 1  # both are one text: they differ in capitals and points only
    chosen = {"consultation_id": consultation.id, "text_hash": said[0].text_hash, "line": "Let Kids Play"}
    account = factories.account(session)
    lines.choose_role(session, account=account, role=LineRole.HEADING, **chosen)
    lines.choose_role(session, account=account, role=LineRole.COURTESY, **chosen)
    assert session.scalars(select(LineChoice.role)).one() is LineRole.COURTESY
    file(session, consultation, "Something else is said in this text by another person.")
    follow(session, consultation)
    assert session.scalars(select(Statement)).all() == []


def test_a_name_in_a_sentence_is_masked_and_the_sentence_stays_whole() -> None:
    text = "My name is Jane Roe and I am a nurse.\nJe m'appelle Inès Bouazza, et je suis contre."
    assert mask_names(text) == "My name is [name] and I am a nurse.\nJe m'appelle [name], et je suis contre."
    assert "Jane" not in keep_words(text)
    assert len(keep_words(text).split("\n")) == 2


def test_lines_that_follow_each_other_are_hidden_as_one_and_never_the_whole_text() -> None:
    letter = "Please fund clinics.\nSincerely,\nJane Roe\nReno, NV 89501\njane@example.org"
    assert [letter[slice(*span)] for span in find_identifying(letter)] == ["Jane Roe\nReno, NV 89501\njane@example.org"]
    assert find_identifying("Jane Roe\nReno, NV 89501") == []


HOSTILE = ("a@", "[", "my name is ", "Thank you. ", "Jane Roe\n", "Dear, ", "[insert] a\n", "1 ")


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_long_hostile_text_is_read_to_its_end(unit: str) -> None:
    """A rule that is not linear would not end within the time limit of the run."""
    text = (unit * 100_000)[:100_000]
    assert len(keep_words(text)) == len(text)
    assert all(text[line.start : line.end].strip() for line in read_lines(text))
