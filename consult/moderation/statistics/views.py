"""Moderation statistics: exact for moderators and the owner, rounded for the public."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations import queries as consultations
from consult.consultations.model import Consultation
from consult.consultations.rights import Deed
from consult.core.db import db
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.decisions.reasons import load_names
from consult.moderation.statistics import service as statistics

blueprint = Blueprint("statistics", __name__)
_OWN = "/desk/consultations/<int(max=9223372036854775807):number>/moderation"


@blueprint.route("/moderation/statistics", allow=Allow.ANYONE)
def public() -> ResponseReturnValue:
    return _page(None, public=True)


@blueprint.route("/moderation/statistics.csv", allow=Allow.ANYONE)
@limiter.limit("60 per hour")
def public_csv() -> ResponseReturnValue:
    return _csv(statistics.get_statistics(db.session(), public=True))


@blueprint.route("/review/statistics", allow=Allow.MODERATOR)
def inside() -> ResponseReturnValue:
    return _page(
        _requested_consultation(), here="statistics.inside", consultation=request.args.get("consultation") or None
    )


@blueprint.route("/review/statistics.csv", allow=Allow.MODERATOR)
def inside_csv() -> ResponseReturnValue:
    asked = _requested_consultation()
    return _csv(statistics.get_statistics(db.session(), consultation_id=asked.id if asked else None))


@blueprint.route(_OWN, allow=Allow.POLICYMAKER)
def own(number: int) -> ResponseReturnValue:
    return _page(_owned_consultation(number), here="statistics.own", number=number)


@blueprint.route(_OWN + ".csv", allow=Allow.POLICYMAKER)
def own_csv(number: int) -> ResponseReturnValue:
    return _csv(statistics.get_statistics(db.session(), consultation_id=_owned_consultation(number).id))


def _requested_consultation() -> Consultation | None:
    slug = request.args.get("consultation")
    return statistics.get_consultation(db.session(), slug) if slug else None


def _owned_consultation(number: int) -> Consultation:
    me = cast("Account", principal())
    return consultations.get_sheet(db.session(), number=number, by=me, deed=Deed.SEE).consultation


def _page(it: Consultation | None, *, public: bool = False, here: str = "statistics.public", **where: Any) -> str:
    shown = statistics.get_statistics(db.session(), consultation_id=it.id if it else None, public=public)
    return render_template(
        "moderation/statistics.html",
        statistics=shown,
        reasons=load_names(db.session(), [row.name or None for row in shown.by.get("reason", ())]),
        it=it,
        floor=statistics.MIN_PUBLIC_COUNT,
        decided=statistics.DECISION_KINDS,
        csv=url_for(f"{here}_csv", **where),
    )


def _csv(made: statistics.ModerationStatistics) -> Response:
    disposition = {"Content-Disposition": "attachment; filename=moderation.csv"}
    return Response("".join(statistics.statistics_csv(made)), mimetype="text/csv", headers=disposition)
