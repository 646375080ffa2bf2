"""The guides: all eleven in each language, short, plain, and each with a button that leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consult.core.i18n import LANGUAGES
from consult.site import guides
from consult.site.guides import GUIDES

FOLDER = Path(guides.__file__).parent
each_language = pytest.mark.parametrize("language", list(LANGUAGES))


@each_language
def test_each_language_has_all_ten(language: str) -> None:
    assert len(GUIDES) == 11
    assert {path.stem for path in (FOLDER / language).glob("*.md")} == set(GUIDES)


@each_language
@pytest.mark.parametrize("slug", list(GUIDES))
def test_a_guide_is_short_and_its_sentences_too(slug: str, language: str) -> None:
    source = guides.read_source(slug, language)
    assert source.startswith("# ")
    assert 80 <= len(source.split()) <= 400
    sentences = [one for one in re.split(r"[.!?؟:]\s+|\n", source) if len(one.split()) > 1]
    assert sum(len(one.split()) for one in sentences) / len(sentences) <= 15
    assert max(len(one.split()) for one in sentences) <= 32


@each_language
def test_guides_are_the_same_pages_in_each_language(language: str) -> None:
    for slug in GUIDES:
        shapes = [re.findall(r"^(?:# |\d\. |- )", guides.read_source(slug, code), re.M) for code in ("en", language)]
        assert shapes[0] == shapes[1], slug


@each_language
@pytest.mark.parametrize("slug", list(GUIDES))
def test_a_guide_is_shown_in_its_language_with_its_button(client: FlaskClient, slug: str, language: str) -> None:
    page = client.get(f"/help/{slug}?lang={language}")
    title = guides.read_source(slug, language).splitlines()[0].removeprefix("# ")
    assert title in page.text.replace("&#39;", "'")
    assert page.text.count('class="button"') >= 1


def test_every_button_leads_to_a_page(app: Flask) -> None:
    for button in GUIDES.values():
        assert button.endpoint in app.view_functions


def test_the_help_link_of_a_page_opens_the_guide_that_fits(client: FlaskClient) -> None:
    assert 'href="/help/appraise-a-case"' in client.get("/evidence").text
    assert 'href="/help"' in client.get("/").text
    assert client.get("/help").text.count("/help/") >= 10


def test_there_is_no_other_guide(client: FlaskClient) -> None:
    assert client.get("/help/nothing").status_code == 404
    assert client.get("/help/..%2F__init__").status_code == 404


def test_the_list_has_two_groups_and_a_guide_leads_to_help(client: FlaskClient) -> None:
    page = client.get("/help").text
    assert page.index("For everyone") < page.index('"/help/file-safely"') < page.index("For moderators")
    assert page.index("For moderators") < page.index('"/help/moderate"')
    leads = re.findall(r'href="/help/([^"?]*)', client.get("/help/moderate").text)
    assert set(leads) <= set(GUIDES), "also the link below each page"
