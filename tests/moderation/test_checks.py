"""Each check that the page names for moderators was run on the text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.web.access import Role
from consult.moderation.checks.text_checks import check_texts
from consult.moderation.checks.word_lists import RELATION_LANGUAGES, TITLE_LANGUAGES, read_lists
from tests import factories
from tests.moderation.cases import filed


@pytest.mark.parametrize("language", TITLE_LANGUAGES)
def test_a_name_after_a_title_is_found_in_every_language_that_is_named(language: str) -> None:
    for title in " ".join(read_lists(language)["introductions"]).split():
        assert "third_person" in check_texts([f"{title} Maria"]).codes, title


@pytest.mark.parametrize("language", RELATION_LANGUAGES)
def test_a_relative_is_found_in_every_language_that_is_named(language: str) -> None:
    lists = read_lists(language)
    said = [phrase.strip() for line in lists.get("relations_in_a_word", ()) for phrase in line.split(",")]
    for line in lists.get("relations", ()):
        own, _bar, people = line.partition("|")
        said += [f"{word} {person}" for word in own.split() for person in people.split()]
    assert all("third_person" in check_texts([words]).codes for words in said if words)


def test_a_moderator_reads_what_was_looked_for(session: Session, sign_in: Callable[[Account], FlaskClient]) -> None:
    row = filed(session, body="The target is low, writes Janice Burnette.")
    page = sign_in(factories.account(session, Role.MODERATOR)).get(f"/review/{row.id}").text
    looked = re.search(r"looked for names after a title \(([^)]*)\) and for relatives and friends \(([^)]*)\)", page)
    assert looked is not None
    assert {"English", "Español", "Français", "Português"} <= set(looked[1].split(", "))
    assert "العربية" in looked[2]
    assert "العربية" not in looked[1], "titles are not looked for in Arabic"
    assert "The check does not find other names. Look for them as you read." in page
