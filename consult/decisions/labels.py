"""Labels of decisions and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consult.core.i18n import N_
from consult.decisions.model import Outcome, ReportKind

OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.PUBLISH: N_("Publish"),
    Outcome.RETURN: N_("Return for changes"),
    Outcome.WITHHOLD: N_("Do not publish"),
    Outcome.WITHDRAW: N_("Withdraw (breaks the rules)"),
    Outcome.RETRACT: N_("Withdraw (a source was withdrawn by its publisher)"),
    Outcome.REJECT_APPEAL: N_("Appeal rejected: decision unchanged"),
    Outcome.ACCEPT_APPEAL: N_("Appeal accepted: decision reversed"),
    Outcome.KEEP: N_("Keep published"),
}
REPORT_KINDS: Mapping[ReportKind, Any] = {
    ReportKind.DETAILS: N_("Contact details"),
    ReportKind.PERSON: N_("Identifies another person"),
    ReportKind.HATE: N_("Hate or threats"),
    ReportKind.ILLEGAL: N_("Unlawful to publish"),
    ReportKind.NOT_MINE: N_("I did not send this"),
    ReportKind.OTHER: N_("Another reason"),
}
DECIDED: Mapping[Outcome, Any] = {
    Outcome.PUBLISH: N_("Published"),
    Outcome.RETURN: N_("Returned to its author"),
    Outcome.WITHHOLD: N_("Not published"),
    Outcome.WITHDRAW: N_("Withdrawn by a moderator"),
    Outcome.RETRACT: N_("Withdrawn because a source was withdrawn by its publisher"),
}


def name_report_kind(kind: str | None) -> str:
    """Return the label of a report's reason in the current language."""
    return str(REPORT_KINDS[ReportKind(kind)]) if kind else ""
