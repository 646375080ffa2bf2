"""What every template may use: filters for numbers and times, versioned asset addresses, the navigation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_timedelta,
    get_date_format,
    get_timezone_location,
)
from babel.numbers import format_decimal
from flask import Flask, has_request_context, request, url_for
from markupsafe import Markup

from consult.core.clock import now
from consult.core.i18n import _, language
from consult.core.text import excerpt, markdown

MINUS = "\N{MINUS SIGN}"


def number(value: int | float, code: str = "") -> str:
    """1284 as `1,284` in English; in the language of a code, or the one being spoken."""
    return _number(value, code or language())


@lru_cache(maxsize=4096)
def _number(value: int | float, code: str) -> str:
    return str(format_decimal(value, locale=code))


def day(value: date | datetime, zone: str = "UTC", code: str = "") -> str:
    """`31 January 2027`, in the given time zone; in the language of a code, or the one being spoken."""
    local = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    return _day(local, code or language())


@lru_cache(maxsize=1024)
def _day(value: date, code: str) -> str:
    return str(format_date(value, "long", locale=_dated(code)))


def day_of_year(value: date) -> str:
    """`31 January`."""
    return str(format_skeleton("MMMMd", value, locale=_dated(language())))


def _dated(code: str) -> str:
    """The locale whose dates are written: in English as most of the world writes them, the day first."""
    return "en_GB" if code == "en" else code


def moment(value: datetime, zone: str = "UTC") -> str:
    """`15 December 2026, 14:02 UTC`: a time is never shown without its zone."""
    local = value.astimezone(ZoneInfo(zone))
    code, name = _dated(language()), str(local.tzname())
    said = format_datetime(local, f"{get_date_format('long', code).pattern}'{_(', ')}'HH:mm", locale=code)
    return f"{said} {'UTC' if name[0] in '+-' else ''}{name.replace('-', MINUS)}"


def place(zone: str) -> str:
    """`America/Lima` by the name of its city."""
    return str(get_timezone_location(zone, locale=language(), return_city=True))


def deadline(value: datetime, zone: str) -> Markup:
    """A moment by the clocks of its place and in UTC, as a `<time>` that JavaScript says in the reader's own too."""
    said = moment(value, zone)
    there, here = value.astimezone(ZoneInfo(zone)), value.astimezone(UTC)
    in_utc = f"{here:%H:%M} UTC" if there.date() == here.date() else moment(value)
    inner = said if said.endswith(" UTC") else f"{said} ({in_utc})"
    yours = _("for you: %(when)s", when="{}")
    return Markup('<time datetime="{}" data-here="{}">{}</time>').format(value.isoformat(), yours, inner)


def hour(value: datetime, zone: str = "UTC") -> str:
    """A public time, to the hour of UTC in any zone: what is finer could tell who wrote."""
    return moment(value.replace(minute=0, second=0), zone)


def ago(value: datetime) -> str:
    """`2 days ago`; within the last minute, `12 seconds ago`."""
    age = (value - now()).total_seconds()
    return (
        _ago(round(age / 60), "minute", language()) if abs(age) >= 60 else _ago(round(age) or -1, "second", language())
    )


@lru_cache(maxsize=4096)
def _ago(age: int, unit: Literal["minute", "second"], code: str) -> str:
    passed = timedelta(minutes=age) if unit == "minute" else timedelta(seconds=age)
    return str(format_timedelta(passed, add_direction=True, granularity=unit, threshold=1.2, locale=code))


@lru_cache(maxsize=256)
def _version(path: Path, _changed: float) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]


def address(endpoint: str, **values: Any) -> str:
    """`url_for` for templates: an address inside this site is built once; others are left to Flask."""
    plain = endpoint[0] != "." and _PLAIN.issuperset(map(type, values.values())) and _OUTSIDE.isdisjoint(values)
    if not plain or not has_request_context():
        return url_for(endpoint, **values)
    return _address(request.script_root, endpoint, tuple(values.items()))


_PLAIN = {str, int, type(None)}
_OUTSIDE = {"_external", "_method", "_scheme"}


@lru_cache(maxsize=8192)
def _address(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def init_app(app: Flask) -> None:
    folder = Path(str(app.static_folder))

    def asset(name: str) -> str:
        """The address of a static file with its content's hash: cached for a year, never stale."""
        path = folder / name
        return address("static", filename=name, v=_version(path, path.stat().st_mtime))

    app.jinja_env.globals.update(asset=asset, now=now, url_for=address)
    filters: dict[str, Any] = {
        "number": number, "day": day, "moment": moment, "hour": hour, "deadline": deadline, "ago": ago,
        "place": place, "excerpt": excerpt, "markdown": markdown,
    }  # fmt: skip
    app.jinja_env.filters.update(filters)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
