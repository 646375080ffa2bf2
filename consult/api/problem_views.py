"""Error responses of the interface, and the description of each problem type."""

from __future__ import annotations

import msgspec
from flask import Response

from consult.api.problems import PROBLEM_TYPES, ProblemDetails, list_field_errors, name_problem
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.logs import get_request_id
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.requests import Blueprint

blueprint = Blueprint("api_problems", __name__)


def format_error(status: int, message: str, error: Exception | None) -> Response:
    """Return an error as problem details."""
    name = name_problem(status, error)
    body = ProblemDetails(
        public_url("api_problems.describe", name=name),
        _(PROBLEM_TYPES[name].title),
        status,
        message,
        list_field_errors(error, message),
        get_request_id() if status >= 500 else None,
    )
    answer = Response(msgspec.json.encode(body), status, content_type="application/problem+json")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@blueprint.route("/api/v1/problems/<name>", allow=Allow.ANYONE)
def describe(name: str) -> Response:
    """Describe a problem type."""
    kind = PROBLEM_TYPES.get(name)
    if kind is None:
        raise NotFound(_("We cannot find this type of problem."))
    body = ProblemDetails(public_url("api_problems.describe", name=name), _(kind.title), kind.status)
    return Response(msgspec.json.encode(body), content_type="application/json")
