"""Filters and globals of all templates: numbers, times, versioned asset URLs, navigation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_timedelta,
    get_date_format,
    get_timezone_location,
)
from babel.numbers import format_percent as write_percent
from flask import Flask, has_request_context, request, url_for
from markupsafe import Markup

from consult.core.clock import now
from consult.core.i18n import CONTENT_LANGUAGES, _, current_language, localize_number
from consult.core.languages import find_language
from consult.core.text import excerpt, render_markdown, separate_changes
from consult.core.web import stylesheet

MINUS = "\N{MINUS SIGN}"


def format_number(value: int | float, code: str = "") -> str:
    """Format a number in a language, by default the current one: 1284 as `1,284` in English."""
    return localize_number(value, code or current_language())


def percentage(part: float, whole: float, decimals: int = 0) -> Decimal:
    """Return `part` of `whole` in per cent.

    More than `decimals` places are used if the result would otherwise round to 0 or 100.

    >>> [str(percentage(*pair)) for pair in [(1, 3), (5, 8), (4901, 4905), (1, 4905), (4905, 4905), (0, 7), (0, 0)]]
    ['33', '63', '99.9', '0.02', '100', '0', '0']
    """
    if not whole or not part:
        return Decimal(0)
    exact = Decimal(100) * Decimal(part) / Decimal(whole)
    if part == whole:
        return Decimal(100)
    for places in range(decimals, _MOST_DECIMALS):
        rounded = exact.quantize(Decimal(10) ** -places, ROUND_HALF_UP)
        if 0 < rounded < 100:
            return rounded
    return Decimal(10) ** -_MOST_DECIMALS if exact < 1 else 100 - Decimal(10) ** -_MOST_DECIMALS


def in_hundredths(share: float) -> int:
    """Return a share in whole hundredths. 0 and 100 are used only for exact values.

    >>> [in_hundredths(one) for one in (0, 0.001, 0.5, 0.999, 1, -0.2)]
    [0, 1, 50, 99, 100, -20]
    """
    if share in (0, 1):
        return int(100 * share)
    return round(100 * share) or (1 if share > 0 else -1) if share < 0.5 else min(99, round(100 * share))


def fraction(part: float, whole: float = 1, decimals: int = 4) -> str:
    """Return `part` of `whole` as a decimal fraction for files. 0 and 1 are used only for exact values.

    >>> [fraction(*pair) for pair in [(1, 3), (1, 2), (99_996, 100_000), (1, 90_000), (7, 7), (0, 7)]]
    ['0.3333', '0.5000', '0.99996', '0.00001', '1.0000', '0.0000']
    """
    share = percentage(part, whole, decimals - 2).scaleb(-2)
    return f"{share:.{max(decimals, -int(share.as_tuple().exponent))}f}"


def format_percent(part: float, whole: float = 1, decimals: int = 0) -> str:
    """Format a percentage in the current language: `33%`, in French `33 %`."""
    share = percentage(part, whole, decimals) / 100
    return str(write_percent(share, locale=current_language(), decimal_quantization=False))


def format_share(part: int, whole: int) -> str:
    """Format a count with its total and percentage: `7 of 9 (78%)`."""
    return _(
        "%(n)s of %(of)s (%(share)s)",
        n=format_number(part),
        of=format_number(whole),
        share=format_percent(part, whole),
    )


_MOST_DECIMALS = 8


def format_day(value: date | datetime, zone: str = "UTC", code: str = "") -> str:
    """Format a date such as `31 January 2027` in a time zone and language, by default the current one."""
    local = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    return _format_day(local, code or current_language())


@lru_cache(maxsize=1024)
def _format_day(value: date, code: str) -> str:
    return str(format_date(value, "long", locale=_date_locale(code)))


def format_day_of_year(value: date) -> str:
    """Format a date as `31 January`."""
    return str(format_skeleton("MMMMd", value, locale=_date_locale(current_language())))


def format_month(value: date) -> str:
    """Format a date as `Jan 2027`."""
    return _format_month(value, current_language())


@lru_cache(maxsize=1024)
def _format_month(value: date, code: str) -> str:
    return str(format_skeleton("yMMM", value, locale=_date_locale(code)))


def _date_locale(code: str) -> str:
    """Return the locale for dates of a language."""
    return find_language(code).dates or code


def format_moment(value: datetime, zone: str = "UTC") -> str:
    """Format a time as `15 December 2026, 14:02 UTC`, always with its time zone."""
    local = value.astimezone(ZoneInfo(zone))
    code, name = _date_locale(current_language()), str(local.tzname())
    said = format_datetime(local, f"{get_date_format('long', code).pattern}'{_(', ')}'HH:mm", locale=code)
    return f"{said} {'UTC' if name[0] in '+-' else ''}{name.replace('-', MINUS)}"


def format_zone(zone: str) -> str:
    """Return the name of the city of a time zone such as `America/Lima`."""
    return str(get_timezone_location(zone, locale=current_language(), return_city=True))


def format_deadline(value: datetime, zone: str) -> Markup:
    """Format a time in its time zone and UTC, as a `<time>` to which JavaScript adds the reader's local time."""
    said = format_moment(value, zone)
    there, here = value.astimezone(ZoneInfo(zone)), value.astimezone(UTC)
    in_utc = f"{here:%H:%M} UTC" if there.date() == here.date() else format_moment(value)
    # NOTE: after a day and an hour: 13 January 2027, 23:59 UTC−05 (Lima time; 04:59 UTC)
    known = "" if "/" not in zone else _("%(place)s time", place=format_zone(zone)) + _("; ")
    inner = said if said.endswith(" UTC") else f"{said} ({known}{in_utc})"
    yours = _("your time: %(when)s", when="{}")
    return Markup('<time datetime="{}" data-here="{}">{}</time>').format(value.isoformat(), yours, inner)


def format_hour(value: datetime, zone: str = "UTC") -> str:
    """Format a public time, rounded down to the hour in UTC, since more exact times could identify the author."""
    return format_moment(value.replace(minute=0, second=0), zone)


def format_age(value: datetime) -> str:
    """Format the time since, such as `2 days ago`, or `12 seconds ago` within the last minute."""
    age = (value - now()).total_seconds()
    return (
        _format_age(round(age / 60), "minute", current_language())
        if abs(age) >= 60
        else _format_age(round(age) or -1, "second", current_language())
    )


@lru_cache(maxsize=4096)
def _format_age(age: int, unit: Literal["minute", "second"], code: str) -> str:
    passed = timedelta(minutes=age) if unit == "minute" else timedelta(seconds=age)
    return str(format_timedelta(passed, add_direction=True, granularity=unit, threshold=1.2, locale=code))


def format_short_age(value: datetime) -> str:
    """Format the time since in short, such as `2d` or `5h`."""
    return _format_short_age(max(1, round((now() - value).total_seconds() / 60)), current_language())


@lru_cache(maxsize=4096)
def _format_short_age(minutes: int, code: str) -> str:
    passed = timedelta(minutes=minutes)
    return str(format_timedelta(passed, granularity="minute", threshold=1.2, format="narrow", locale=code))


def language_name(code: str) -> str:
    """Return a content language's own name, or the name of another language in the current one."""
    return CONTENT_LANGUAGES.get(code) or str(Locale.parse(current_language()).languages.get(code, code))


@lru_cache(maxsize=256)
def _content_hash(path: Path, _changed: float) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]


def build_url(endpoint: str, **values: Any) -> str:
    """Build a URL in templates. URLs within this site are cached; others are left to Flask's `url_for`."""
    plain = (
        endpoint[0] != "."
        and _PLAIN_TYPES.issuperset(map(type, values.values()))
        and _EXTERNAL_OPTIONS.isdisjoint(values)
    )
    if not plain or not has_request_context():
        return url_for(endpoint, **values)
    return _cached_url(request.script_root, endpoint, tuple(values.items()))


_PLAIN_TYPES = {str, int, type(None)}
_EXTERNAL_OPTIONS = {"_external", "_method", "_scheme"}


@lru_cache(maxsize=8192)
def _cached_url(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def init_app(app: Flask) -> None:
    folder = Path(str(app.static_folder))
    joined = stylesheet.init_app(app)

    def asset(name: str) -> str:
        """Return the URL of a static file with its content hash, so that it can be cached for a year."""
        if name in joined:
            return build_url("static", filename=name, v=joined[name])
        path = folder / name
        return build_url("static", filename=name, v=_content_hash(path, path.stat().st_mtime))

    app.jinja_env.globals.update(asset=asset, now=now, url_for=build_url, language=current_language)
    filters: dict[str, Any] = {
        "number": format_number,
        "day": format_day,
        "month": format_month,
        "moment": format_moment,
        "hour": format_hour,
        "deadline": format_deadline,
        "ago": format_age,
        "age": format_short_age,
        "place": format_zone,
        "excerpt": excerpt,
        "separate_changes": separate_changes,
        "markdown": render_markdown,
        "percent": format_percent,
        "hundredths": in_hundredths,
        "share": format_share,
        "language_name": language_name,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
