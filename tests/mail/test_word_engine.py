"""Letters use only what the Word engine of Outlook for Windows draws, or does without and loses nothing.

Source: caniemail.com, rows of "Outlook Windows" (2019 and 365), read in 2026. What is graceful is listed with why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from lxml import html as parser

from consult.core.i18n import LANGUAGES
from consult.digests import letters as delivery_letters
from consult.digests.content.body_json import from_json
from consult.digests.model import Digest
from consult.mail.message import inline_css
from consult.mail.render import render_letter
from tests.digests.content.test_body_json import EDITIONS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_LOGICAL = re.compile(r"^(margin|padding|border|inset)-(inline|block)")
_UNKNOWN = {
    "position", "float", "clear", "flex", "grid", "gap", "order", "min-width", "min-height", "object-fit", "opacity",
    "transform", "transition", "animation", "box-sizing", "background-image", "background-size", "filter", "columns",
    "clip-path", "z-index", "visibility", "text-overflow",
}  # fmt: skip
"""Properties that the Word engine ignores and that move or hide something, or that other programs draw otherwise."""
_PHYSICAL = {"left", "right", "center", "justify"}
_PADDED = {"td", "th", "table"}
"""Padding of other elements is ignored; the table of a button has its own for Word."""
_GRACEFUL = {("a", "padding"), ("ul", "padding")}
"""A button keeps `mso-padding-alt` on its cell; a list without padding has Word's own indent."""


def letters() -> list[str]:
    found = (path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("mail/*.html"))
    return sorted(str(path.with_suffix("")) for path in found if path.name != "layout.html")


def declarations(page: str) -> Iterator[tuple[str, str, str]]:
    """Each declaration that an element has once the style sheet is in the elements: its tag, property and value."""
    for element in parser.fromstring(page).iter():
        for one in (element.get("style") or "").split(";"):
            name, colon, value = one.partition(":")
            if colon:
                yield str(element.tag), name.strip().lower(), value.strip().lower()


def broken(page: str) -> list[str]:
    """Return what the Word engine does not draw as intended.

    >>> broken('<td style="float: inline-end; padding: 1px"></td>')
    ['td float: inline-end']
    """
    found = []
    for tag, name, value in declarations(page):
        wrong = (
            name in _UNKNOWN
            or _LOGICAL.match(name)
            or (name == "text-align" and value.split()[0] not in _PHYSICAL)
            or (name == "display" and value.split()[0] in ("flex", "grid", "inline-flex"))
            or (name == "background" and tag in ("div", "p", "span"))
            or (name == "margin" and "auto" in value and tag == "table")
            or (name.startswith("padding") and value != "0" and tag not in _PADDED and (tag, name) not in _GRACEFUL)
            or (name == "max-width" and tag != "table")
        )
        if wrong:
            found.append(f"{tag} {name}: {value}")
    return found


@pytest.mark.parametrize("declaration", [
    "float: inline-end", "display: flex", "padding-inline-start: 3px", "text-align: end", "margin: 0 auto",
])  # fmt: skip
def test_what_the_word_engine_does_not_know_is_found(declaration: str) -> None:
    assert broken(f'<table style="{declaration}"><tr><td>x</td></tr></table>')


@pytest.mark.parametrize("template", letters())
def test_no_style_sheet_of_a_letter_uses_what_the_word_engine_does_not_know(template: str) -> None:
    sheet = (TEMPLATES / f"{template}.html").read_text() + (TEMPLATES / "mail/layout.html").read_text()
    rules = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet)
    told = re.findall(r"[;{]\s*([a-z-]+):\s*([^;}]+)", " ".join(re.findall(r"\{ [^{}%]+ \}", rules)))
    wrong = [
        f"{name}: {value}"
        for name, value in told
        if name in _UNKNOWN or _LOGICAL.match(name) or (name == "text-align" and value.strip() in ("start", "end"))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_digest_holds_its_width_in_word_and_names_its_characters_first(app: Flask, language: str) -> None:
    body = from_json(json.loads((EDITIONS / "edition_0.json").read_text()))
    with app.test_request_context():
        context = {**delivery_letters.build_context(Digest(id=7), body), "place": lambda name: f"({name})"}
        page = inline_css(render_letter(delivery_letters.TEMPLATE, language, context).html)
    assert broken(page) == []
    assert page.count("<!--[if mso]><table") == page.count("</td></tr></table><![endif]-->") == 1
    assert page.index("<meta charset") < page.index("<style>")
    assert "prefers-color-scheme: dark" in page
    assert f'align="{"left" if language == "ar" else "right"}"' in page
    assert len(page.encode()) < 100_000
