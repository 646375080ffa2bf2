from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.analysis.kinds import StatementKind
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.residual import Residual, compute_residuals
from tests.analysis.writing import LETTERS, OWN, comments

FARM, CLINIC, METHADONE, HEALTH = LETTERS


def residual(letter: str, comment: str) -> Residual:
    return compute_residuals(CampaignLetter.of(letter), [comment])[0]


def said(letter: str, comment: str, kind: StatementKind) -> list[str]:
    return [one.text for one in residual(letter, comment).statements if one.kind is kind]


@settings(deadline=None)
@given(st.sampled_from(LETTERS), st.lists(comments(), min_size=1, max_size=6))
def test_a_statement_is_what_stands_at_its_place(letter: str, texts: list[str]) -> None:
    for text, found in zip(texts, compute_residuals(CampaignLetter.of(letter), texts), strict=True):
        assert 0 <= found.share <= 1
        assert 0 <= found.kept <= 1
        for one in found.statements:
            assert 0 <= one.start <= one.end <= len(text)
            if one.kind is StatementKind.REMOVED:
                assert one.start == one.end
                assert one.text in letter
            else:
                assert text[one.start : one.end] == one.text != ""


@settings(deadline=None)
@given(st.sampled_from(LETTERS), st.lists(comments(), min_size=1, max_size=6))
def test_a_residual_does_not_depend_on_the_company_of_a_comment(letter: str, texts: list[str]) -> None:
    alone = [residual(letter, text) for text in texts]
    assert compute_residuals(CampaignLetter.of(letter), texts) == alone


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("own", OWN)
def test_personal_words_are_found_before_and_after_the_letter(letter: str, own: str) -> None:
    assert said(letter, f"{own} {letter}", StatementKind.ADDED) == [own]
    assert said(letter, f"{letter}\n\n{own}", StatementKind.ADDED) == [own]


def test_the_letter_itself_leaves_nothing() -> None:
    for letter in LETTERS:
        found = residual(letter, letter.upper())
        assert (found.statements, found.share, found.kept) == ((), 1.0, 1.0)


def test_a_sentence_left_out_is_named_with_the_place_where_it_is_missing() -> None:
    gone = "It was won after years of patient work."
    found = residual(FARM, FARM.replace(f" {gone}", "")).statements
    assert [(one.kind, one.text) for one in found] == [(StatementKind.REMOVED, gone.rstrip("."))]
    assert FARM[: found[0].start].endswith("children")


def test_a_sentence_that_was_only_moved_is_neither_added_nor_removed() -> None:
    first, rest = CLINIC.split(". ", 1)
    assert residual(CLINIC, f"{rest} {first}.").statements == ()


def test_slips_of_spelling_and_other_words_for_the_same_are_no_statements() -> None:
    assert residual(CLINIC, CLINIC.replace("nearest", "naerest").replace("doctor", "docto r")).statements == ()
    assert residual(CLINIC, CLINIC.replace("closed", "shut").replace("We do", "We really do")).statements == ()


def test_courtesies_and_signatures_are_no_statements() -> None:
    assert residual(CLINIC, f"Dear Minister,\n{CLINIC}\n\nSincerely,\nA. Okafor, Denver").statements == ()


def test_a_signature_is_cut_from_the_words_before_it() -> None:
    assert said(CLINIC, f"{CLINIC} Nobody asked us. Sincerely, A. Okafor", StatementKind.ADDED) == ["Nobody asked us."]


TURNS = [
    (FARM, "not to repeal", "to repeal"),
    (FARM, "to repeal", "to keep"),
    (FARM, "Please keep it", "Please do not keep it"),
    (FARM, "Please keep it", "Don't keep it"),
    (CLINIC, "must stay", "must not stay"),
    (CLINIC, "do not accept", "accept"),
    (CLINIC, "do not accept", "don't not accept"),
    (CLINIC, "stay open", "stay closed"),
    (CLINIC, "Without it", "With it"),
    (METHADONE, "de maintenir", "de supprimer"),
    (METHADONE, "Personne ne doit", "Personne doit"),
    (METHADONE, "Nous demandons", "Nous ne demandons pas"),
    (HEALTH, "لا يجوز", "يجوز"),
]


@pytest.mark.parametrize(("letter", "old", "new"), TURNS)
def test_a_word_that_turns_the_sense_is_flagged(letter: str, old: str, new: str) -> None:
    assert old in letter
    found = residual(letter, letter.replace(old, new, 1))
    assert [one.kind for one in found.statements] == [StatementKind.CONTRARY]


@pytest.mark.parametrize(("letter", "old", "new"), TURNS)
def test_it_is_flagged_beside_personal_words_and_in_a_moved_sentence(letter: str, old: str, new: str) -> None:
    turned = letter.replace(old, new, 1)
    parts = turned.split(". ")
    for text in (f"{OWN[0]} {turned} {OWN[1]}", ". ".join(parts[1:] + parts[:1])):
        assert StatementKind.CONTRARY in {one.kind for one in residual(letter, text).statements}


@pytest.mark.parametrize(
    ("letter", "old", "new"),
    [
        (FARM, "Please keep it", "Kindly keep it"),
        (CLINIC, "do not accept", "don't accept"),
        (CLINIC, "do not accept", "do nto accept"),
        (CLINIC, "that money is saved", "that the money is saved"),
        (FARM, "It was won", "Nobody asked us. It was won"),
        (CLINIC, "We do not accept that money is saved by letting people wait. ", ""),
    ],
)
def test_what_leaves_the_sense_is_not_flagged(letter: str, old: str, new: str) -> None:
    assert old in letter
    assert StatementKind.CONTRARY not in {one.kind for one in residual(letter, letter.replace(old, new)).statements}


def test_the_flagged_words_are_the_whole_sentence() -> None:
    turned = CLINIC.replace("must stay", "must not stay")
    assert said(CLINIC, turned, StatementKind.CONTRARY) == ["The clinic in our valley must not stay open at night."]


@pytest.mark.parametrize(
    ("letter", "was", "now"),
    [
        (
            "We keep asking for the right to appeal, and patients must not be left without care.",
            "not be left",
            "be left",
        ),
        ("We keep asking for the right to appeal, and patients must not be left without care.", "without", "with"),
        ("Please fund the clinics, as our nurses know more than anyone about it.", "know more", "know less"),
    ],
)
def test_what_a_sentence_asked_all_along_does_not_excuse_a_word_that_turns_it(letter: str, was: str, now: str) -> None:
    opening = "I live by the river and have worked there for many years. "
    turned = (opening + letter).replace(was, now)
    assert said(opening + letter, turned, StatementKind.CONTRARY) == [letter.replace(was, now)]
