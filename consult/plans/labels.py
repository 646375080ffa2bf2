"""Labels for states, reported progress and problems of files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.numbers import format_decimal
from flask import Flask

from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.web.template_filters import format_day
from consult.plans.indicators.columns import ColumnRole
from consult.plans.indicators.model import WantedTurn, pick_words
from consult.plans.model import PlanAction, Progress, TimetableKind
from consult.plans.state import ActionState

STATE_LABELS = {
    ActionState.DONE_AGREED: N_("Done, confirmed"),
    ActionState.DONE_CLAIMED: N_("Reported done, not confirmed"),
    ActionState.KEPT_UP: N_("On track"),
    ActionState.UNDER_WAY: N_("Under way"),
    ActionState.NOT_STARTED: N_("Not started"),
    ActionState.LATE: N_("Late"),
    ActionState.DROPPED: N_("Dropped"),
    ActionState.NO_REPORT: N_("No current report"),
    ActionState.NO_DUE_DATE: N_("No due date"),
}
STATE_KINDS = {
    ActionState.DONE_AGREED: "ok",
    ActionState.DONE_CLAIMED: "mark",
    ActionState.KEPT_UP: "ok",
    ActionState.UNDER_WAY: "info",
    ActionState.NOT_STARTED: "info",
    ActionState.LATE: "late",
    ActionState.DROPPED: "concern",
    ActionState.NO_REPORT: "concern",
    ActionState.NO_DUE_DATE: "plain",
}
"""Tag styles by state."""
STATE_CLASSES = {
    ActionState.DONE_AGREED: "is-agreed",
    ActionState.DONE_CLAIMED: "is-claimed",
    ActionState.KEPT_UP: "is-kept-up",
    ActionState.UNDER_WAY: "is-under-way",
    ActionState.NOT_STARTED: "is-not-started",
    ActionState.LATE: "is-late",
    ActionState.DROPPED: "is-dropped",
    ActionState.NO_REPORT: "is-no-report",
    ActionState.NO_DUE_DATE: "is-no-due-date",
}
"""Bar colours by state."""
PROGRESS_LABELS = {
    Progress.NOT_STARTED: N_("not started"),
    Progress.UNDER_WAY: N_("under way"),
    Progress.LATE: N_("overdue"),
    Progress.DONE: N_("done"),
    Progress.DROPPED: N_("dropped"),
    Progress.NO_EVIDENCE: N_("no evidence"),
}
BALANCE_LABELS = {
    "done": N_("done according to the government"),
    ActionState.KEPT_UP: N_("on track"),
    ActionState.UNDER_WAY: N_("under way"),
    ActionState.NOT_STARTED: N_("not started"),
    ActionState.LATE: N_("overdue"),
    ActionState.DROPPED: N_("dropped"),
    ActionState.NO_REPORT: N_("without a current report"),
    ActionState.NO_DUE_DATE: N_("without a due date"),
    "differ": N_("disputed by an organisation"),
}
"""Labels after a number of actions. All numbers but the last add up to the total."""
TURN_LABELS = {
    WantedTurn.UP: N_("Higher is better"),
    WantedTurn.DOWN: N_("Lower is better"),
    WantedTurn.NEITHER: N_("No desired direction"),
}
COLUMN_LABELS = {
    ColumnRole.PERIOD: N_("Period"),
    ColumnRole.VALUE: N_("Value"),
    ColumnRole.UNIT: N_("Unit"),
    ColumnRole.MULTIPLIER: N_("Unit multiplier"),
    ColumnRole.FLAG: N_("Status of the value"),
    ColumnRole.GROUP: N_("Group or area"),
    ColumnRole.CODE: N_("Group code"),
    ColumnRole.ASIDE: N_("Not used"),
}


FLAG_LABELS = {
    "estimated": N_("estimated"),
    "provisional": N_("provisional"),
    "break": N_("break in the series"),
    "revised": N_("revised"),
    "low reliability": N_("low reliability"),
    "forecast": N_("forecast"),
    "imputed": N_("imputed"),
    "confidential": N_("confidential"),
    "missing": N_("missing"),
    "definition differs": N_("different definition"),
    "not significant": N_("not significant"),
}
"""Labels of flags from indicators/cells.py. A file's own flags are shown as written."""


def name_flags(flags: str) -> str:
    """Return the flags of a value in the current language."""
    return str(_(", ")).join(str(FLAG_LABELS.get(flag, flag)) for flag in flags.split(", "))


TIMETABLE_LABELS = {
    "": N_("By a date"),
    TimetableKind.DAYS: N_("On several dates"),
    TimetableKind.EVERY: N_("Repeated"),
    TimetableKind.STANDING: N_("Always in force"),
    TimetableKind.OPEN: N_("No due date"),
}


def describe_due(due: tuple[date | None, TimetableKind | None, int | None]) -> str:
    """Describe the timetable of an action, given its deciding due date, its kind and the months between due dates."""
    day, kind, months = due
    if day is None:
        return str(_("always in force") if kind is TimetableKind.STANDING else _("no due date"))
    shown = format_day(day)
    if kind is TimetableKind.DAYS:
        return str(_("one of several dates: %(day)s", day=shown))
    if kind is not TimetableKind.EVERY or not months:
        return str(_("by %(day)s", day=shown))
    if months % 12 == 0:
        return ngettext("every year: %(day)s", "every %(num)s years: %(day)s", months // 12, day=shown)
    return ngettext("every month: %(day)s", "every %(num)s months: %(day)s", months, day=shown)


def describe_action_due(action: PlanAction) -> str:
    """Describe the timetable of an action."""
    return describe_due((action.due_on, action.timetable, action.every_months))


def format_figure(value: Decimal | str | None) -> str:
    """Return a value with all original digits in the current language, or a dash if it is missing."""
    if value is None:
        return "–"
    return _format_figure(Decimal(value), current_language())


@lru_cache(maxsize=4096)
def _format_figure(value: Decimal, language: str) -> str:
    return str(format_decimal(value, locale=language, decimal_quantization=False))


def choose_words(words: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return a text in the current language, else in this one, preceded by its language if that differs."""
    spoken = current_language()
    chosen_language, wording = pick_words(words, spoken, language)
    return "" if chosen_language == spoken else chosen_language, wording


def init_app(app: Flask) -> None:
    labels: dict[str, tuple[type, dict[Any, Any]]] = {
        "action_state": (ActionState, STATE_LABELS),
        "action_progress": (Progress, PROGRESS_LABELS),
        "wanted_turn": (WantedTurn, TURN_LABELS),
        "column_role": (ColumnRole, COLUMN_LABELS),
    }
    for name, (kind, words) in labels.items():
        app.jinja_env.filters[name] = lambda value, kind=kind, words=words: str(words[kind(value)])
    app.jinja_env.filters["balance_part"] = lambda name: str(BALANCE_LABELS[name])
    app.jinja_env.filters["action_state_kind"] = lambda state: STATE_KINDS[ActionState(state)]
    app.jinja_env.filters["action_state_class"] = lambda state: STATE_CLASSES[state]
    app.jinja_env.filters["value_flags"] = name_flags
    app.jinja_env.filters["figure"] = format_figure
    app.jinja_env.filters["due"] = describe_due
    app.jinja_env.filters["action_due"] = describe_action_due
    app.jinja_env.filters["in_words"] = choose_words
    app.jinja_env.filters["iso_day"] = lambda iso_date: format_day(date.fromisoformat(iso_date))
