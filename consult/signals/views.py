"""Public pages of early warning: /signals, a signal, the totals of reports, and feeds."""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from consult.consultations.followers.feeds import FeedItem
from consult.consultations.view_helpers import render_feed
from consult.core.clock import now
from consult.core.db import db
from consult.core.i18n import _, current_language
from consult.core.text import one_line
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.requests import Blueprint, principal, settings
from consult.signals import books, queries
from consult.signals.advice import ambulances
from consult.signals.advice.steps import find_class, load_advice
from consult.signals.labels import CONFIDENCE, LEVEL_MEANINGS, LEVELS, STATES, SUBJECT_LEVELS
from consult.signals.model import SignalState
from consult.signals.on_call import service as on_call
from consult.signals.places.regions import get_country_name
from consult.signals.queries import PublicSignal
from consult.signals.warnings import PARTS

blueprint = Blueprint("signals", __name__)


def _country() -> str:
    return one_line(request.args.get("country", ""))[:2].upper()


@blueprint.route("/signals", allow=Allow.ANYONE)
def overview() -> ResponseReturnValue:
    session, language = db.session(), current_language()
    seen = [(code, get_country_name(code, language)) for code in queries.list_countries_seen(session)]
    return render_template(
        "signals/overview.html",
        found=queries.get_overview(session, nearest=_country()),
        books=books.count_books(session, at=now()),
        seen=sorted(seen, key=lambda pair: pair[1]),
        country=_country(),
        meanings=LEVEL_MEANINGS,
        levels=LEVELS,
        flooded=[get_country_name(code, language) for code in on_call.list_flooded(session, at=now())],
        at=now(),
    )


@blueprint.route("/signals/<slug>", allow=Allow.ANYONE)
def one(slug: str) -> ResponseReturnValue:
    page = queries.get_page(db.session(), slug)
    person, into = principal(), page.into
    return render_template(
        "signals/one.html",
        page=page,
        into_title=queries.name_signals(db.session(), [into], current_language())[into.id] if into else "",
        it=page.signal,
        row=page.signal.row,
        at=now(),
        grounds=CONFIDENCE,
        advice=load_advice(find_class(db.session(), page.signal.substance)),
        ambulance=ambulances.find_ambulance(page.signal.row.country),
        ambulance_source=ambulances.SOURCE,
        country=get_country_name(page.signal.row.country, current_language()),
        checked=ambulances.CHECKED_ON,
        asks=person is not None and person.role in ("policymaker", "admin"),
    )


@blueprint.route("/signals/books", allow=Allow.ANYONE)
def books_page() -> ResponseReturnValue:
    """Show the totals of reports by standing, and how many were assessed in time."""
    return render_template("signals/books.html", books=books.count_books(db.session(), at=now()))


@blueprint.route("/signals.atom", allow=Allow.ANYONE)
def atom() -> ResponseReturnValue:
    """Return signals as Atom, of one country with `?country=EC`. Source: RFC 4287."""
    overview = queries.get_overview(db.session(), country=_country())
    items = [_feed_item(it) for it in (*overview.current, *overview.ended)]
    return render_feed(_("Early warning"), public_url("signals.overview"), items)


def _feed_item(it: PublicSignal) -> FeedItem:
    language, words = it.text(current_language())
    sure = [] if it.row.state is SignalState.RETRACTED else [str(CONFIDENCE[it.row.confidence])]
    said = "\n".join([it.place(language), *sure, *filter(None, (words.get(part) for part in PARTS[1:]))])
    at = max(it.row.level_at, it.warning.published_at or it.row.level_at) if it.warning else it.row.level_at
    return FeedItem(
        f"tag:{settings().host},2026:signal-{it.row.id}",
        _entitle(it, language),
        public_url("signals.one", slug=it.row.slug),
        max(at, it.row.closed_at or at),
        said,
        language,
    )


def _entitle(it: PublicSignal, language: str) -> str:
    """Return a title as in e-mail subjects. Ended signals begin with their state instead of a level."""
    if it.row.state is SignalState.RETRACTED:
        return _("RETRACTED: %(finding)s, %(place)s", finding=it.title(language), place=it.place(language))
    stands = SUBJECT_LEVELS[it.row.level] if it.row.state is SignalState.OPEN else STATES[it.row.state]
    return f"{stands}: {it.title(language)}"


@blueprint.route("/signals.json", allow=Allow.ANYONE)
def listed_json() -> ResponseReturnValue:
    """Return signals as JSON, of one country with `?country=EC`."""
    overview = queries.get_overview(db.session(), country=_country())
    return jsonify({"signals": [_record(it) for it in (*overview.current, *overview.ended)]})


@blueprint.route("/signals/<slug>.json", allow=Allow.ANYONE)
def one_json(slug: str) -> ResponseReturnValue:
    return jsonify(_record(queries.get_page(db.session(), slug).signal))


def _record(it: PublicSignal) -> dict[str, Any]:
    return queries.to_json(it, url=public_url("signals.one", slug=it.row.slug))
