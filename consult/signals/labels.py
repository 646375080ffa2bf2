"""Labels of levels, bases, states and sources on pages and in e-mails."""

from __future__ import annotations

from typing import Any

from flask import Flask

from consult.core.i18n import N_, NP_, _, current_language, localize_number
from consult.signals.figures.bands import Band
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
from consult.signals.offices.model import OfficeKind
from consult.signals.places.regions import get_region_name
from consult.signals.rule.proposal import LevelReason
from consult.signals.samples.table import SampleColumn, SampleProblem
from consult.signals.substances.values import DrugLaw, RecordProblem, StripKind, StripResult

LEVELS: dict[str, Any] = {
    # Translators: levels of an early warning, from the least.
    SignalLevel.WATCH: N_("Watch"),
    SignalLevel.ALERT: N_("Alert"),
    SignalLevel.EMERGENCY: N_("Emergency"),
}
LEVEL_MEANINGS: dict[str, Any] = {
    SignalLevel.WATCH: N_("at least one report, unconfirmed"),
    SignalLevel.ALERT: N_(
        "two independent sources within a week, or a laboratory result or samples that show something new and "
        "dangerous there"
    ),
    SignalLevel.EMERGENCY: N_(
        "two deaths or ten overdoses within three days, reported by a verified organisation or two sources"
    ),
}
SUBJECT_LEVELS: dict[str, Any] = {
    # Translators: how the subject of a letter begins, in capitals where the script has them.
    SignalLevel.WATCH: N_("WATCH"),
    SignalLevel.ALERT: N_("ALERT"),
    SignalLevel.EMERGENCY: N_("EMERGENCY"),
}
CONFIDENCE: dict[str, Any] = {
    # Translators: how sure a signal is.
    Confidence.TOLD: N_("unconfirmed: second-hand reports"),
    Confidence.SEEN: N_("unconfirmed: eyewitness reports"),
    Confidence.STRIP_TEST: N_("unconfirmed: test strip result"),
    Confidence.FTIR: N_("infrared (FTIR) result, not yet confirmed by a laboratory"),
    Confidence.MASS_SPECTROMETRY: N_("confirmed by one laboratory (mass spectrometry)"),
    Confidence.TWO_LABORATORIES: N_("confirmed by two laboratories"),
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
    Basis.TOLD: N_("Someone told me"),
    Basis.STRIP_TEST: N_("A test strip showed it"),
    Basis.FTIR: N_("Drug checking: infrared (FTIR)"),
    Basis.MASS_SPECTROMETRY: N_("A laboratory: mass spectrometry"),
}
BASIS_WORDS: dict[str, Any] = {
    # Translators: the ground of a report, in a list for those who check it.
    Basis.SEEN: N_("seen"),
    Basis.TOLD: N_("second-hand"),
    Basis.STRIP_TEST: N_("test strip"),
    Basis.FTIR: N_("FTIR"),
    Basis.MASS_SPECTROMETRY: N_("mass spectrometry"),
}
SOURCES: dict[str, Any] = {
    SourceKind.UNSAID: N_("Not stated"),
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
    ReportStanding.WAITING: N_("Waiting to be assessed."),
    ReportStanding.LINKED: N_("Assessed: part of a possible warning."),
    ReportStanding.NOT_SIGNAL: N_("Assessed: no warning needed."),
    ReportStanding.WITHDRAWN: N_("Withdrawn by you."),
    ReportStanding.ERASED: N_("Erased."),
}
STATES: dict[str, Any] = {
    SignalState.OPEN: NP_("signal", "Open"),
    SignalState.CLOSED: NP_("signal", "Closed"),
    SignalState.NOT_SIGNAL: N_("Not a signal"),
    SignalState.RETRACTED: N_("Retracted"),
    SignalState.MERGED: NP_("signal", "Merged"),
}
DEEDS: dict[str, Any] = {
    # Translators: what was done to a signal, in a list by time.
    SignalDeed.OPENED: N_("Signal opened"),
    SignalDeed.TAKEN: N_("Being assessed"),
    SignalDeed.LEVEL: N_("Level changed"),
    SignalDeed.LINKED: N_("Report added"),
    SignalDeed.MERGED: N_("Merged with another signal"),
    SignalDeed.SPLIT: N_("Report removed"),
    SignalDeed.VERIFIED: N_("Certainty changed"),
    SignalDeed.WARNED: N_("Warning published"),
    SignalDeed.REVIEWED: N_("Text reviewed by a second person"),
    SignalDeed.CORRECTED: N_("Correction published"),
    SignalDeed.RETRACTED: N_("Retracted"),
    SignalDeed.PLACE_SHOWN: N_("Town named because people there need to know"),
    SignalDeed.CONSULTED: N_("Consultation on the response prepared"),
    SignalDeed.ANSWERED: N_("Answered"),
    SignalDeed.TITLED: N_("New title"),
    SignalDeed.CLOSED: NP_("signal", "Closed"),
}
REASONS: dict[str, Any] = {
    # Translators: why the rule proposes a level, in a list.
    LevelReason.SEEN: N_("At least one report"),
    LevelReason.REPORTS: N_(
        "Two independent sources within 7 days reported something that was rarely reported there before"
    ),
    LevelReason.SAMPLES: N_("Found in samples on two days or at two sites within 28 days, and new there"),
    LevelReason.LABORATORY: N_("A laboratory found something that is new there and not what it was sold as"),
    LevelReason.DEATHS: N_("Two deaths within three days"),
    LevelReason.OVERDOSES: N_("Ten overdoses within three days"),
}
SAMPLE_COLUMNS: dict[str, Any] = {
    # Translators: what a column of a table of drug-checking results holds.
    SampleColumn.NUMBER: N_("Sample number"),
    SampleColumn.DAY: N_("Day"),
    SampleColumn.COUNTRY: N_("Country"),
    SampleColumn.REGION: N_("Region"),
    SampleColumn.TOWN: N_("Town"),
    SampleColumn.SITE: N_("Site"),
    SampleColumn.SOLD_AS: N_("Sold as"),
    SampleColumn.FOUND: N_("Substances found"),
    SampleColumn.METHOD: N_("Method"),
    SampleColumn.STRIP: N_("Test strip"),
    SampleColumn.FORM: N_("Form"),
}
SAMPLE_PROBLEMS: dict[str, Any] = {
    # Translators: why a line of a table is left out, after its number.
    SampleProblem.DAY: N_("we cannot read the day"),
    SampleProblem.PLACE: N_("the region is not in our list"),
    SampleProblem.CELLS: N_("more or fewer cells than headings"),
}
OFFICE_KINDS: dict[str, Any] = {
    # Translators: the role of an office that issues warnings.
    OfficeKind.FOCAL_POINT: N_("national focal point"),
    OfficeKind.LABORATORY_NETWORK: N_("network of laboratories"),
    OfficeKind.REGIONAL_CENTRE: N_("regional centre"),
}
DRUG_LAWS: dict[str, Any] = {
    # Translators: the law that controls a substance.
    DrugLaw.NARCOTICS_1961: N_("1961 Convention (narcotic drugs)"),
    DrugLaw.PSYCHOTROPICS_1971: N_("1971 Convention (psychotropic substances)"),
    DrugLaw.PRECURSORS_1988: N_("1988 Convention (precursors)"),
    DrugLaw.NATIONAL: N_("National law"),
}
STRIP_KINDS: dict[str, Any] = {
    StripKind.FENTANYL: N_("Fentanyl strip"),
    StripKind.NITAZENE: N_("Nitazene strip"),
    StripKind.BENZODIAZEPINE: N_("Benzodiazepine strip"),
    StripKind.XYLAZINE: N_("Xylazine strip"),
}
STRIP_RESULTS: dict[str, Any] = {
    # Translators: whether a test strip shows a substance.
    StripResult.YES: N_("Shows the substance"),
    StripResult.NO: N_("Does not show the substance"),
    StripResult.SOME: N_("Shows the substance sometimes"),
}
RECORD_PROBLEMS: dict[str, Any] = {
    RecordProblem.CAS: N_("Check the CAS number. Its last digit does not fit the others."),
    RecordProblem.INCHIKEY: N_("Enter an InChIKey such as PJMPHNIQZUBGLI-UHFFFAOYSA-N."),
    RecordProblem.UNII: N_("A UNII has ten letters and digits."),
    RecordProblem.SOURCE: N_("Name the source, so that readers can check this."),
    RecordProblem.LAW: N_("Choose the convention or national law."),
    RecordProblem.SCHEDULE: N_("Enter the schedule, such as Schedule I."),
    RecordProblem.COUNTRY: N_("Choose a country for a national law, and none for a convention."),
    RecordProblem.SINCE: N_("Enter a year, month or day, such as 2023-03-15."),
    RecordProblem.STRIP: N_("Choose the strip and whether it shows the substance."),
}
WARNING_KINDS: dict[str, Any] = {
    WarningKind.WARNING: N_("Warning"),
    WarningKind.CORRECTION: N_("Correction"),
    WarningKind.RETRACTION: N_("Retraction"),
}


def write_band(count: Band) -> str:
    """Return a band in the reader's language, such as “5–9”."""
    low, *high = [localize_number(n, current_language()) for n in count if n is not None]
    if count.high is None:
        return _("%(n)s or more", n=low)
    return low if count.low == count.high else _("%(low)s to %(high)s", low=low, high=high[0])


def init_app(app: Flask) -> None:
    """Register template filters for the labels."""
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
        "rule_reason": REASONS,
        "warning_kind": WARNING_KINDS,
        "drug_law": DRUG_LAWS,
        "office_kind": OFFICE_KINDS,
        "strip_kind": STRIP_KINDS,
        "strip_result": STRIP_RESULTS,
    }
    app.jinja_env.filters["band"] = write_band
    app.jinja_env.filters["signal_place"] = lambda code: get_region_name(code, current_language())
    for name, table in tables.items():
        app.jinja_env.filters[name] = lambda value, table=table: table.get(value, value)
