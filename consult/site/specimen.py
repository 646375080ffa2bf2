"""What the kit page shows: every macro with the same sample, once from left to right and once from right to left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import render_template
from markupsafe import Markup
from wtforms import Field

from consult.core import forms, widgets
from consult.core.i18n import direction, force_locale

_SAMPLE = Path(__file__).with_name("specimen.json")
_CLOSES = datetime(2027, 1, 31, 17, 0)  # noqa: DTZ001 - a wall clock


@dataclass(frozen=True)
class Half:
    """The whole kit in one language."""

    lang: str
    direction: str
    title: str
    html: Markup


@lru_cache(maxsize=1)
def _sample() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_SAMPLE.read_text(encoding="utf-8"))
    return loaded


def _choices(rows: list[list[str]]) -> list[forms.SelectChoice]:
    return [forms.SelectChoice(row[0], row[1], {"hint": row[2]} if len(row) > 2 else {}) for row in rows]


def form(words: dict[str, Any], prefix: str) -> forms.Form:
    """One field of every kind; the first has an error, as it looks after a page was sent incomplete."""

    class Specimen(forms.Form):
        email = forms.EmailAddress(words["email"], description=words["email_hint"])
        secret = forms.Password(words["password"])
        stance = forms.Choice(words["kind"], choices=_choices(words["stances"]), widget=widgets.Chips())
        body = forms.LongText(words["comment"], description=words["comment_hint"], most=4000)
        evidence = forms.FileField(words["file"], [forms.optional()], description=words["file_hint"])
        name = forms.Choice(words["name"], choices=_choices(words["names"]))
        country = forms.Pick(words["country"], choices=_choices(words["countries"]))
        closes = forms.Moment(words["closes"], description=words["closes_hint"])
        agreed = forms.BooleanField(words["agreed"])

    given = {"stance": "concern", "name": words["names"][0][0], "closes": _CLOSES, "email": "amina"}
    made = Specimen(formdata=None, data=given, prefix=prefix, meta={"csrf": False})
    wrong: Field = made["email"]
    wrong.errors = [words["email_error"]]
    return made


def halves() -> list[Half]:
    """The kit in English and in Arabic, the interface's own words included."""
    made = []
    for lang, words in _sample().items():
        with force_locale(lang):
            html = render_template("site/kit_half.html", form=form(words, f"{lang}-"), t=words, id=lang)
            made.append(Half(lang, direction(lang), words["language"], Markup(html)))  # noqa: S704 - a template's output, escaped there
    return made
