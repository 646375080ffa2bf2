"""Rendering of e-mail templates: subject, plain text and HTML in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app

from consult.core.i18n import LANGUAGES, force_locale, language_direction
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import one_line
from consult.core.web import face
from consult.core.web.addresses import public_url

_SUBJECT = "Subject: "


class TemplateBroken(Exception):
    """An e-mail template does not have the required structure. A programming error."""


@dataclass(frozen=True)
class LetterText:
    """The rendered text of an e-mail. The style sheet of `html` is inlined later, when the message is built."""

    subject: str
    text: str
    html: str


def letter_language(language: str) -> str:
    """Return the requested language if e-mails are available in it, else the default."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def render_letter(template: str, language: str, context: dict[str, Any]) -> LetterText:
    """Render `<template>.txt`, whose first line is `Subject: …`, and `<template>.html`.

    Templates may use `link(endpoint, …)` for URLs, and the filters and functions of pages that need no request. Raises
    TemplateBroken.
    """
    lang = letter_language(language)
    face.refresh()
    values = {**context, "lang": lang, "direction": language_direction(lang), "link": public_url}
    with force_locale(lang):
        plain = current_app.jinja_env.get_template(f"{template}.txt").render(values).strip()
        html = current_app.jinja_env.get_template(f"{template}.html").render(values).strip()
    first, _, text = plain.partition("\n")
    if not first.startswith(_SUBJECT):
        raise TemplateBroken(f"The first line of {template}.txt does not begin with 'Subject: '.")
    return LetterText(one_line(first.removeprefix(_SUBJECT)), text.strip() + "\n", html + "\n")
