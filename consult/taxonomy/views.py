"""Pages of the vocabularies and their SKOS files."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.taxonomy import lenses, queries, service

blueprint = Blueprint("taxonomy", __name__)
_MOST_UNFOLDED = 60
"""Terms of a vocabulary: a longer one shows its first level and folds the others, or a phone shows 25 screens."""
_CONTEXT = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "label": {"@id": "skos:prefLabel", "@container": "@language"},
    "other": {"@id": "skos:altLabel", "@container": "@language"},
    "source": "dct:source",
    "notation": "skos:notation",
    "scheme": {"@id": "skos:inScheme", "@type": "@id"},
    "broader": {"@id": "skos:broader", "@type": "@id"},
}


@blueprint.route("/taxonomy", allow=Allow.ANYONE)
def index() -> ResponseReturnValue:
    return render_template("taxonomy/index.html", schemes=queries.list_schemes(db.session()))


@blueprint.route("/taxonomy/<notation>", allow=Allow.ANYONE)
def scheme(notation: str) -> ResponseReturnValue:
    row = queries.get_scheme(db.session(), notation)
    terms = queries.list_terms(db.session(), row.id)
    long = len(terms) > _MOST_UNFOLDED
    return render_template("taxonomy/scheme.html", scheme=row, branches=queries.build_tree(terms), long=long)


@blueprint.route("/taxonomy/<scheme>/<notation>", allow=Allow.ANYONE)
def term(scheme: str, notation: str) -> ResponseReturnValue:
    """Show the newest items of each kind related to a term and those below it, in all consultations."""
    page = queries.get_term_page(db.session(), scheme, notation)
    return render_template("taxonomy/term.html", page=page, groups=lenses.look(db.session(), page.with_narrower))


@blueprint.route("/taxonomy/<scheme>/<notation>/<kind>", allow=Allow.ANYONE)
def lens(scheme: str, notation: str, kind: str) -> ResponseReturnValue:
    """List all items of one kind, newest first."""
    page, after = queries.get_term_page(db.session(), scheme, notation), request.args.get("after")
    shown, items = lenses.list_page(db.session(), kind, page.with_narrower, after=after)
    return render_template("taxonomy/lens.html", page=page, lens=shown, items=items, first_page=not after)


@blueprint.route("/taxonomy/<notation>.jsonld", allow=Allow.ANYONE)
def linked(notation: str) -> ResponseReturnValue:
    [vocabulary] = service.export_vocabularies(db.session(), notation)
    graph: list[dict[str, Any]] = [
        {
            "@id": vocabulary.uri,
            "@type": "skos:ConceptScheme",
            "notation": vocabulary.notation,
            "label": vocabulary.labels,
        }
    ]
    for concept in vocabulary.concepts:
        fields = {
            "@id": concept.uri,
            "@type": "skos:Concept",
            "scheme": vocabulary.uri,
            "notation": concept.notation,
            "label": concept.labels,
            "other": concept.others,
            "broader": concept.broader,
            "source": concept.source,
        }
        graph.append({name: value for name, value in fields.items() if value})
    body = json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False)
    return Response(body, mimetype="application/ld+json")
