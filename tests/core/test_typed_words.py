"""Words that people type for a choice: each in the language of the page that asks for it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from consult.case_studies.appraisal import appraisers
from consult.case_studies.content import says_nothing
from consult.core.i18n import _, force_locale
from consult.core.scripts.typed_words import DONE, NONE, OR, cut_done, says_none, to_search_words
from consult.plans.forms import read_milestones
from consult.search.forms import SearchForm
from tests.case_studies.written import appraiser

LANGUAGES = ["en", "fr", "es", "ar"]


@pytest.mark.parametrize(
    "typed",
    [
        "none",
        "NONE.",
        "Aucun",
        "aucune",
        "Néant",
        "NEANT",
        "Ninguno",
        "ningúna",
        "nada",
        "لا شيء",
        "لا شئ",
        "لاشيء",
        "لا يُوجد",
    ],
)
def test_whoever_has_no_interest_says_so_in_their_language(session: Session, typed: str) -> None:
    person = appraiser(session)
    assert appraisers.declare_interests(session, person, typed=typed).interests == ["none"]
    assert says_none(typed)
    assert says_nothing(typed)


@pytest.mark.parametrize("typed", ["none of my own", "Aucune Frontière", "لا شيء يذكر سوى عملي", "-"])
def test_an_interest_that_begins_with_such_a_word_is_one(typed: str) -> None:
    assert not says_none(typed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_name_the_word_of_their_language_and_it_is_read(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        asked = [
            _("List your interests, or type: none"),
            _("List your interests, one per line, or type: none"),
            _("List your interests, one per line. If you have none, type: none"),
            _("Type “none” or list your interests, not both."),
        ]
        step = _(
            "One per line, date first, such as “2028-06-30 First site open”. "
            "Add “done” as the last word when the milestone is completed."
        )
        looked = _("Use quotation marks for “exact words” and “or” between words. Put - before a word to exclude it.")
    assert all(NONE[language][0] in text for text in asked)
    assert DONE[language][0] in step
    assert language == "en" or f" {OR[language]} " in re.sub(r"\W", " ", looked)
    today = date(2028, 7, 1)
    assert read_milestones(f"2028-06-30 Centre {DONE[language][0].upper()}", today) == [
        ("Centre", date(2028, 6, 30), today)
    ]  # fmt: skip


def test_a_step_keeps_words_that_only_look_done() -> None:
    assert cut_done("Nothing left undone") == ("Nothing left undone", False)
    assert cut_done("fait") == ("fait", False), "a step has a name"


@pytest.mark.parametrize(("language", "typed"), [("fr", "aiguilles ou seringues"), ("es", "agujas O jeringas")])
def test_either_of_two_words_is_looked_for_in_the_readers_language(app: Flask, language: str, typed: str) -> None:
    with app.test_request_context(f"/search?q={typed}"), force_locale(language):
        form = SearchForm([], MultiDict({"q": typed}))
        form.validate()
        assert " or " in form.to_query(None).words
    assert to_search_words('"ou bien" ou', "fr") == '"ou bien" ou'
    assert to_search_words("إبر أو محاقن", "ar") == "إبر or محاقن"
