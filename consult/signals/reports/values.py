"""A report as plain values: cleaned, checked, and cleared of what looks like personal data."""

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
"""Where the day begins first, it is so many hours ahead of UTC."""
MOST_HARMED = 10_000
HIDDEN = "▒▒▒"
_LINES = ("product", "look", "substance_said", "strength", "route", "unusual", "laboratory")
_NUMBERS = ("deaths", "overdoses", "hospital", "naloxone")
MAX_LINE = 200


@dataclass(frozen=True)
class NewReport:
    """What somebody says they saw. Places are ISO 3166 codes; `strength` is words, never computed with."""

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
    """The report as it is kept. Raises a Refusal that names the field to mend."""
    country, region = regions.check_place(given.country, given.region)
    check_day(given.happened_on, at=at)
    body = clean_text(given.body)
    if not body:
        raise Refusal(_("Write what happened."), field="body")
    if len(body) > MAX_BODY_LENGTH:
        raise Refusal(_("Shorten this to 2,000 characters or fewer."), field="body")
    lines: dict[str, Any] = {name: one_line(getattr(given, name))[:MAX_LINE] for name in _LINES}
    if not lines["product"]:
        raise Refusal(_("Write what it was sold as."), field="product")
    for name in _NUMBERS:
        if not 0 <= (getattr(given, name) or 0) <= MOST_HARMED:
            raise Refusal(_("Enter a number of people between 0 and 10,000."), field=name)
    place = towns.clean_town(given.place) or ""
    return replace(given, country=country, region=region, place=place, body=body, **lines)


def check_day(day: date, *, at: datetime) -> None:
    """Raises a Refusal for a day to come, or too long ago."""
    if day > (at + _AHEAD).date():
        raise Refusal(_("This day has not come yet. When did it happen?"), field="happened_on")
    if day < (at - OLDEST).date():
        raise Refusal(
            _("This is more than 90 days ago. An early warning is about what happens now."), field="happened_on"
        )


def find_personal_data(given: NewReport) -> Sequence[PersonalDataHint]:
    """What may say who somebody is, in any of the words of a report: shown before it is sent."""
    words = [given.body, *(getattr(given, name) for name in _LINES)]
    return find_all_hints(filter(None, words), given.country)


def clear_words(words: str, country: str) -> str:
    """The words without what looks like an address, a number to call or a name.

    >>> clear_words("Ask Mrs. Quispe, ana@example.org, about the blue ones.", "PE")
    'Ask ▒▒▒, ▒▒▒, about the blue ones.'
    """
    for hint in find_hints(words, country):
        words = words.replace(hint.words, HIDDEN)
    return words


def to_content(given: NewReport) -> bytes:
    """The report as bytes, always the same for the same words: what the commitment is to."""
    return json.dumps(asdict(given), ensure_ascii=False, sort_keys=True, default=str).encode()


def from_row(row: SignalReport) -> NewReport:
    """The report as it was filed."""
    return NewReport(**{field.name: getattr(row, field.name) for field in fields(NewReport)})


def mark_content(given: NewReport) -> bytes:
    """By which copies of one text are told: equal for texts with the same words, and no guess can be checked by it."""
    return keyed_hash("signal report", fingerprint(normalise(f"{given.product} {given.body}")))


def erased_values() -> dict[str, object]:
    """What is left in the columns of a report of which nothing but that it was there is to be known."""
    words = {field.name: "" for field in fields(NewReport) if field.type == "str" and field.name != "country"}
    numbers = dict.fromkeys(_NUMBERS)
    return words | numbers
