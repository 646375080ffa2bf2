"""Recommendations of a paper that name a part of the draft, in four languages."""

from __future__ import annotations

import pytest

from consult.submissions.papers.references import DraftIndex, Part, find_recommendations
from consult.submissions.papers.service import names_of
from consult.submissions.papers.word_changes import suggest_wording

TREATMENT, NALOXONE, PEERS, POSSESSION = 1, 2, 3, 4
DRAFT = DraftIndex(
    [
        Part(TREATMENT, "2.1", "At least 60 per cent of people who need treatment get it without a waiting list."),
        Part(NALOXONE, "2.2", "Naloxone is given to every person who leaves prison, with ten minutes of training."),
        Part(PEERS, "2.6", "Peer workers are paid."),
        Part(POSSESSION, "Article 5", "Possession for personal use is not an offence."),
    ],
    names_of("Draft National Drug Plan 2027"),
)
TITLE = "Our comments on the National Drug Plan 2027"


def found_in(block: str, *, title: str = TITLE) -> dict[int, bool]:
    """The parts that a block names, and whether that is sure."""
    return {ask.part: ask.sure for ask in find_recommendations([title, block], DRAFT)}


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        ("We recommend that section 2.1 should say 80 per cent.", {TREATMENT}),
        ("Paragraphs 2.1, 2.2 and 2.6 must be funded.", {TREATMENT, NALOXONE, PEERS}),
        ("Sections 2.1 to 2.6 should be merged.", {TREATMENT, NALOXONE, PEERS}),
        ("Naloxone “is given to every person who leaves prison” should be offered to families too.", {NALOXONE}),
        ("Nous demandons que l’article 5 soit supprimé et que le paragraphe 2.2 change.", {POSSESSION, NALOXONE}),
        ("Pedimos que el artículo 5 del proyecto cambie, y que los párrafos 2.1 y 2.2 sigan.",
         {POSSESSION, TREATMENT, NALOXONE}),
        ("نوصي بتعديل المادة ٥ والفقرة ٢٫١", {POSSESSION, TREATMENT}),
    ],
)  # fmt: skip
def test_a_recommendation_names_parts_of_the_draft(block: str, parts: set[int]) -> None:
    assert found_in(block) == dict.fromkeys(parts, True)


@pytest.mark.parametrize(
    "block",
    [
        "Article 5 of the 1988 Convention should be read with care.",
        "Under the Misuse of Drugs Act, section 2.1 should go.",
        "Section 2.1 is about treatment.",
        "In 2026, 2.1% of people should have been reached.",
        "Chapter 9 should be added.",
        "El artículo 5 de la Ley de Drogas debe cambiar.",
    ],
)
def test_another_instrument_or_a_description_is_not_offered(block: str) -> None:
    assert found_in(block) == {}


def test_a_number_alone_or_a_paper_that_never_names_the_draft_is_unsure() -> None:
    assert found_in("2.6: peer workers should be paid a living wage.") == {PEERS: False}
    assert found_in("Section 2.1 should say 80 per cent.", title="Ten years of harm reduction") == {TREATMENT: False}


def test_a_footnote_is_not_searched() -> None:
    assert find_recommendations([TITLE, "Section 2.1 should say more."], DRAFT, ["title", "note"]) == []


TEXT = "At least 60 per cent of people by 2030."


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("Replace “60 per cent” by “80 per cent”.", "At least 80 per cent of people by 2030."),
        ("Remplacer « 60 per cent » par « 80 per cent »", "At least 80 per cent of people by 2030."),
        ('Sustituir "60 per cent" por "80 per cent"', "At least 80 per cent of people by 2030."),
        ("استبدال «60 per cent» بـ «80 per cent»", "At least 80 per cent of people by 2030."),
        ("Insert “in need” after “people”", "At least 60 per cent of people in need by 2030."),
        ("Supprimer « of people ».", "At least 60 per cent by 2030."),
        ("2.1 should read: “All people get treatment by 2030.”", "All people get treatment by 2030."),
        ("Replace “70 per cent” by “80 per cent”.", None),
        ("Delete “e”.", None),
        ("We ask for more.", None),
    ],
)  # fmt: skip
def test_a_wording_is_suggested_only_if_its_old_words_stand_once_in_the_paragraph(
    words: str, changed: str | None
) -> None:
    assert suggest_wording(words, TEXT) == changed
