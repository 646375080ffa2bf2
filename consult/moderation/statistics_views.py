"""What moderation did, in numbers: exact for moderators and the owner, rounded for everybody."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations import queries as consultations
from consult.consultations.model import Consultation
from consult.core.access import Allow
from consult.core.db import db
from consult.core.limits import limiter
from consult.core.web import Blueprint, principal
from consult.moderation import counting

blueprint = Blueprint("statistics", __name__)
_OWN = "/desk/consultations/<int(max=9223372036854775807):number>/moderation"


@blueprint.route("/moderation/statistics", allow=Allow.ANYONE)
def public() -> ResponseReturnValue:
    return _page(None, public=True)


@blueprint.route("/moderation/statistics.csv", allow=Allow.ANYONE)
@limiter.limit("60 per hour")
def public_csv() -> ResponseReturnValue:
    return _csv(counting.statistics(db.session(), public=True))


@blueprint.route("/review/statistics", allow=Allow.MODERATOR)
def inside() -> ResponseReturnValue:
    return _page(_asked(), here="statistics.inside", consultation=request.args.get("consultation") or None)


@blueprint.route("/review/statistics.csv", allow=Allow.MODERATOR)
def inside_csv() -> ResponseReturnValue:
    asked = _asked()
    return _csv(counting.statistics(db.session(), consultation_id=asked.id if asked else None))


@blueprint.route(_OWN, allow=Allow.POLICYMAKER)
def own(number: int) -> ResponseReturnValue:
    return _page(_mine(number), here="statistics.own", number=number)


@blueprint.route(_OWN + ".csv", allow=Allow.POLICYMAKER)
def own_csv(number: int) -> ResponseReturnValue:
    return _csv(counting.statistics(db.session(), consultation_id=_mine(number).id))


def _asked() -> Consultation | None:
    slug = request.args.get("consultation")
    return counting.named(db.session(), slug) if slug else None


def _mine(number: int) -> Consultation:
    return consultations.sheet(db.session(), number=number, by=cast("Account", principal())).consultation


def _page(it: Consultation | None, *, public: bool = False, here: str = "statistics.public", **where: Any) -> str:
    made = counting.statistics(db.session(), consultation_id=it.id if it else None, public=public)
    return render_template(
        "moderation/statistics.html", made=made, it=it, floor=counting.FLOOR, decided=counting.DECIDED,
        csv=url_for(f"{here}_csv", **where),
    )  # fmt: skip


def _csv(made: counting.Statistics) -> Response:
    disposition = {"Content-Disposition": "attachment; filename=moderation.csv"}
    return Response("".join(counting.as_csv(made)), mimetype="text/csv", headers=disposition)
