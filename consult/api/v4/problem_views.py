"""Errors in the shapes of regulations.gov: JSON:API errors, and those of its gateway for keys and limits."""

from __future__ import annotations

import json

from flask import Response

from consult.api.v4 import keys
from consult.api.v4.refusals import KeyProblem

JSON_API = "application/vnd.api+json"
_STATUS = {401: 403, 409: 400, 412: 400, 413: 400, 415: 400, 422: 400, 428: 400}
"""Statuses that clients do not expect, and those sent instead."""
_TITLES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def format_error(status: int, message: str, error: Exception | None) -> Response:
    """Return an error as the clients of regulations.gov read it. `status` in the body is a string."""
    sent = _STATUS.get(status, status)
    if isinstance(error, KeyProblem) or sent == 429:
        code = error.code if isinstance(error, KeyProblem) else "OVER_RATE_LIMIT"
        body: object = {"error": {"code": code, "message": message}}
    else:
        body = {"errors": [{"status": str(sent), "title": _TITLES.get(sent, "Error"), "detail": message}]}
    answer = Response(json.dumps(body), sent, content_type=JSON_API)
    keys.add_headers(answer)
    return answer
