"""Translators find a note at every string with a placeholder, and at every single word."""

from __future__ import annotations

import csv
import runpy
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from consult import ROOT

FOLDER = ROOT / "consult" / "translations"
NOTES: dict[str, Any] = runpy.run_path(str(FOLDER / "notes.py"))


def read_messages() -> list[Message]:
    with (FOLDER / "fr/LC_MESSAGES/messages.po").open("rb") as file:
        return [message for message in read_po(file, locale="fr") if message.id]


MESSAGES = read_messages()


def test_no_string_lacks_a_note_that_it_needs() -> None:
    """Add the note to consult/translations/notes.csv, or give the string a context, then `make catalogue`."""
    missing = [(message.id, reason) for message in MESSAGES if (reason := NOTES["find_missing"](message))]
    assert missing == []


def test_every_note_is_about_a_string_or_a_placeholder_that_there_is() -> None:
    forms = {(message.context, *([message.id] if isinstance(message.id, str) else message.id)) for message in MESSAGES}
    strings = {form[:2] for form in forms}
    placeholders = {place for form in forms for text in form[1:] for place in NOTES["PLACEHOLDER"].findall(text)}
    with (FOLDER / "notes.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    unused = [row for row in rows if (row["context"] or None, row["about"]) not in strings]
    assert [row["about"] for row in unused if row["about"] not in placeholders] == []
    assert len({(row["context"], row["about"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("message", "notes"),
    [
        (Message("Close"), ["Appears as: button, link."]),
        (Message("Open", context="a note"), ["a state"]),
        (Message(("%(num)s day", "%(num)s days")), ["%(num)s: a number"]),
        (Message("Due on %(day)s in %(num)s days"), ["%(day)s: the last day", "%(num)s: a number"]),
        (Message("Text"), []),
    ],
)
def test_a_string_gets_its_note_those_of_its_placeholders_and_its_places(message: Message, notes: list[str]) -> None:
    known = {
        (None, "%(num)s"): "a number",
        (None, "%(day)s"): "a date",
        (None, "Due on %(day)s in %(num)s days"): "%(day)s: the last day",
        ("a note", "Open"): "a state",
    }
    assert NOTES["write_notes"](message, known, {(None, "Close"): ["button", "link"]}) == notes


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ('{% block title %}{{ _("Draft") }}', "page title"),
        ('<td data-label="{{ _("Draft") }}">', "column heading"),
        ('call table(_("Texts"), [_("Draft"), _("Day")])', "column heading"),
        ('State.DRAFT: N_("Draft"),', "value of State"),
        ('raise Refusal(_("Draft"))', "error message"),
        ('title = LineField(\n    N_("Draft"),', "field label"),
    ],
)
def test_the_place_of_a_string_is_found_in_its_source(source: str, place: str) -> None:
    assert ((None, "Draft"), place) in list(NOTES["list_places"](source))


@pytest.mark.parametrize(("text", "reason"), [("Draft", "one word"), ("Due on %(day)s", "%(day)s is not explained")])
def test_a_string_without_its_note_is_found(text: str, reason: str) -> None:
    assert NOTES["find_missing"](Message(text)) == reason
    assert NOTES["find_missing"](Message(text, auto_comments=["%(day)s: a date"])) is None
