"""Words come in the language being spoken, whatever was compiled and whenever they are shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from consult.core import i18n
from consult.core.i18n import N_, _, current_language, force_locale, load_catalogue

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Yes"\nmsgstr "{}"\n'


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue of one word, as somebody writes it."""
    monkeypatch.setattr(i18n, "_FOLDER", tmp_path)
    path = tmp_path / "fr/LC_MESSAGES/messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO.format("Oui"))
    load_catalogue.cache_clear()
    yield path
    load_catalogue.cache_clear()


def compile_it(catalogue: Path, *, seconds_later: int) -> None:
    compiled = catalogue.with_suffix(".mo")
    compiled.write_bytes(i18n.compile_catalogue(catalogue, "fr"))
    written = catalogue.stat().st_mtime + seconds_later
    os.utime(compiled, (written, written))


def test_words_are_read_where_nothing_was_compiled(catalogue: Path) -> None:
    assert load_catalogue("fr").ugettext("Yes") == "Oui"
    assert load_catalogue("en").ugettext("Yes") == "Yes"


def test_words_written_after_the_last_compilation_are_read(catalogue: Path) -> None:
    compile_it(catalogue, seconds_later=-1)
    catalogue.write_text(PO.format("Ouais"))
    assert load_catalogue("fr").ugettext("Yes") == "Ouais"


def test_words_are_read_from_what_was_compiled_where_it_is_as_new(catalogue: Path) -> None:
    compile_it(catalogue, seconds_later=1)
    written = catalogue.stat().st_mtime
    catalogue.write_text("what is not looked at")
    os.utime(catalogue, (written, written))
    assert load_catalogue("fr").ugettext("Yes") == "Oui"


def test_an_installed_package_has_compiled_words_only(catalogue: Path) -> None:
    compile_it(catalogue, seconds_later=0)
    catalogue.unlink()
    assert load_catalogue("fr").ugettext("Yes") == "Oui"


def test_lazy_words_are_said_in_the_language_of_the_moment_and_are_markup_of_ours(app: Flask) -> None:
    words = N_("Sign in")
    with app.test_request_context():
        assert words == "Sign in"
        assert sorted([words, "A"]) == ["A", words]
        assert (words + "!", "(" + words, len(words), words.upper(), words[0], {words: 1}["Sign in"]) == (
            "Sign in!", "(Sign in", 7, "SIGN IN", "S", 1,
        )  # fmt: skip
        with force_locale("fr"):
            assert str(words) == _("Sign in") != "Sign in"
    with app.test_request_context():
        assert render_template_string("{{ words }}", words=i18n.LazyString(str, "<b>")) == "<b>"


def test_a_language_is_forced_within_and_no_longer(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/?lang=es"):
        assert current_language() == "es"
        with force_locale("ar"), force_locale("fr"):
            assert current_language() == "fr"
            assert 'lang="en"' in client.get("/").text
            assert current_language() == "fr"
        assert current_language() == "es"
        with pytest.raises(ZeroDivisionError), force_locale("ar"):
            raise ZeroDivisionError
        assert current_language() == "es"
