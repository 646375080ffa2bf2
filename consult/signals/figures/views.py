"""Public figures of early warning: a page, CSV and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _, current_language
from consult.core.text import csv_line
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.signals.figures import queries
from consult.signals.figures.bands import BANDS
from consult.signals.figures.cells import LEVELS, CountryFigures, WeekCount, find_monday
from consult.signals.places.regions import get_country_name, get_region_name, list_regions

blueprint = Blueprint("signal_figures", __name__)
HEAD = ("country", "region", "region_name", "week", "monday", "reports", *LEVELS)


@blueprint.route("/signals/figures", allow=Allow.ANYONE)
def page() -> ResponseReturnValue:
    known = queries.list_counted_countries(db.session())
    country = _asked_country() or (known[0] if known else "")
    language = current_language()
    return render_template(
        "signals/figures.html",
        it=queries.get_figures(db.session(), country, now()),
        countries=[(code, get_country_name(code, language)) for code in known],
        place=lambda code: get_region_name(code, language),
        monday=find_monday,
        levels=LEVELS,
    )


@blueprint.route("/signals/figures.csv", allow=Allow.ANYONE)
def table() -> ResponseReturnValue:
    rows = _rows(queries.get_figures(db.session(), _need_country(), now()))
    return Response("".join(map(csv_line, rows)), mimetype="text/csv")


@blueprint.route("/signals/figures.json", allow=Allow.ANYONE)
def data() -> ResponseReturnValue:
    """Return the figures as JSON. Every number of reports is a band."""
    figures = queries.get_figures(db.session(), _need_country(), now())
    return jsonify(
        country=figures.country,
        bands=list(map(str, BANDS)),
        weeks=[_to_record(row) for row in figures.weeks],
        regions=[_to_record(row) for row in figures.regions],
    )


def _asked_country() -> str:
    return request.args.get("country", "").strip().upper()[:2]


def _need_country() -> str:
    country = _asked_country()
    if not list_regions(country) and get_country_name(country) == country:
        raise NotFound(_("Use a two-letter country code, such as ?country=EC."))
    return country


def _to_record(row: WeekCount) -> dict[str, object]:
    levels = {level: str(count) for level, count in row.levels.items()}
    return {"region": row.region, "week": row.week, "reports": str(row.reports), "levels": levels}


def _rows(figures: CountryFigures) -> Iterable[Sequence[object]]:
    """Yield regions by week."""
    yield HEAD
    for row in figures.regions:
        counts = [row.reports, *(row.levels[level] for level in LEVELS)]
        where = (row.region, get_region_name(row.region))
        yield (figures.country, *where, row.week, find_monday(row.week), *map(str, counts))
