"""Templates say their fixed words in the language of whoever reads, whatever was rendered before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import DictLoader

from consult import ROOT
from consult.core.i18n import force_locale
from consult.core.web.localized_templates import LocalizedLoader

PAGES = {
    "page.html": '{% extends "frame.html" %}{% from "part.html" import part %}'
    "{% block main %}{{ part(who) }}{% endblock %}",
    "frame.html": "<p>{{ _('Sign in') }}</p>{% block main %}{% endblock %}",
    "part.html": "{% macro part(who) %}{{ _('Comment on %(number)s', number=who) }}{% endmacro %}",
    "letter.txt": "{{ _('Comment on %(number)s', number=who) }}",
    "counted.html": "{% for n in [1, 3, 11] %}{{ ngettext('%(num)s comment', '%(num)s comments', n) }}"
    "{{ ', ' if not loop.last }}{% endfor %}",
    "many.html": "{{ ngettext('%(num)s comment', '%(num)s comments', n) }}",
    "few.html": "{{ ngettext('%(num)s of %(who)s', '%(num)s of %(who)s', 2, who=who) }}",
    "few.txt": "{{ ngettext('%(num)s of %(who)s', '%(num)s of %(who)s', 2, who=who) }}",
    "senses.html": "{{ pgettext('signal', 'Merged') }}, {{ pgettext('paragraph', 'Merged') }}, "
    "{{ npgettext('of a public body', '%(num)s answer', '%(num)s answers', n) }}",
    "built.html": "{% set said = ['Sign', ' in']|join %}{{ _(said) }}",
}


@pytest.fixture(autouse=True)
def pages(app: Flask) -> Iterator[None]:
    usual = app.jinja_env.loader
    app.jinja_env.loader = LocalizedLoader(DictLoader(PAGES))
    yield
    app.jinja_env.loader = usual


def said(app: Flask, template: str, code: str, **values: object) -> str:
    with app.test_request_context(), force_locale(code):
        return render_template(template, **values)


def test_each_language_has_its_own_words_in_what_is_extended_and_imported(app: Flask) -> None:
    english, arabic = (said(app, "page.html", code, who="2.1") for code in ("en", "ar"))
    assert english == "<p>Sign in</p>Comment on 2.1"
    assert "Sign in" not in arabic
    assert "Comment on" not in arabic
    assert "2.1" in arabic
    assert said(app, "page.html", "en", who="2.1") == english


def test_what_is_put_into_a_sentence_is_escaped_on_a_page_and_not_in_plain_text(app: Flask) -> None:
    assert said(app, "page.html", "en", who="<b>").endswith("Comment on &lt;b&gt;")
    assert said(app, "letter.txt", "en", who="<b>") == "Comment on <b>"


def test_a_number_of_things_is_written_with_separators_as_numbers_are_elsewhere(app: Flask) -> None:
    assert said(app, "many.html", "en", n=4905) == "4,905 comments"
    assert said(app, "many.html", "fr", n=4905).startswith("4\u202f905 ")


def test_words_that_are_put_together_while_rendering_are_translated_too(app: Flask) -> None:
    assert said(app, "built.html", "ar") == said(app, "page.html", "ar", who="")[3:].partition("</p>")[0]


def test_a_page_in_one_language_is_not_given_to_a_reader_of_another(client: FlaskClient, app: Flask) -> None:
    app.jinja_env.loader = LocalizedLoader(app.create_global_jinja_loader())
    pages = {code: client.get(f"/?lang={code}").text for code in ("en", "ar", "en")}
    assert 'dir="rtl"' in pages["ar"]
    assert 'dir="ltr"' in pages["en"]


def test_a_number_of_things_takes_the_form_of_its_language(app: Flask) -> None:
    assert said(app, "counted.html", "en") == "1 comment, 3 comments, 11 comments"
    assert said(app, "counted.html", "ar") == "تعليق واحد, 3 تعليقات, 11 تعليقًا"


def test_a_word_with_two_senses_has_a_translation_of_each(app: Flask) -> None:
    assert said(app, "senses.html", "en", n=3) == "Merged, Merged, 3 answers"
    assert said(app, "senses.html", "es", n=3) == "Fusionada, Fusionado, 3 respuestas"
    assert said(app, "senses.html", "ar", n=2).endswith(", ردّان")


def test_what_is_put_into_what_is_counted_is_escaped_on_a_page_and_not_in_plain_text(app: Flask) -> None:
    assert said(app, "few.html", "en", who="<b>") == "2 of &lt;b&gt;"
    assert said(app, "few.txt", "en", who="<b>") == "2 of <b>"


def test_no_other_module_is_built_on_jinja_itself() -> None:
    """Private parts of Jinja, which may change, are used in one module, which these tests cover."""
    built = {
        str(path.relative_to(ROOT))
        for path in (Path(ROOT) / "consult").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("jinja2", "flask.templating")))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("jinja2") for alias in node.names))
    }
    assert built == {"consult/core/web/localized_templates.py"}
