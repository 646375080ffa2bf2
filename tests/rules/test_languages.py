"""The registry of languages: every piece of every language is there, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.text import wordlists
from consult.analysis.text.language import DETECTABLE_LANGUAGES
from consult.core.languages import DEFAULT_LANGUAGE, LANGUAGES, REGISTRY, Language, find_language
from consult.core.scripts import fonts
from consult.core.text_language import find_script
from consult.moderation.checks import word_lists

ROOT = Path(__file__).resolve().parents[2]
CODES = {language.code for language in REGISTRY}
MAY_NAME = {
    "consult/core/languages.py": "the registry",
    "consult/analysis/text/wordlists.py": "comments come in languages without an entry too",
    "consult/analysis/text/language.py": "so does what tells them apart",
    "consult/analysis/text/polarity.py": "a prefix may be spelt as a code is",
}
SAMPLE = "consult/cli/sample/"
each_language = pytest.mark.parametrize("language", REGISTRY, ids=lambda language: language.code)


@each_language
def test_a_language_is_described_as_the_unicode_consortium_does(language: Language) -> None:
    locale = Locale.parse(language.code)
    assert locale.text_direction == ("rtl" if language.rtl else "ltr")
    assert str(locale.display_name).casefold() == language.name.casefold()
    assert Locale.parse(language.dates or language.code).language == language.code


@each_language
def test_a_language_has_headings_of_its_own(language: Language) -> None:
    other = find_language("xx")
    own = language.code == DEFAULT_LANGUAGE
    assert (language.preamble == other.preamble) is (language.whole == other.whole) is own
    assert re.fullmatch("[a-z]{3}", language.akn)


def test_the_database_can_search_each_language(session: Session) -> None:
    known = set(session.scalars(text("SELECT cfgname FROM pg_ts_config")))
    assert {language.search for language in REGISTRY} <= known - {"simple"}


def test_the_languages_of_the_interface_have_catalogues_and_places_of_their_own() -> None:
    folders = {path.parents[1].name for path in ROOT.glob("consult/translations/*/LC_MESSAGES/messages.po")}
    assert folders == set(LANGUAGES) - {DEFAULT_LANGUAGE}
    assert sorted(language.interface for language in REGISTRY if language.interface) == [*range(1, len(LANGUAGES) + 1)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_vocabularies_are_labelled_in_each_language_of_the_interface(code: str) -> None:
    for pack in ROOT.glob("consult/taxonomy/packs/*.ttl"):
        assert f"@{code}" in pack.read_text(), pack.name


@each_language
def test_a_language_has_fonts_on_paper_and_on_the_screen(language: Language) -> None:
    assert {language.sans, language.serif} <= set(fonts.list_families())
    other = find_language("xx")
    if (language.sans, language.serif) != (other.sans, other.serif):
        styles = "".join(path.read_text() for path in sorted((ROOT / "static").rglob("*.css")))
        assert re.search(rf":lang\({language.code}\)[^{{}}]*{{[^}}]*--serif: \"{language.serif}\"", styles)


@each_language
def test_a_language_has_its_words_or_says_which_are_missing(language: Language) -> None:
    analysis, moderation = wordlists.read_lists, word_lists.read_lists
    wanted = {*analysis(DEFAULT_LANGUAGE), *moderation(DEFAULT_LANGUAGE), "opposite_stems"} - {"before_t"}
    found = {*analysis(language.code), *moderation(language.code)}
    if find_script(language.name) != "Latin":  # else its common words tell it from others
        wanted.remove("common")
    assert wanted - found == language.missing_words


def test_every_file_of_words_is_read() -> None:
    files = {path.stem for path in ROOT.glob("consult/analysis/text/words/*.txt")}
    assert files == set(wordlists.LISTED_LANGUAGES) >= CODES
    assert {path.stem for path in ROOT.glob("consult/moderation/checks/words/*.txt")} == CODES
    drawn = {language.code for language in REGISTRY if language.return_words}
    assert {path.stem for path in ROOT.glob("consult/submissions/return_words/*.txt")} == drawn
    assert set(DETECTABLE_LANGUAGES) >= CODES


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "consult").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if name not in MAY_NAME and not name.startswith(SAMPLE):
            yield name, ast.parse(path.read_text())


def test_no_other_module_knows_a_language_by_its_code() -> None:
    named = [
        f"{name}:{node.lineno}"
        for name, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in CODES
    ]
    assert named == [], "put it into consult/core/languages.py"
    lists = re.compile(rf"[\[{{(]\s*[\"'](?:{'|'.join(CODES)})[\"']\s*[,:]")
    assert [path for path in (ROOT / "templates").rglob("*.html") if lists.search(path.read_text())] == []


def test_no_table_falls_back_to_the_default_language_in_silence() -> None:
    """`words.get(language, words["en"])` hides that a language is missing: the registry says what holds then."""
    hidden = [
        f"{name}:{node.lineno}"
        for name, tree in _modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and _names_the_default(node.slice))
        or (isinstance(node, ast.Call) and _is_get(node) and any(map(_names_the_default, node.args[1:])))
    ]
    assert hidden == []


def _is_get(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "get"


def _names_the_default(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "DEFAULT_LANGUAGE" for node in ast.walk(tree))
