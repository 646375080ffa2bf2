"""Turns a letter's templates into words: subject, plain text, HTML, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.routing import MapAdapter

from consult.core.i18n import LANGUAGES, direction, force_locale
from consult.core.text import one_line
from consult.core.web import settings

_SUBJECT = "Subject: "


class TemplateBroken(Exception):
    """A letter's template is not in the shape that every letter has: a defect, never a person's fault."""


@dataclass(frozen=True)
class Words:
    """What a letter says. `html` still carries its style sheet: it is inlined when the message is built."""

    subject: str
    text: str
    html: str


def spoken(language: str) -> str:
    """The language a letter is written in: the one wished for where letters are written in it, else English."""
    return language if language in LANGUAGES else "en"


def link(endpoint: str, **values: Any) -> str:
    """The public address of a page, the same in a request, a task and a command."""
    base = urlsplit(settings().base_url)
    return str(_addresses(current_app._get_current_object(), base.netloc, base.scheme, base.path).build(  # type: ignore[attr-defined]
        endpoint, values, force_external=True
    ))  # fmt: skip


@lru_cache(maxsize=8)
def _addresses(app: Flask, host: str, scheme: str, path: str) -> MapAdapter:
    return app.url_map.bind(host, script_name=path or "/", url_scheme=scheme)


def render(template: str, language: str, context: dict[str, Any]) -> Words:
    """The words of `<template>.txt`, whose first line is `Subject: …`, and of `<template>.html`.

    Templates may use `link(endpoint, …)` for addresses and everything that pages use that needs no request.
    """
    lang = spoken(language)
    values = {**context, "lang": lang, "direction": direction(lang), "link": link}
    with force_locale(lang):
        plain = current_app.jinja_env.get_template(f"{template}.txt").render(values).strip()
        html = current_app.jinja_env.get_template(f"{template}.html").render(values).strip()
    first, _, text = plain.partition("\n")
    if not first.startswith(_SUBJECT):
        raise TemplateBroken(f"The first line of {template}.txt does not begin with 'Subject: '.")
    return Words(one_line(first.removeprefix(_SUBJECT)), text.strip() + "\n", html + "\n")
