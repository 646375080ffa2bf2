"""Sample data of the kit page, which shows every macro left to right and right to left."""

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

from consult.core.i18n import force_locale, language_direction
from consult.core.web import forms as web_forms
from consult.core.web import widgets

_SAMPLE = Path(__file__).with_name("kit_sample.json")
_CLOSES = datetime(2027, 1, 31, 17, 0)  # noqa: DTZ001 - a wall clock


@dataclass(frozen=True)
class KitSample:
    """The rendered kit in one language."""

    lang: str
    direction: str
    title: str
    html: Markup


@lru_cache(maxsize=1)
def _sample() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_SAMPLE.read_text(encoding="utf-8"))
    return loaded


def _choices(rows: list[list[str]]) -> list[web_forms.SelectChoice]:
    return [web_forms.SelectChoice(row[0], row[1], {"hint": row[2]} if len(row) > 2 else {}) for row in rows]


def build_form(words: dict[str, Any], prefix: str) -> web_forms.Form:
    """Return a form with every kind of field. The first one shows an error."""

    class Specimen(web_forms.Form):
        email = web_forms.EmailField(words["email"], description=words["email_hint"])
        secret = web_forms.AccountPasswordField(words["password"])
        stance = web_forms.RadioGroupField(
            words["kind"], choices=_choices(words["stances"]), widget=widgets.ChipGroup()
        )
        body = web_forms.LongTextField(words["comment"], description=words["comment_hint"], most=4000)
        evidence = web_forms.FileField(words["file"], [web_forms.optional()], description=words["file_hint"])
        name = web_forms.RadioGroupField(words["name"], choices=_choices(words["names"]))
        country = web_forms.DropdownField(words["country"], choices=_choices(words["countries"]))
        closes = web_forms.DateTimePartsField(words["closes"], description=words["closes_hint"])
        agreed = web_forms.BooleanField(words["agreed"])

    given = {"stance": "concern", "name": words["names"][0][0], "closes": _CLOSES, "email": "amina"}
    made = Specimen(formdata=None, data=given, prefix=prefix, meta={"csrf": False})
    wrong: Field = made["email"]
    wrong.errors = [words["email_error"]]
    return made


def build_samples() -> list[KitSample]:
    """Render the kit in English and in Arabic, with translated interface texts."""
    made = []
    for lang, words in _sample().items():
        with force_locale(lang):
            html = render_template("site/kit_half.html", form=build_form(words, f"{lang}-"), t=words, id=lang)
            made.append(KitSample(lang, language_direction(lang), words["language"], Markup(html)))  # noqa: S704 - a template's output, escaped there
    return made
