"""Reports as plain values: cleaned, checked, and with apparent personal data removed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from consult.core.crypto import keyed_hash
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import clean_text, fingerprint, normalise, one_line
from consult.signals.model import MAX_BODY_LENGTH, Basis, SightingForm, SignalReport, SourceKind
from consult.signals.places import regions, towns
from consult.submissions.drafts.personal_data_hints import PersonalDataHint, find_all_hints, find_hints

OLDEST = timedelta(days=90)
_AHEAD = timedelta(hours=14)
"""The largest offset from UTC, where a day begins first."""
MOST_HARMED = 10_000
HIDDEN = "▒▒▒"
_LINES = ("product", "look", "substance_said", "strength", "route", "unusual", "laboratory")
_NUMBERS = ("deaths", "overdoses", "hospital", "naloxone")
MAX_LINE = 200


@dataclass(frozen=True)
class NewReport:
    """The content of a report. Places are ISO 3166 codes; `strength` is text, never used in computations."""

    country: str
    region: str
    happened_on: date
    product: str
    body: str
    basis: Basis
    place: str = ""
    source_kind: SourceKind = SourceKind.UNSAID
    form: SightingForm = SightingForm.OTHER
    look: str = ""
    substance_said: str = ""
    strength: str = ""
    route: str = ""
    deaths: int | None = None
    overdoses: int | None = None
    hospital: int | None = None
    unusual: str = ""
    naloxone: int | None = None
    laboratory: str = ""
    language: str = DEFAULT_LANGUAGE


def check_report(given: NewReport, *, at: datetime) -> NewReport:
    """Return the report in its stored form. Raises a Refusal with its field."""
    country, region = regions.check_place(given.country, given.region)
    check_day(given.happened_on, at=at)
    body = clean_text(given.body)
    if not body:
        raise Refusal(_("Write what happened."), field="body")
    if len(body) > MAX_BODY_LENGTH:
        raise Refusal(_("Shorten this to 2,000 characters or fewer."), field="body")
    lines: dict[str, Any] = {name: one_line(getattr(given, name))[:MAX_LINE] for name in _LINES}
    if not lines["product"]:
        raise Refusal(_("Write what the drug was sold as."), field="product")
    for name in _NUMBERS:
        if not 0 <= (getattr(given, name) or 0) <= MOST_HARMED:
            raise Refusal(_("Enter a number of people between 0 and 10,000."), field=name)
    place = towns.clean_town(given.place) or ""
    return replace(given, country=country, region=region, place=place, body=body, **lines)


def check_day(day: date, *, at: datetime) -> None:
    """Raise a Refusal for a day in the future or too long ago."""
    if day > (at + _AHEAD).date():
        raise Refusal(_("This day is in the future. Enter the day it happened."), field="happened_on")
    if day < (at - OLDEST).date():
        raise Refusal(
            _("Enter a day in the last 90 days. Early warnings are about what is happening now."), field="happened_on"
        )


def find_personal_data(given: NewReport) -> Sequence[PersonalDataHint]:
    """Return hints of personal data in any text of a report, shown before it is filed."""
    words = [given.body, *(getattr(given, name) for name in _LINES)]
    return find_all_hints(filter(None, words), given.country)


def clear_words(words: str, country: str) -> str:
    """Replace what looks like an e-mail address, a phone number or a name with a placeholder.

    >>> clear_words("Ask Mrs. Quispe, ana@example.org, about the blue ones.", "PE")
    'Ask ▒▒▒, ▒▒▒, about the blue ones.'
    """
    for hint in find_hints(words, country):
        words = words.replace(hint.words, HIDDEN)
    return words


def to_content(given: NewReport) -> bytes:
    """Return the report as bytes for its commitment, always the same for the same content."""
    return json.dumps(asdict(given), ensure_ascii=False, sort_keys=True, default=str).encode()


def from_row(row: SignalReport) -> NewReport:
    """Return the content of a filed report."""
    return NewReport(**{field.name: getattr(row, field.name) for field in fields(NewReport)})


def mark_content(given: NewReport) -> bytes:
    """Return a keyed hash that is equal for copies of a text and cannot be used to verify a guess."""
    return keyed_hash("signal report", fingerprint(normalise(f"{given.product} {given.body}")))


def erased_values() -> dict[str, object]:
    """Return the column values of an erased report."""
    words = {field.name: "" for field in fields(NewReport) if field.type == "str" and field.name != "country"}
    numbers = dict.fromkeys(_NUMBERS)
    return words | numbers
