"""Public pages of bodies, with consultations and records: /b/… and /bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.bodies import merge
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web import page_cache
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.requests import Blueprint
from consult.digests.results.views import csv_file
from consult.responses.records.service import FLOOR, Record
from consult.site import queries as site
from consult.site.bodies import queries

blueprint = Blueprint("bodies_site", __name__)
_SORTS: Mapping[str, Callable[[Record], int | None]] = {
    "promised": lambda it: it.promised,
    "kept": lambda it: it.kept,
    "late": lambda it: it.late,
    "overdue": lambda it: it.overdue,
    "days": lambda it: it.days,
    "changed": lambda it: it.changed,
}
"""Numbers by which the table can be sorted, besides the name."""
_COLUMNS = (
    "body",
    "acronym",
    "address",
    "promised",
    "kept",
    "late",
    "overdue",
    "median_days",
    "changed_words",
    "too_few_to_say",
)


@blueprint.route("/b/<slug>", allow=Allow.ANYONE)
def one(slug: str) -> ResponseReturnValue:
    """Show a body. The URL of a merged body redirects to the other one."""
    try:
        return _cached(
            lambda: render_template("site/bodies/one.html", page=queries.get_body_page(db.session(), slug), at=now())
        )
    except NotFound:
        if (new := merge.find_new_slug(db.session(), slug)) is None:
            raise
        return redirect(url_for("bodies_site.one", slug=new), 301)


@blueprint.route("/b/<slug>/logo.png", allow=Allow.ANYONE)
def logo(slug: str) -> ResponseReturnValue:
    """Return the logo with an ETag, cacheable for an hour."""
    body = bodies.get(db.session(), slug)
    if body.logo is None:
        return abort(404)
    answer = Response(body.logo, mimetype="image/png")
    answer.set_etag(sha256(body.logo).hexdigest()[:16])
    answer.cache_control.public, answer.cache_control.max_age = True, 3600
    return answer.make_conditional(request)


@blueprint.route("/bodies", allow=Allow.ANYONE)
def listed() -> ResponseReturnValue:
    """List all bodies with their records. `?sort=` sorts by a column; by default nothing is ranked."""
    if (sort := request.args.get("sort", "")) not in ("", *_SORTS):
        raise NotFound(_("You cannot sort the list by this column."))

    def page() -> str:
        rows = _sorted(queries.list_records(db.session()), sort)
        return render_template("site/bodies/all.html", rows=rows, sort=sort, floor=FLOOR)

    return _cached(page)


@blueprint.route("/bodies.csv", allow=Allow.ANYONE)
def table() -> ResponseReturnValue:
    """Return the list as CSV."""
    rows: list[Sequence[Any]] = [_COLUMNS]
    for body, it in queries.list_records(db.session()):
        numbers = (it.kept, it.late, it.overdue, it.days if it.days is not None else "", it.changed)
        rows.append(
            (
                body.name,
                body.code or "",
                public_url("bodies_site.one", slug=body.slug),
                it.promised,
                *(numbers if it.told else ("",) * len(numbers)),
                "" if it.told else "yes",
            )
        )
    return csv_file("bodies.csv", rows)


def _cached(page: Callable[[], str]) -> ResponseReturnValue:
    """Return a page, cached for visitors until something changes or a minute has passed."""
    if not page_cache.is_plain_visitor():
        return page()
    at = now().replace(second=0, microsecond=0)
    return page_cache.cached_response(page_cache.page_tag(at, *site.get_stamp(db.session())), page)


def _sorted(rows: list[tuple[PublicBody, Record]], sort: str) -> list[tuple[PublicBody, Record]]:
    """Sort by a number, highest first. Bodies with too few answers come last, by name."""
    if not sort:
        return rows
    number = _SORTS[sort]
    return sorted(rows, key=lambda row: (not row[1].told, -(number(row[1]) or 0)))
