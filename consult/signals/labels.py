"""What levels, grounds, states and sources are called on pages and in letters."""

from __future__ import annotations

from typing import Any

from flask import Flask

from consult.core.i18n import N_, current_language
from consult.signals.model import (
    Basis,
    Confidence,
    ReportStanding,
    SightingForm,
    SignalDeed,
    SignalLevel,
    SignalState,
    SourceKind,
    WarningKind,
)
from consult.signals.places.regions import get_region_name

LEVELS: dict[str, Any] = {
    # Translators: levels of an early warning, from the least.
    SignalLevel.WATCH: N_("Watch"),
    SignalLevel.ALERT: N_("Alert"),
    SignalLevel.EMERGENCY: N_("Emergency"),
}
LEVEL_MEANINGS: dict[str, Any] = {
    SignalLevel.WATCH: N_("at least one report, not confirmed"),
    SignalLevel.ALERT: N_(
        "a finding of a laboratory, or two independent reports within a week of what was hardly seen there before"
    ),
    SignalLevel.EMERGENCY: N_("two deaths or ten overdoses within three days"),
}
SUBJECT_LEVELS: dict[str, Any] = {
    # Translators: how the subject of a letter begins, in capitals where the script has them.
    SignalLevel.WATCH: N_("WATCH"),
    SignalLevel.ALERT: N_("ALERT"),
    SignalLevel.EMERGENCY: N_("EMERGENCY"),
}
CONFIDENCE: dict[str, Any] = {
    # Translators: how sure a signal is.
    Confidence.TOLD: N_("not confirmed: people were told so"),
    Confidence.SEEN: N_("not confirmed: people saw it"),
    Confidence.STRIP_TEST: N_("not confirmed: a test strip showed it"),
    Confidence.FTIR: N_("surest ground: infrared (FTIR), no laboratory yet"),
    Confidence.MASS_SPECTROMETRY: N_("surest ground: mass spectrometry in one laboratory"),
    Confidence.TWO_LABORATORIES: N_("surest ground: findings of two laboratories"),
}
SHORT_CONFIDENCE: dict[str, Any] = {
    # Translators: in brackets at the end of a letter's subject.
    Confidence.TOLD: N_("unconfirmed"),
    Confidence.SEEN: N_("unconfirmed"),
    Confidence.STRIP_TEST: N_("unconfirmed"),
    Confidence.FTIR: N_("FTIR"),
    Confidence.MASS_SPECTROMETRY: N_("one laboratory"),
    Confidence.TWO_LABORATORIES: N_("two laboratories"),
}
BASES: dict[str, Any] = {
    Basis.SEEN: N_("I saw it"),
    Basis.TOLD: N_("Somebody told me"),
    Basis.STRIP_TEST: N_("A test strip showed it"),
    Basis.FTIR: N_("Drug checking: infrared (FTIR)"),
    Basis.MASS_SPECTROMETRY: N_("A laboratory: mass spectrometry"),
}
BASIS_WORDS: dict[str, Any] = {
    # Translators: the ground of a report, in a list for those who check it.
    Basis.SEEN: N_("seen"),
    Basis.TOLD: N_("told"),
    Basis.STRIP_TEST: N_("test strip"),
    Basis.FTIR: N_("FTIR"),
    Basis.MASS_SPECTROMETRY: N_("mass spectrometry"),
}
SOURCES: dict[str, Any] = {
    SourceKind.UNSAID: N_("Not said"),
    SourceKind.OUTREACH: N_("Outreach"),
    SourceKind.DRUG_CHECKING: N_("Drug checking service"),
    SourceKind.HOSPITAL: N_("Hospital or ambulance"),
    SourceKind.LABORATORY: N_("Laboratory"),
    SourceKind.POLICE: N_("Police"),
    SourceKind.PRISON: N_("Prison"),
    SourceKind.FAMILY: N_("Family or friends"),
    SourceKind.MEDIA: N_("News"),
}
FORMS: dict[str, Any] = {
    SightingForm.OTHER: N_("Something else, or I do not know"),
    SightingForm.POWDER: N_("Powder"),
    SightingForm.TABLET: N_("Tablet or capsule"),
    SightingForm.LIQUID: N_("Liquid"),
    SightingForm.VAPE: N_("Vape"),
    SightingForm.PLANT: N_("Plant"),
    SightingForm.PAPER: N_("Paper"),
}
STANDINGS: dict[str, Any] = {
    ReportStanding.WAITING: N_("It waits to be read."),
    ReportStanding.LINKED: N_("It was read and belongs to a signal."),
    ReportStanding.NOT_SIGNAL: N_("It was read and is not a signal."),
    ReportStanding.WITHDRAWN: N_("You withdrew it."),
    ReportStanding.ERASED: N_("It was erased."),
}
STATES: dict[str, Any] = {
    SignalState.OPEN: N_("Open"),
    SignalState.CLOSED: N_("Closed"),
    SignalState.NOT_SIGNAL: N_("Not a signal"),
    SignalState.RETRACTED: N_("Retracted: it was wrong"),
    SignalState.MERGED: N_("Merged"),
}
DEEDS: dict[str, Any] = {
    # Translators: what was done to a signal, in a list by time.
    SignalDeed.OPENED: N_("Signal opened"),
    SignalDeed.TAKEN: N_("Somebody is at it"),
    SignalDeed.LEVEL: N_("Level changed"),
    SignalDeed.LINKED: N_("A report was added"),
    SignalDeed.MERGED: N_("Merged with another signal"),
    SignalDeed.SPLIT: N_("A report was taken out"),
    SignalDeed.VERIFIED: N_("How sure it is changed"),
    SignalDeed.WARNED: N_("Warning published"),
    SignalDeed.REVIEWED: N_("The words were reviewed by a second person"),
    SignalDeed.CORRECTED: N_("Correction published"),
    SignalDeed.RETRACTED: N_("Retracted: it was wrong"),
    SignalDeed.PLACE_SHOWN: N_("The town is named: people there must know"),
    SignalDeed.CONSULTED: N_("A consultation on the response was prepared"),
    SignalDeed.ANSWERED: N_("Answered"),
    SignalDeed.CLOSED: N_("Closed"),
}
WARNING_KINDS: dict[str, Any] = {
    WarningKind.WARNING: N_("Warning"),
    WarningKind.CORRECTION: N_("Correction"),
    WarningKind.RETRACTION: N_("Retraction"),
}


def init_app(app: Flask) -> None:
    """Templates name levels and grounds by these filters."""
    tables = {
        "signal_level": LEVELS,
        "signal_subject_level": SUBJECT_LEVELS,
        "signal_confidence": CONFIDENCE,
        "signal_short_confidence": SHORT_CONFIDENCE,
        "signal_basis": BASIS_WORDS,
        "signal_source": SOURCES,
        "signal_form": FORMS,
        "signal_deed": DEEDS,
        "signal_state": STATES,
        "warning_kind": WARNING_KINDS,
    }
    app.jinja_env.filters["signal_place"] = lambda code: get_region_name(code, current_language())
    for name, table in tables.items():
        app.jinja_env.filters[name] = lambda value, table=table: table.get(value, value)
