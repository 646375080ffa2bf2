"""Pages of substances: the list, a record, and for assessors its form and the names that no substance has."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations.view_helpers import current_account, render_form, show_refusal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language, ngettext
from consult.core.text import one_line
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.signals.figures.bands import band
from consult.signals.labels import RECORD_PROBLEMS
from consult.signals.places.regions import name_place
from consult.signals.queries import name_signals
from consult.signals.substances import matches, records
from consult.signals.substances.record_forms import NameMatchForm, build_record_form
from consult.signals.substances.values import MAX_CONTROLS, MAX_STRIPS
from consult.signals.triage import seats
from consult.taxonomy import queries as taxonomy

blueprint = Blueprint("substances", __name__)
SCHEME = "substances"


@blueprint.route("/substances", allow=Allow.ANYONE)
def listed() -> ResponseReturnValue:
    """List the substances that have a record, or all whose name or family is like `q`."""
    session, language = db.session(), current_language()
    asked = one_line(request.args.get("q", ""))[:100]
    terms = matches.list_terms(session)
    families = {term.broader_id for term in terms}
    substances = [term for term in terms if term.id not in families]
    kept = records.map_records(session)
    if asked:
        match = matches.load_index(session, terms).match(asked)
        wanted = {*match.certain, *(number for number, _likeness in match.proposed)}
        narrower = taxonomy.map_narrower(terms)
        wanted |= {below for number in tuple(wanted) for below in narrower.get(number, ())}
        substances = [term for term in substances if term.id in wanted]
    else:
        substances = [term for term in substances if term.id in kept]
    return render_template(
        "signals/substances.html",
        substances=sorted(substances, key=lambda term: term.label(language).casefold()),
        records=kept,
        asked=asked,
    )


@blueprint.route("/substances/<notation>", allow=Allow.ANYONE)
def one(notation: str) -> ResponseReturnValue:
    session, person = db.session(), cast("Account | None", principal())
    page = taxonomy.get_term_page(session, SCHEME, notation)
    signals = records.list_signals(session, page.term.id)
    return render_template(
        "signals/substance.html",
        term=page.term,
        above=page.above,
        values=records.read_values(records.get_record(session, page.term.id)),
        aliases=records.list_aliases(session, [page.term.id]).get(page.term.id, []),
        findings=records.list_findings(session, page.term.id),
        signals=signals,
        titles=name_signals(session, signals, current_language()),
        edits=records.list_edits(session, page.term.id),
        band=band,
        place=lambda country, region: name_place(country, region, current_language(), None),
        may_edit=person is not None and seats.may_check(session, person),
    )


@blueprint.route("/review/substances/<notation>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def edit(notation: str) -> ResponseReturnValue:
    """Edit a record, with a reason. Only assessors may."""
    me, session = current_account(), db.session()
    seats.check(session, me)
    term = taxonomy.get_term(session, SCHEME, notation)
    row = records.get_record(session, term.id)
    form = build_record_form(records.read_values(row), row.revision if row else 0)
    if form.validate_on_submit():
        revision = int(form.revision.data) if form.revision.data.isdecimal() else None
        try:
            records.save_record(session, term, form.values(), by=me, reason=form.reason.data or "", revision=revision)
        except records.RecordRefused as refused:
            show_refusal(form, Refusal(str(RECORD_PROBLEMS[refused.problem]), field=refused.field))
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Record saved."), "ok")
            return redirect(url_for("substances.one", notation=notation), 303)
    return render_form("signals/edit_substance.html", form, term=term, max_controls=MAX_CONTROLS, max_strips=MAX_STRIPS)


@blueprint.route("/review/substances", allow=Allow.MODERATOR, methods=["GET", "POST"])
def names() -> ResponseReturnValue:
    """List the names in samples that no substance has, and match one. Only assessors may."""
    me, session, language = current_account(), db.session(), current_language()
    seats.check(session, me)
    terms = matches.list_terms(session)
    choices = sorted(((term.id, term.label(language)) for term in terms), key=lambda pair: pair[1].casefold())
    form = NameMatchForm(choices)
    if form.validate_on_submit():
        try:
            chosen = next((term for term in terms if str(term.id) == form.substance.data), None)
            if chosen is None:
                raise Refusal(_("Choose a substance."), field="substance")
            count = records.match_name(session, form.words.data or "", chosen, by=me)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(ngettext("Name matched in %(num)s finding.", "Name matched in %(num)s findings.", count), "ok")
            return redirect(url_for("substances.names"), 303)
    index = matches.load_index(session, terms)
    unmatched = [(words, count, index.match(words).proposed) for words, count in records.list_unmatched(session)]
    return render_form("signals/substance_names.html", form, unmatched=unmatched, choices=choices, labels=dict(choices))
