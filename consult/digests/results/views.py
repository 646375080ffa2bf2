"""The page “What we heard”, its CSV files, and the list of submissions on no part of the draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.clock import now
from consult.core.db import db
from consult.core.i18n import _
from consult.core.slots import collect
from consult.core.text import csv_line
from consult.core.web import page_cache
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import stream_rows
from consult.digests.blueprint import blueprint
from consult.digests.content.slots import HeardAnswers, PlaceReply, get_place_replies
from consult.digests.lists import queries as lists_queries
from consult.digests.render import claims, contributors, list_headings, phrases, template_helpers
from consult.digests.results import cache as results_cache
from consult.digests.results.overview import Overview, build_overview
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import State


@blueprint.route("/c/<slug>/heard", allow=Allow.ANYONE)
def heard_moved(slug: str) -> ResponseReturnValue:
    """Redirect from the earlier address of this page."""
    query = request.query_string.decode("ascii", "ignore")
    return redirect(url_for(".heard", slug=slug) + (f"?{query}" if query else ""), 308)


@blueprint.route("/c/<slug>/said", allow=Allow.ANYONE)
def heard(slug: str) -> ResponseReturnValue:
    page = results_cache.get_page(db.session(), slug, about=request.args.get("about", ""))
    places = {row.key: row for row in page.data.places} if page.data else {}

    def made() -> str:
        replies = get_place_replies(db.session(), page.consultation.id, now().date())
        argued = bool(page.data and page.data.arguments) and not page.topic
        return render_template(
            "digests/heard.html",
            page=page,
            places=places,
            say=phrases,
            tell=template_helpers,
            claims=claims,
            contributors=contributors,
            overview=_overview(page, replies),
            replies=replies,
            slot=collect(db.session(), HeardAnswers(page.consultation, argued)),
        )

    return (
        page_cache.cached_response(page_cache.page_tag(*page.stamp), made) if page_cache.is_plain_visitor() else made()
    )


def _overview(page: results_cache.WhatWeHeard, replies: Mapping[str, PlaceReply]) -> Overview:
    """Return the chart of the draft, or of one `chapter`. Empty if the page is filtered by topic."""
    if page.data is None or page.topic:
        return Overview(None)
    tree = comments_queries.get_provision_tree(db.session(), page.consultation.version_id or 0)
    chapter = request.args.get("chapter", "")
    return build_overview(
        page.data,
        tree,
        page.titles,
        language=page.consultation.language,
        chapter=chapter,
        reply=lambda key: template_helpers.reply(replies.get(key)),
    )


@blueprint.route("/c/<slug>/heard/<name>.csv", allow=Allow.ANYONE)
def heard_csv(slug: str, name: str) -> ResponseReturnValue:
    return csv_file(f"{slug}-{name}.csv", results_cache.get_table(db.session(), slug, name))


@blueprint.route("/c/<slug>/heard/list/<what>", allow=Allow.ANYONE)
def heard_list(slug: str, what: str) -> ResponseReturnValue:
    """Show the list behind a number of the page. Unpublished submissions have no text and reference."""
    row, counted = results_cache.get_numbers(db.session(), slug)
    listed = lists_queries.get_list(db.session(), counted, what, after=request.args.get("after"))
    return render_template(
        "digests/list.html",
        listing=listed,
        title=list_headings.title(listed),
        lead=list_headings.public_lead(),
        head=list_headings,
        slug=slug,
        zone=row.timezone,
        over=row.title,
        references=False,
        crumbs=[(_("What we heard"), url_for("digests.heard", slug=slug))],
        way=partial(url_for, "digests.heard_list", slug=slug, what=what),
        file=url_for("digests.heard_list_csv", slug=slug, what=what),
    )


@blueprint.route("/c/<slug>/heard/list/<what>.csv", allow=Allow.ANYONE)
@limiter.limit("60 per hour")
def heard_list_csv(slug: str, what: str) -> ResponseReturnValue:
    """Return the whole list as a CSV file, newest first."""
    _row, counted = results_cache.get_numbers(db.session(), slug)
    rows = list_rows(lists_queries.iterate_list(db.session(), counted, what), references=False)
    return csv_file(f"{slug}-{list_file_name(what)}.csv", rows)


def list_rows(lines: Iterable[lists_queries.ListedSubmission], *, references: bool) -> Iterable[Sequence[object]]:
    """Yield a list as rows of a file. References of unpublished submissions are included only if `references`."""
    yield ("reference", "state", "day", "name", "language", "kind_of_comment", "words", "stands_for")
    for line in lines:
        open_to_all = references or line.state is State.PUBLISHED
        yield (
            line.reference if open_to_all else "",
            str(line.state),
            line.at.date() if line.at else "",
            line.name or "",
            line.language,
            line.stance or "",
            line.words or "",
            line.copies,
        )


def list_file_name(what: str) -> str:
    """Return the name of a list with all but ASCII letters, digits and `_` replaced by hyphens, for a file name."""
    return re.sub(r"[^\w-]+", "-", what, flags=re.ASCII)


def csv_file(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """Stream rows as a CSV file whose cells spreadsheets do not run as formulas."""
    disposition = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(stream_rows(map(csv_line, rows)), mimetype="text/csv", headers=disposition)


@blueprint.route("/c/<slug>/heard/unplaced", allow=Allow.ANYONE)
def unplaced(slug: str) -> ResponseReturnValue:
    page = results_cache.get_page(db.session(), slug)
    listed = results_cache.list_unplaced(db.session(), page.consultation.id, after=request.args.get("after"))
    return render_template("digests/unplaced.html", page=page, listed=listed)
