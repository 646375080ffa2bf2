"""Sentences of a yearly summary in the current language, for its page and both parts of its e-mail."""

from __future__ import annotations

from datetime import date

from flask import Flask

from consult.core.i18n import _, current_language, language_direction, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.plans.indicators.direction import MovedIndicator
from consult.plans.labels import PROGRESS_LABELS, format_figure
from consult.plans.model import Progress
from consult.plans.movement.content import MovedAction


def isolate(words: str) -> str:
    """Isolate text so that it keeps its own direction in a sentence. Source: Unicode, UAX #9, section 2.4."""
    return f"\u2068{words}\u2069"


def name_indicator(indicator: MovedIndicator, language: str) -> str:
    """Return an indicator's title and unit in the current language, else in that of its plan."""
    title, unit = (find(current_language(), language) for find in (indicator.title_in, indicator.unit_in))
    return f"{indicator.code} {isolate(title)} ({isolate(unit)})"


def describe_turn(indicator: MovedIndicator) -> str:
    """Describe the change of an indicator, with its target."""
    before, last = (
        _value(*pair) for pair in ((indicator.before, indicator.before_period), (indicator.last, indicator.last_period))
    )
    if indicator.target is None:
        # After the name of an indicator. Both are values with their period: “from 905 (2024) to 968 (2025)”.
        return _("from %(before)s to %(last)s", before=before, last=last)
    target = _value(indicator.target, indicator.target_period)
    return _("from %(before)s to %(last)s, target %(target)s", before=before, last=last, target=target)


def _value(value: str, period: str) -> str:
    """Return a value with its period, isolated in the direction of the current language."""
    begin = "\u2067" if language_direction(current_language()) == "rtl" else "\u2066"
    return f"{begin}{format_figure(value)} ({period})\u2069" if period else format_figure(value)


def describe_late(action: MovedAction) -> str:
    """Describe a late action: its due date and the government's report. Empty for summaries of the old format."""
    if not action.due_on:
        return ""
    day = format_day(date.fromisoformat(action.due_on))
    if not action.government:
        # After the name of an action.
        return _("due %(day)s, no government report", day=day)
    return _("due %(day)s, the government reports: %(progress)s", day=day, progress=_word(action.government))


def describe_difference(action: MovedAction) -> str:
    """Describe the reports of both sides on a disputed action. Empty for summaries of the old format."""
    if not action.government or not action.society:
        return ""
    reports = _(", ").join(f"{format_number(n)} {_word(progress)}" for progress, n in action.society)
    voices = sum(n for _progress, n in action.society)
    # After the name of an action. `reports` is such as “2 not started, 1 under way”.
    return ngettext(
        "government: %(progress)s; %(num)s organisation: %(reports)s",
        "government: %(progress)s; %(num)s organisations: %(reports)s",
        voices,
        progress=_word(action.government),
        reports=reports,
    )


def _word(progress: str) -> str:
    return str(PROGRESS_LABELS[Progress(progress)])


def init_app(app: Flask) -> None:
    for helper in (name_indicator, describe_turn, describe_late, describe_difference):
        app.jinja_env.filters[helper.__name__] = helper
