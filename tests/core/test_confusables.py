"""Letters that look like others make no difference where texts are compared, and none where they are read."""

from __future__ import annotations

import random
from importlib.resources import files

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.accounts.organisations.service import has_same_name
from consult.analysis.kinds import TextKind
from consult.core.scripts.confusables import LOOK_ALIKES, SKELETON_SQL, fold_confusables, get_skeleton
from consult.core.text import fingerprint, fold_text, fold_text_with_offsets, normalise
from consult.moderation.checks import text_checks
from consult.moderation.policy.hold_rules import ActiveHoldRule, find_matches
from consult.moderation.recourse.model import HoldRuleKind
from consult.search import queries
from consult.search.query_terms import SearchQuery
from tests import factories, filing
from tests.analysis.campaigns.test_groups import placed
from tests.analysis.writing import LETTERS
from tests.core.confusables_table import HEAD, load_skeleton, make_lines
from tests.search.test_search import indexed

CYRILLIC = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
GREEK = str.maketrans("opvABEHIKMNOPTXYZ", "ορνΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")
BOLD = {ord("a") + at: 0x1D41A + at for at in range(26)}
RUSSIAN = "Мы просим сохранить правило: сор в поле убирают рабочие, и ухо у них востро."
ANY = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(LOOK_ALIKES), st.sampled_from("abcсоре ")))


@pytest.mark.parametrize("table", [CYRILLIC, GREEK, BOLD], ids=["cyrillic", "greek", "bold"])
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_a_letter_in_look_alikes_is_the_letter(table: dict[int, int], share: float) -> None:
    chance = random.Random(7)
    letter = LETTERS[0]
    disguised = ["".join(one.translate(table) if chance.random() < share else one for one in letter) for _ in range(20)]
    assert {fingerprint(one) for one in disguised} == {fingerprint(letter)}
    found = placed([letter] * 5 + disguised)
    assert {(one.kind, one.statements) for one in found} == {(TextKind.EXACT, ())}


def test_a_disguised_letter_is_not_said_to_contradict_itself() -> None:
    letter = "We ask you to keep the rule that protects farm workers. Do not repeal it, and support those who work."
    disguised = f"I agree. {letter.translate(CYRILLIC)}"
    assert [str(said.kind) for said in placed([letter] * 5 + [disguised])[-1].statements] == ["added"]


@pytest.mark.parametrize(
    "words",
    [RUSSIAN, f"They wrote: {RUSSIAN} We do not agree.", "Το μέτρο είναι σωστό.", "α-PVP? 50 μg", "Ναι στο UNODC",
     "الصِّحَّةُ حَقٌّ می\u200cخواهم", "हिन्दी में क्\u200dष", "毒品政策", "İstanbul’da ışık", "þú ert"],
)  # fmt: skip
def test_words_of_another_script_stay_what_they_are(words: str) -> None:
    folded = fold_confusables(words)
    kept = [one for one in words.split() if len(one) > 3]
    assert [one for one in kept if one not in folded.split()] == ([] if "α-PVP?" not in words else ["α-PVP?"])


def test_micrograms_are_no_milligrams() -> None:
    assert normalise("50 μg") != normalise("50 mg")
    assert normalise("50 µg") == normalise("50 μg")


def test_a_russian_text_in_latin_look_alikes_is_the_russian_text() -> None:
    disguised = RUSSIAN.replace("о", "o").replace("а", "a").replace("с", "c")
    assert disguised != RUSSIAN
    assert fingerprint(disguised) == fingerprint(RUSSIAN)


@given(ANY)
def test_folding_keeps_every_place_and_can_be_repeated(words: str) -> None:
    sounded, places = fold_text_with_offsets(words)
    assert sounded == fold_text(words)
    assert len(sounded) == len(places)
    assert len(fold_confusables(words)) == len(words) == len(get_skeleton(words))
    assert get_skeleton(get_skeleton(words)) == get_skeleton(words)


def test_the_database_takes_letters_for_the_same(session: Session) -> None:
    every = [*LOOK_ALIKES, "a", "ы", "μ", "ا"]
    made = session.scalars(
        sql_text(f"SELECT {SKELETON_SQL.format(text='c')} FROM unnest(CAST(:every AS text[])) AS c"), {"every": every}
    )
    assert list(made) == [get_skeleton(one) for one in every]


def test_rules_and_checks_see_through_a_disguise_and_point_at_what_was_written() -> None:
    text = "A dеаlеr is an idiоt: write to аna@example.org"
    rules = [ActiveHoldRule("w", HoldRuleKind.WORDS, "dealer*"), ActiveHoldRule("p", HoldRuleKind.PATTERN, "d.a.er")]
    assert [hit.words for hit in find_matches(rules, [text])] == ["dеаlеr"] * 2
    assert [hit.words for hit in find_matches(rules[:1], ["dеаlеr"])] == ["dеаlеr"]
    alone = [ActiveHoldRule("w", HoldRuleKind.WORDS, "cop\nсбыт")]
    assert [hit.words for hit in find_matches(alone, ["сор", "Здесь cбыт"])] == ["сор", "cбыт"]
    assert [one.words for one in text_checks.check_texts([text]).findings] == ["аna@example.org"]
    assert text_checks.roughness_score("You idiоts") == text_checks.roughness_score("You idiots") > 0


def test_a_pattern_in_another_script_finds_it_as_written() -> None:
    rule = ActiveHoldRule("p", HoldRuleKind.PATTERN, "сор|продажа")
    assert [hit.words for hit in find_matches([rule], ["сор and продажа"])] == ["сор", "продажа"]


def test_search_finds_what_people_see_and_shows_what_was_written(session: Session, client: FlaskClient) -> None:
    consultation = factories.consultation(session)
    session.commit()
    words = "Clean nееdlеs for 𝐞𝐯𝐞𝐫𝐲𝐛𝐨𝐝𝐲 there"
    filing.file(session, consultation, words, published=True)
    filing.file(session, consultation, RUSSIAN, language="ru", published=True)
    indexed(session)
    for asked, marked in (("needles", "nееdlеs"), ("nееdle", "nееdlеs"), ("everybody", "𝐞𝐯𝐞𝐫𝐲𝐛𝐨𝐝𝐲")):
        [one] = queries.find_matches(session, SearchQuery(words=asked)).page.items
        assert "".join(text for text, _matched in one.words) == words
        assert (marked, True) in one.words
    [one] = queries.find_matches(session, SearchQuery(words="убирают рабочие")).page.items
    assert ("убирают", True) in one.words
    assert "<mark>nееdlеs</mark>" in client.get(f"/c/{consultation.slug}/search?q=needles").text


def test_an_organisation_cannot_take_anothers_name_in_look_alikes(session: Session) -> None:
    row = factories.organisation(session, name="Сentral Asia Network")
    same = session.query(Organisation.id).where(has_same_name("Central Asia Nеtwоrk")).scalar()
    assert same == row.id


def test_the_table_is_what_icu_makes() -> None:
    loaded = load_skeleton()
    if loaded is None:
        pytest.skip("ICU is not installed")
    version, skeleton = loaded
    table = files("consult.core.scripts").joinpath("confusables.txt").read_text(encoding="utf-8")
    if f"ICU {version}'s" not in table:
        pytest.skip(f"the table is of another ICU than the installed one, {version}")
    assert table == HEAD.format(version=version) + "\n".join(make_lines(skeleton)) + "\n"
