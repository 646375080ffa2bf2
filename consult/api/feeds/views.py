"""The feed of all public events with its archive, and the sitemap."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response
from flask.typing import ResponseReturnValue

from consult.api.feeds import events, sitemap
from consult.consultations.view_helpers import render_feed, tag_file
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.requests import Blueprint

blueprint = Blueprint("feeds", __name__)
_XML = "application/xml"


@blueprint.route("/changes.atom", allow=Allow.ANYONE)
def newest() -> ResponseReturnValue:
    """Return the newest public events: those of the last complete document and of the one that still grows."""
    session = db.session()
    whole = events.count_archives(session)
    items = events.list_events(session, document=whole + 1)
    if whole:
        items += events.list_events(session, document=whole)
    links = {"prev-archive": public_url("feeds.archive", document=whole - 1)} if whole > 1 else {}
    return render_feed(_("All public events"), public_url("site.home"), items, links)


@blueprint.route("/changes/<int(max=9999999):document>.atom", allow=Allow.ANYONE)
def archive(document: int) -> ResponseReturnValue:
    """Return a complete document of public events. New events are added to later documents."""
    session = db.session()
    whole = events.count_archives(session)
    if not 1 <= document <= whole:
        raise NotFound(_("This page of the list does not exist. Start from the first page."))
    links = {"current": public_url("feeds.newest")}
    if document > 1:
        links["prev-archive"] = public_url("feeds.archive", document=document - 1)
    if document < whole:
        links["next-archive"] = public_url("feeds.archive", document=document + 1)
    items = events.list_events(session, document=document)
    return render_feed(_("All public events"), public_url("site.home"), items, links)


@blueprint.route("/sitemap.xml", allow=Allow.ANYONE)
def index() -> ResponseReturnValue:
    """Return the list of the site's lists of pages. Source: sitemaps.org."""
    counts = sitemap.count_pages(db.session())
    addresses = (
        public_url("feeds.pages", topic=topic, part=part)
        for topic, parts in counts.items()
        for part in range(1, parts + 1)
    )
    return _xml("sitemapindex", "sitemap", addresses)


@blueprint.route("/sitemap/<topic>-<int(max=9999):part>.xml", allow=Allow.ANYONE)
def pages(topic: str, part: int) -> ResponseReturnValue:
    """Return a list of pages."""
    if part not in range(1, sitemap.count_pages(db.session()).get(topic, 0) + 1):
        raise NotFound(_("This page of the list does not exist. Start from the first page."))
    return _xml("urlset", "url", sitemap.list_pages(db.session(), topic, part))


def _xml(root: str, element: str, rows: Iterator[str]) -> Response:
    return tag_file(Response(sitemap.write_xml(root, element, rows), mimetype=_XML))
