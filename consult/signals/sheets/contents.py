"""Contents of the poster and the picture of a warning, in one language."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import Any

import segno
from sqlalchemy.orm import Session

from consult.core.i18n import LANGUAGES, _, language_direction
from consult.core.web.face import get_fresh
from consult.core.web.requests import settings
from consult.core.web.template_filters import format_day
from consult.signals.advice import ambulances
from consult.signals.advice.steps import find_class, load_advice
from consult.signals.labels import CONFIDENCE, LEVELS, STATES
from consult.signals.model import SignalState
from consult.signals.queries import PublicSignal

MAX_OWN_STEPS = 3
"""Steps of the issuer that fit on a sheet, after those of the class."""


@dataclass(frozen=True)
class WarningSheet:
    """Texts of a poster or picture. `tone` names the colour. `call` and `steps` are empty if it is not open."""

    lang: str
    dir: str
    tone: str
    level: str
    place: str
    title: str
    line: str
    call: str
    call_note: str
    heading: str
    steps: tuple[str, ...]
    signs_label: str
    signs: str
    certainty: str
    dated: str
    site: str
    address: str
    code: str  # QR code of the address, as SVG
    code_label: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def short_address(signal_id: int) -> str:
    """Return the URL of a warning as printed."""
    return f"{settings().base_url}/w/{signal_id}"


def build_sheet(session: Session, it: PublicSignal, language: str) -> WarningSheet:
    """Return the texts of a signal in a language of the interface."""
    row, (_spoken, words) = it.row, it.text(language)
    is_open, retracted = row.state is SignalState.OPEN, row.state is SignalState.RETRACTED
    number = ambulances.find_ambulance(row.country)
    advice = load_advice(find_class(session, it.substance)).list_steps(language) if is_open else []
    own = [line.strip() for line in words.get("do", "").splitlines() if line.strip()]
    changed = it.warning.published_at if it.warning and it.warning.published_at else row.level_at
    return WarningSheet(
        lang=language,
        dir=language_direction(language),
        tone=str(row.level) if is_open else str(row.state),
        level=str(LEVELS[row.level] if is_open else STATES[row.state]),
        place=it.place(language),
        title=it.title(language),
        line=words.get("sold_as", "") if is_open else "",
        call=_("Call %(number)s", number=number or "112") if is_open else "",
        call_note="" if number else _("Call your local ambulance if you know its number."),
        heading=_("What to do") if is_open else "",
        steps=(*advice, *own[:MAX_OWN_STEPS]) if is_open else tuple(own[:MAX_OWN_STEPS]),
        signs_label=_("Signs"),
        signs=words.get("signs", "") if is_open else "",
        certainty="" if retracted else str(CONFIDENCE[row.confidence]),
        dated=_("As of %(day)s", day=format_day(changed, code=language)),
        site=get_fresh().name,
        address=short_address(row.id).split("://")[-1],
        code=_draw_code(short_address(row.id)),
        code_label=_("QR code for the link below"),
    )


def _draw_code(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=2, title=None, light="#fff")
    return out.getvalue().decode()


def choose_language(asked: str, fallback: str) -> str:
    """Return the language that was asked for, if the interface has it."""
    return asked if asked in LANGUAGES else fallback
